"""Whatever interrupts a run: no process, temporary file, node or exception is left."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel_driving import MODULE, WITHIN_S, add_volume, start, wait
from panel_traces import traces

CANCELLED_WITHIN_S = 2.0


@pytest.fixture
def running(host: Any, abdomen: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a worker at work; afterwards no trace of it may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    module.widget.ui.inputSelector.setCurrentNode(add_volume(abdomen.image))
    before = traces()
    start(module)
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 30)
    yield module
    host.process_events(lambda: traces() <= before, 10)


def nodes() -> set[str]:
    import slicer

    return {node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode")}


def remove_input(slicer_host: Any, module: Any) -> None:
    import slicer

    slicer.mrmlScene.RemoveNode(module.widget.ui.inputSelector.currentNode())


def quit_and_start_again(slicer_host: Any, module: Any) -> Any:
    """What Slicer does at its end; the module, loaded anew for the next interruption."""
    assert slicer_host.finish() == ()
    return slicer_host.load(MODULE)


def change_input(slicer_host: Any, module: Any) -> None:
    import slicer

    volume = module.widget.ui.inputSelector.currentNode()
    slicer.util.arrayFromVolume(volume)[0] = 0
    slicer.util.arrayFromVolumeModified(volume)


INTERRUPTIONS: dict[str, tuple[Callable[[Any, Any], None], str]] = {
    "Cancel": (lambda slicer_host, module: module.widget.ui.applyButton.click(), "Cancelled."),
    "scene closed": (
        lambda slicer_host, module: slicer_host.close_scene(),
        "Cancelled, because the scene was closed.",
    ),
    "input removed": (remove_input, "Cancelled, because CT was removed."),
    "input changed": (change_input, "The volume was changed while it was segmented; segment it again."),
}


@pytest.mark.parametrize("name", INTERRUPTIONS)
def test_an_interrupted_run_says_so_and_is_gone(host: Any, running: Any, name: str) -> None:
    interrupt, sentence = INTERRUPTIONS[name]
    ui = running.widget.ui
    began = time.monotonic()
    interrupt(host, running)
    wait(host, running)
    assert time.monotonic() - began < CANCELLED_WITHIN_S
    assert ui.statusLabel.text == sentence
    assert nodes() == set()
    assert not ui.progressBar.visible


@pytest.mark.slow
def test_a_run_goes_on_in_another_module_and_lands(host: Any, running: Any) -> None:
    host.select_module("Volumes")
    host.process_events(lambda: nodes() == {"CT liver"}, WITHIN_S)
    host.select_module("LiverSegmentCNN")
    ui = running.widget.ui
    assert (ui.applyButton.text, ui.statusLabel.text) == ("Apply", "Done: CT liver.")
    assert ui.resultButton.visible
    assert ui.correctMaskBox.currentText == "CT liver: liver"


def test_a_reload_ends_the_run(host: Any, running: Any) -> None:
    running.widget.onReload()
    assert running.widget.ui.applyButton.text == "Apply"


def test_quitting_ends_the_run(host: Any, running: Any) -> None:
    host.finish()


@pytest.mark.slow
def test_twenty_random_interruptions(
    host: Any,
    abdomen: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    chance = random.Random(20)
    interruptions = [interrupt for interrupt, _sentence in INTERRUPTIONS.values()]
    interruptions.append(lambda slicer_host, module: module.widget.onReload())
    interruptions.append(quit_and_start_again)
    before = traces()
    for _ in range(20):
        module.widget.ui.inputSelector.setCurrentNode(add_volume(abdomen.image))
        start(module)
        interrupt_at = time.monotonic() + chance.uniform(0, 1.5)
        host.process_events(lambda: time.monotonic() > interrupt_at, 30)  # noqa: B023 - called at once
        module = chance.choice(interruptions)(host, module) or module
        wait(host, module)
        host.process_events(lambda: traces() <= before, 10)
        host.select_module("LiverSegmentCNN")
        assert nodes() == set()
        host.close_scene()
