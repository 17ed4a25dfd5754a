"""Batch over the scene: what is offered, per-row protocols, failures, cancellation, what is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_standardizing import WITHIN_S, add_volume, small_ct, volumes
from panel_traces import traces

BUSY_S = 0.1
M80 = {"SeriesDescription": "Monoenergetic Plus 80 keV"}


def section_of(module: Any) -> Any:
    return next(one for one in module.widget.sections if type(one).__name__ == "BatchSection")


def start(host: Any, module: Any) -> Any:
    module.widget.enter()
    ui = module.widget.ui
    assert ui.batchStartButton.enabled, ui.batchReasonLabel.text
    ui.batchStartButton.click()
    return ui


def wait(host: Any, module: Any) -> None:
    ui = module.widget.ui
    host.process_events(lambda: ui.batchStartButton.text == "Standardize all", WITHIN_S)


def rows(module: Any, *columns: str) -> list[tuple[str, ...]]:
    """Some columns of the table node."""
    table = section_of(module).parameters.batch_table.GetTable()
    return [
        tuple(table.GetValueByName(row, column).ToString() for column in columns)
        for row in range(table.GetNumberOfRows())
    ]


def names(table: Any) -> list[str]:
    return [table.item(row, 0).text() for row in range(table.rowCount)]


@pytest.mark.slow
def test_all_volumes_of_the_scene(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer
    from PySide6 import QtCore

    ui = module.widget.ui
    module.widget.enter()
    assert ui.batchReasonLabel.text == "There is no CT in the scene that could be standardized; load some."
    first = add_volume(small_ct(), "first")
    no_hu = sitk.Clamp(small_ct(), lowerBound=0, upperBound=300) + 10
    for image, name in ((no_hu, "no HU"), (small_ct(), "unticked"), (small_ct(1), "last")):
        add_volume(image, name)
    gone = add_volume(small_ct(), "gone")
    add_volume(small_ct(), "mono", **M80)
    add_volume(small_ct()[:, :, :2], "two")
    module.widget.enter()
    table = ui.batchVolumesTable
    assert names(table) == ["first", "no HU", "unticked", "last", "gone", "mono"]
    assert "two has 2 slices" in ui.batchSkippedLabel.text
    table.item(2, 0).setCheckState(QtCore.Qt.CheckState.Unchecked)
    box = table.cellWidget(0, 1)
    box.setCurrentIndex(box.findData("FBP"))
    assert first.GetAttribute("LiverCNN.StatedProtocol") == "FBP"
    watch = EventLoopWatch()
    start(host, module)
    host.select_module("Volumes")  # it goes on
    slicer.mrmlScene.RemoveNode(gone)
    wait(host, module)
    assert watch.stop() < BUSY_S
    assert rows(module, "case", "status", "protocol") == [
        ("first", "done", "FBP"),
        ("no HU", "failed", ""),
        ("last", "done", "uncertain: FBP or IR or OPT or M60 or M80"),
        ("gone", "failed", ""),
        ("mono", "skipped", "M80"),
    ]
    reasons = [reason for (reason,) in rows(module, "error")]
    assert reasons[1].startswith("This does not look like a CT in Hounsfield units")
    assert reasons[3] == "The volume was removed before its turn."
    assert reasons[4].startswith("mono is M80 already")
    assert ui.batchStatusLabel.text == "2 standardized, 1 skipped, 2 failed."
    assert {"first (M80)", "last (M80)"} <= volumes()

    host.select_module("LiverStandardize")
    slicer.mrmlScene.RemoveNode(slicer.util.getNode("no HU"))
    start(host, module)
    wait(host, module)
    assert rows(module, "case", "status") == [("first", "skipped"), ("last", "skipped"), ("mono", "skipped")]
    assert rows(module, "error", "result")[0] == ("Its result was there.", "first (M80)")
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert ui.batchTableView.mrmlTableNode() is None
    host.open_scene(tmp_path / "scene.mrb")
    module.widget.enter()
    assert rows(module, "status") == [("skipped",)] * 3
    assert names(table) == ["first", "unticked", "last", "mono"]
    assert table.cellWidget(0, 1).currentData == "FBP"
    assert table.item(1, 0).checkState() == QtCore.Qt.CheckState.Unchecked


@pytest.fixture
def running(host: Any, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a batch of three volumes at work; afterwards no trace of it may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = traces()
    for name in ("one", "two", "three"):
        add_volume(small_ct(), name)
    start(host, module)
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 60)
    yield module
    host.process_events(lambda: traces() <= before, 10)


def test_cancel_keeps_what_is_finished_and_begins_nothing(host: Any, running: Any) -> None:
    running.widget.ui.batchStartButton.click()
    host.process_events(lambda: running.widget.ui.batchStartButton.text == "Standardize all", 3)
    assert running.widget.ui.batchStatusLabel.text == "1 cancelled, 2 not begun."
    assert volumes() == {"one", "two", "three"}


def test_closing_the_scene_ends_the_batch(host: Any, running: Any) -> None:
    host.close_scene()
    host.process_events(lambda: running.widget.ui.batchStartButton.text == "Standardize all", 3)
    text = "Cancelled, because the scene was closed. 1 cancelled, 2 not begun."
    assert running.widget.ui.batchStatusLabel.text == text
    assert volumes() == set()


def test_a_reload_ends_the_batch(host: Any, running: Any) -> None:
    running.widget.onReload()
    assert running.widget.ui.batchStartButton.text == "Standardize all"


def test_quitting_ends_the_batch(host: Any, running: Any) -> None:
    host.finish()
