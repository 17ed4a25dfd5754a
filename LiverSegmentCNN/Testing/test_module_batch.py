"""The batch section: many volumes and many files with the real worker, bad ones among them; interruptions."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_driving import LIVER_LABEL, MODULE, WITHIN_S, add_volume, dice, mask_of
from panel_traces import traces

BUSY_S = 0.1


def section_of(module: Any) -> Any:
    return next(one for one in module.widget.sections if type(one).__name__ == "BatchSection")


def mr_like(abdomen: Any) -> sitk.Image:
    """What cannot be segmented as CT, refused at once."""
    return sitk.Cast(sitk.Clamp(abdomen.image, lowerBound=0, upperBound=300) + 10, sitk.sitkInt16)


def start(module: Any) -> Any:
    ui = section_of(module).ui
    assert ui.batchStartButton.enabled, ui.batchReasonLabel.text
    ui.batchStartButton.click()
    return ui


def wait(host: Any, module: Any) -> None:
    ui = section_of(module).ui
    host.process_events(lambda: ui.batchStartButton.text == "Segment all", WITHIN_S)


def rows(module: Any) -> list[tuple[str, str]]:
    """Case and status of each row of the table node."""
    table = section_of(module).parameters.batch_table.GetTable()
    return [
        (table.GetValueByName(row, "case").ToString(), table.GetValueByName(row, "status").ToString())
        for row in range(table.GetNumberOfRows())
    ]


def segmentations() -> set[str]:
    import slicer

    return {node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode")}


@pytest.mark.slow
def test_all_volumes_of_the_scene(host: Any, module: Any, abdomen: Any, tmp_path: Path) -> None:
    import slicer

    ui = section_of(module).ui
    module.widget.enter()
    assert ui.batchReasonLabel.text == "There is no CT in the scene; load some."
    first = add_volume(abdomen.image, "first")
    add_volume(mr_like(abdomen), "MR")
    last = add_volume(abdomen.image, "last")
    gone = add_volume(abdomen.image, "gone")
    host.process_events(lambda: ui.batchStartButton.enabled, 5)
    watch = EventLoopWatch()
    start(module)
    host.select_module("Volumes")  # it goes on
    slicer.mrmlScene.RemoveNode(gone)
    wait(host, module)
    assert watch.stop() < BUSY_S
    expected = [("first", "done"), ("MR", "failed"), ("last", "done"), ("gone", "failed")]
    assert rows(module) == expected
    assert ui.batchStatusLabel.text == "2 segmented, 2 failed."
    assert segmentations() == {"first liver", "last liver"}
    truth = sitk.GetArrayFromImage(abdomen.labels) == LIVER_LABEL
    assert dice(mask_of(slicer.util.getNode("last liver"), "liver", last), truth) > 0.8
    table = section_of(module).parameters.batch_table
    voxel_ml = np.prod(first.GetSpacing()) / 1000
    volume_ml = np.count_nonzero(mask_of(slicer.util.getNode("first liver"), "liver", first)) * voxel_ml
    assert table.GetTable().GetValueByName(0, "volume_ml").ToDouble() == pytest.approx(volume_ml, abs=0.06)
    assert "does not look like a CT" in table.GetTable().GetValueByName(1, "error").ToString()
    assert table.GetTable().GetValueByName(3, "error").ToString() == "The volume was removed before its turn."

    host.select_module("LiverSegmentCNN")
    slicer.mrmlScene.RemoveNode(slicer.util.getNode("MR"))
    start(module)
    wait(host, module)
    assert rows(module) == [("first", "skipped"), ("last", "skipped")]
    assert ui.batchStatusLabel.text == "2 skipped, as their results were there."
    assert segmentations() == {"first liver", "last liver"}
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert ui.batchTableView.mrmlTableNode() is None
    host.open_scene(tmp_path / "scene.mrb")
    assert rows(module) == [("first", "skipped"), ("last", "skipped")]
    assert ui.batchTableView.mrmlTableNode().GetTable().GetNumberOfRows() == 2


@pytest.fixture
def folders(abdomen: Any, tmp_path: Path) -> tuple[Path, Path]:
    scans, results = tmp_path / "scans", tmp_path / "results"
    (scans / "deep").mkdir(parents=True)
    results.mkdir()
    sitk.WriteImage(abdomen.image, str(scans / "a.nii.gz"))
    sitk.WriteImage(mr_like(abdomen), str(scans / "deep" / "mr.nrrd"))
    (scans / "notes.txt").write_text("no image")
    return scans, results


def choose_folders(module: Any, scans: Path, results: Path) -> Any:
    ui = section_of(module).ui
    ui.batchSourceBox.setCurrentIndex(ui.batchSourceBox.findData("folder"))
    ui.batchFolderEdit.setCurrentPath(str(scans))
    ui.batchOutputEdit.setCurrentPath(str(results))
    return ui


@pytest.mark.slow
def test_all_scans_of_a_folder(host: Any, module: Any, folders: tuple[Path, Path]) -> None:
    scans, results = folders
    ui = choose_folders(module, scans, results)
    watch = EventLoopWatch()
    start(module)
    wait(host, module)
    assert watch.stop() < BUSY_S
    assert rows(module) == [("a", "done"), ("deep_mr", "failed")]
    assert sorted(path.name for path in results.iterdir()) == ["a.json", "a.seg.nrrd", "livercnn-batch.csv"]
    with open(results / "livercnn-batch.csv", encoding="utf-8", newline="") as stream:
        assert [(row["case"], row["status"]) for row in csv.DictReader(stream)] == rows(module)
    assert segmentations() == set()
    assert ui.batchStatusLabel.text == "1 segmented, 1 failed."

    start(module)
    wait(host, module)
    assert rows(module) == [("a", "skipped"), ("deep_mr", "failed")]


def test_what_cannot_be_begun_is_a_sentence(
    host: Any, module: Any, folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverCoreScene import model_choice

    scans, results = folders
    ui = choose_folders(module, Path(), Path())
    section_of(module).parameters.batch_folder = ""
    assert ui.batchReasonLabel.text == "Choose the folder that holds the scans."
    section_of(module).parameters.batch_output_folder = ""
    ui.batchFolderEdit.setCurrentPath(str(scans))
    assert ui.batchReasonLabel.text == "Choose the folder for the results."
    (tmp_path / "file").write_text("")
    nowhere, file = tmp_path / "nowhere", tmp_path / "file"
    for places, sentence in (
        ((nowhere, results), f"The folder {nowhere} does not exist; choose another one."),
        ((results, results), f"No scan was found in {results}; it must hold "),
        ((scans, nowhere), f"The folder {nowhere} does not exist; create it"),
        ((scans, file), f"{file} is a file, not a folder; choose another folder."),
    ):
        choose_folders(module, *places)
        start(module)
        wait(host, module)
        assert ui.batchStatusLabel.text.startswith(sentence)
        assert section_of(module).parameters.batch_table is None
    with monkeypatch.context() as without_torch:
        without_torch.setattr(model_choice, "missing_packages", lambda: ("PyTorch",))
        module.widget.enter()
        assert ui.batchReasonLabel.text == "Not installed: PyTorch. Install what is missing in Liver Set-up."
    module.widget.enter()
    assert ui.batchReasonLabel.text == ""


@pytest.fixture
def running(host: Any, abdomen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a batch of three volumes at work; afterwards no trace of it may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    before = traces()
    for name in ("one", "two", "three"):
        add_volume(abdomen.image, name)
    module.widget.enter()
    start(module)
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 30)
    yield module
    host.process_events(lambda: traces() <= before, 10)


INTERRUPTIONS: dict[str, tuple[Callable[[Any, Any], None], str]] = {
    "Cancel": (
        lambda host, module: section_of(module).ui.batchStartButton.click(),
        "1 cancelled, 2 not begun.",
    ),
    "scene closed": (
        lambda host, module: host.close_scene(),
        "Cancelled, because the scene was closed. 1 cancelled, 2 not begun.",
    ),
}


@pytest.mark.parametrize("name", INTERRUPTIONS)
def test_an_interrupted_batch_says_so_and_is_gone(host: Any, running: Any, name: str) -> None:
    interrupt, sentence = INTERRUPTIONS[name]
    interrupt(host, running)
    host.process_events(lambda: section_of(running).ui.batchStartButton.text == "Segment all", 3)
    assert section_of(running).ui.batchStatusLabel.text == sentence
    assert segmentations() == set()
    assert (section_of(running).parameters.batch_table is None) == (name == "scene closed")


def test_a_reload_ends_the_batch(host: Any, running: Any) -> None:
    running.widget.onReload()
    assert section_of(running).ui.batchStartButton.text == "Segment all"


def test_quitting_ends_the_batch(host: Any, running: Any) -> None:
    host.finish()


@pytest.mark.slow
def test_removing_the_volume_under_way_goes_on_with_the_next(host: Any, running: Any) -> None:
    import slicer

    for name in ("one", "two"):
        slicer.mrmlScene.RemoveNode(slicer.util.getNode(name))
    wait(host, running)
    assert rows(running) == [("one", "cancelled"), ("two", "failed"), ("three", "done")]
    assert segmentations() == {"three liver"}


@pytest.mark.slow
def test_random_interruptions_leave_nothing(
    host: Any, abdomen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    chance = random.Random(5)
    interruptions: list[Callable[[], Any]] = [
        lambda: section_of(module).ui.batchStartButton.click(),
        host.close_scene,
        lambda: module.widget.onReload(),
        lambda: [slicer.mrmlScene.RemoveNode(slicer.util.getNode(name)) for name in ("one", "two")],
    ]
    before = traces()
    for _ in range(8):
        for name in ("one", "two"):
            add_volume(abdomen.image, name)
        module.widget.enter()
        start(module)
        interrupt_at = time.monotonic() + chance.uniform(0, 2)
        host.process_events(lambda: time.monotonic() > interrupt_at, 30)  # noqa: B023 - called at once
        chance.choice(interruptions)()
        wait(host, module)
        host.process_events(lambda: traces() <= before, 10)
        assert segmentations() == set()
        host.close_scene()
