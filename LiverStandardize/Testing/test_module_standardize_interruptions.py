"""Whatever interrupts a standardization: no process, temporary file, node or exception is left."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel_standardizing import MODULE, WITHIN_S, add_volume, choose, small_ct, start, volumes, wait
from panel_traces import traces

CANCELLED_WITHIN_S = 2.0


@pytest.fixture
def running(host: Any, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a worker at work; afterwards no trace of it may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    choose(host, module, add_volume(small_ct(), "CT"))
    before = traces()
    start(module)
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 60)
    yield module
    host.process_events(lambda: traces() <= before, 10)


def remove_input(slicer_host: Any, module: Any) -> None:
    import slicer

    slicer.mrmlScene.RemoveNode(slicer.util.getNode("CT"))


def change_input(slicer_host: Any, module: Any) -> None:
    import slicer

    volume = slicer.util.getNode("CT")
    slicer.util.arrayFromVolume(volume)[0] = 0
    slicer.util.arrayFromVolumeModified(volume)


def reload(slicer_host: Any, module: Any) -> None:
    module.widget.onReload()


def quit_and_start_again(slicer_host: Any, module: Any) -> Any:
    """What Slicer does at its end; the module, loaded anew for the next interruption."""
    assert slicer_host.finish() == ()
    return slicer_host.load(MODULE)


INTERRUPTIONS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "Cancel": (lambda slicer_host, module: module.widget.ui.applyButton.click(), "Cancelled."),
    "scene closed": (
        lambda slicer_host, module: slicer_host.close_scene(),
        "Cancelled, because the scene was closed.",
    ),
    "input removed": (remove_input, "Cancelled, because CT was removed."),
    "input changed": (
        change_input,
        "The volume was changed while it was standardized; standardize it again.",
    ),
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
    assert volumes() <= {"CT"}
    assert not ui.progressBar.visible


@pytest.mark.slow
def test_a_run_goes_on_in_another_module_and_lands(host: Any, running: Any) -> None:
    host.select_module("Volumes")
    host.process_events(lambda: volumes() == {"CT", "CT (M80)"}, WITHIN_S)
    host.select_module("LiverStandardize")
    ui = running.widget.ui
    assert (ui.applyButton.text, ui.statusLabel.text) == ("Apply", "Done: CT (M80).")
    assert ui.resultButton.visible


def test_a_reload_ends_the_run(host: Any, running: Any) -> None:
    running.widget.onReload()
    assert running.widget.ui.applyButton.text == "Apply"


def test_quitting_ends_the_run(host: Any, running: Any) -> None:
    host.finish()


@pytest.mark.slow
def test_twenty_random_interruptions(
    host: Any, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    chance = random.Random(20)
    interruptions = [interrupt for interrupt, _sentence in INTERRUPTIONS.values()]
    interruptions += [reload, quit_and_start_again]
    before = traces()
    for _ in range(20):
        choose(host, module, add_volume(small_ct(), "CT"))
        start(module)
        interrupt_at = time.monotonic() + chance.uniform(0, 1.5)
        host.process_events(lambda: time.monotonic() > interrupt_at, 30)  # noqa: B023 - called at once
        module = chance.choice(interruptions)(host, module) or module
        wait(host, module)
        host.process_events(lambda: traces() <= before, 10)
        host.select_module("LiverStandardize")
        assert volumes() <= {"CT"}
        host.close_scene()
