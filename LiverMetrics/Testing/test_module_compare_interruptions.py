"""Whatever interrupts a comparison: no process, temporary file, node or exception is left."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compare_driving import MODULE, two_observers, until, wait
from panel_traces import traces

CANCELLED_WITHIN_S = 2.0


@pytest.fixture
def running(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a worker at work; afterwards no trace of it may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    before = traces()
    start(module)
    until(host, lambda: any(one.startswith("process") for one in traces() - before))
    yield module
    until(host, lambda: traces() <= before)


def start(module: Any) -> None:
    _volume, manual, cnn = two_observers()
    module.widget.compare_with(manual, "liver", [(cnn, "liver"), (cnn, "raw")])
    module.widget.compare.ui.applyButton.click()
    assert module.widget.compare.ui.applyButton.text == "Cancel"


def tables() -> list[Any]:
    import slicer

    return slicer.util.getNodesByClass("vtkMRMLTableNode")


def remove(name: str) -> None:
    import slicer

    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetName() == name:
            slicer.mrmlScene.RemoveNode(node)


INTERRUPTIONS: dict[str, tuple[Callable[[Any, Any], None], str]] = {
    "Cancel": (lambda slicer_host, module: module.widget.compare.ui.applyButton.click(), "Cancelled."),
    "scene closed": (
        lambda slicer_host, module: slicer_host.close_scene(),
        "Cancelled, because the scene was closed.",
    ),
    "reference removed": (
        lambda slicer_host, module: remove("manual"),
        "Cancelled, because manual was removed.",
    ),
    "test removed": (
        lambda slicer_host, module: remove("CT liver"),
        "Cancelled, because CT liver was removed.",
    ),
}


@pytest.mark.parametrize("name", INTERRUPTIONS)
def test_an_interrupted_comparison_says_so_and_is_gone(host: Any, running: Any, name: str) -> None:
    interrupt, sentence = INTERRUPTIONS[name]
    ui = running.widget.compare.ui
    began = time.monotonic()
    interrupt(host, running)
    wait(host, running)
    assert time.monotonic() - began < CANCELLED_WITHIN_S
    assert ui.statusLabel.text == sentence
    assert tables() == []
    assert not ui.progressBar.visible


def test_a_comparison_goes_on_while_another_module_is_open(host: Any, running: Any) -> None:
    host.select_module("Volumes")
    until(host, lambda: len(tables()) == 1)
    host.select_module("LiverMetrics")
    ui = running.widget.compare.ui
    assert (ui.applyButton.text, ui.resultTable.rowCount) == ("Compare", 2)


def test_a_segment_deleted_meanwhile_is_told_and_nothing_lands(host: Any, running: Any) -> None:
    import slicer

    slicer.util.getNode("CT liver").GetSegmentation().RemoveSegment("raw")
    wait(host, running)
    ui = running.widget.compare.ui
    assert ui.statusLabel.text == "A segment was removed while it was compared; compare again."
    assert tables() == []


def test_a_reload_ends_the_comparison(host: Any, running: Any) -> None:
    running.widget.onReload()
    assert running.widget.compare.ui.applyButton.text == "Compare"


def test_quitting_ends_the_comparison(host: Any, running: Any) -> None:
    host.finish()


@pytest.mark.slow
def test_ten_random_interruptions(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    chance = random.Random(10)
    interruptions = [interrupt for interrupt, _sentence in INTERRUPTIONS.values()]
    interruptions.append(lambda slicer_host, module: module.widget.onReload())
    interruptions.append(lambda slicer_host, module: slicer_host.select_module("Volumes"))
    before = traces()
    for _ in range(10):
        start(module)
        interrupt_at = time.monotonic() + chance.uniform(0, 1.5)
        host.process_events(lambda: time.monotonic() > interrupt_at, 30)  # noqa: B023 - called at once
        chance.choice(interruptions)(host, module)
        wait(host, module)
        until(host, lambda: traces() <= before)
        host.select_module("LiverMetrics")
        host.close_scene()
