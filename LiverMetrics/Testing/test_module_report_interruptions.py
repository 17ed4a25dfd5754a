"""Whatever interrupts an analysis of a cohort: no process, temporary file, node or exception is left."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel_traces import traces
from report_driving import MODULE, add_table, start, tiny_cohort, wait

CANCELLED_WITHIN_S = 2.0
FOUR_UP = 3


@pytest.fixture
def running(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a worker at work; afterwards no trace of it may be left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    module.widget.ui.reportTableSelector.setCurrentNode(add_table(tiny_cohort()))
    before = traces()
    start(host, module)
    host.process_events(lambda: any(one.startswith("process") for one in traces() - before), 30)
    yield module
    host.process_events(lambda: traces() <= before, 10)


def result_nodes() -> set[str]:
    import slicer

    kinds = ("vtkMRMLTextNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode")
    return {node.GetName() for kind in kinds for node in slicer.util.getNodesByClass(kind)}


def remove_table(slicer_host: Any, module: Any) -> None:
    import slicer

    slicer.mrmlScene.RemoveNode(module.widget.ui.reportTableSelector.currentNode())


INTERRUPTIONS: dict[str, tuple[Callable[[Any, Any], None], str]] = {
    "Cancel": (lambda slicer_host, module: module.widget.ui.reportApplyButton.click(), "Cancelled."),
    "scene closed": (
        lambda slicer_host, module: slicer_host.close_scene(),
        "Cancelled, because the scene was closed.",
    ),
    "table removed": (remove_table, "Cancelled, because cohort was removed."),
}


@pytest.mark.parametrize("name", INTERRUPTIONS)
def test_an_interrupted_analysis_says_so_and_is_gone(host: Any, running: Any, name: str) -> None:
    interrupt, sentence = INTERRUPTIONS[name]
    ui = running.widget.ui
    began = time.monotonic()
    interrupt(host, running)
    wait(host, running)
    assert time.monotonic() - began < CANCELLED_WITHIN_S
    assert ui.reportStatusLabel.text == sentence
    assert result_nodes() == set()
    assert not ui.reportProgressBar.visible


def test_another_module_lets_it_go_on_and_keeps_its_views(host: Any, running: Any) -> None:
    import slicer

    slicer.app.layoutManager().setLayout(FOUR_UP)
    host.select_module("Volumes")
    wait(host, running)
    assert running.widget.ui.reportStatusLabel.text.startswith("Done: ")
    assert slicer.app.layoutManager().layout == FOUR_UP
    host.select_module("LiverMetrics")
    assert running.widget.ui.reportResultButton.visible
    assert running.widget.sections[-1].parameters.report_shown_chart is not None


def test_a_reload_ends_the_analysis(host: Any, running: Any) -> None:
    running.widget.onReload()
    assert running.widget.ui.reportApplyButton.text == "Analyse"
    assert result_nodes() == set()


def test_quitting_ends_the_analysis(host: Any, running: Any) -> None:
    host.finish()


def test_results_that_are_removed_are_made_anew(host: Any, running: Any) -> None:
    import slicer

    wait(host, running)
    ui, section = running.widget.ui, running.widget.sections[-1]
    series = section.parameters.report_shown_chart.GetNumberOfPlotSeriesNodes()
    assert series == len(slicer.util.getNodesByClass("vtkMRMLPlotSeriesNode"))
    for node in (section.parameters.report_shown_table, section.parameters.report_shown_chart):
        slicer.mrmlScene.RemoveNode(node)
    assert slicer.util.getNodesByClass("vtkMRMLPlotSeriesNode") == []
    assert [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLTableNode")] == ["cohort"]
    ui.reportTableBox.setCurrentIndex(1)
    ui.reportPlotBox.setCurrentIndex(1)
    assert section.parameters.report_shown_table.GetName() == ui.reportTableBox.currentText
    assert section.parameters.report_shown_chart.GetName() == ui.reportPlotBox.currentText
    slicer.mrmlScene.RemoveNode(section.parameters.report_results)
    assert not ui.reportResultButton.visible


@pytest.mark.slow
def test_twenty_random_interruptions(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = host.load(MODULE)
    chance = random.Random(20)
    interruptions = [interrupt for interrupt, _sentence in INTERRUPTIONS.values()]
    interruptions.append(lambda slicer_host, module: module.widget.onReload())
    before = traces()
    for _ in range(20):
        module.widget.ui.reportTableSelector.setCurrentNode(add_table(tiny_cohort()))
        start(host, module)
        interrupt_at = time.monotonic() + chance.uniform(0, 1.5)
        host.process_events(lambda: time.monotonic() > interrupt_at, 30)  # noqa: B023 - called at once
        chance.choice(interruptions)(host, module)
        wait(host, module)
        host.process_events(lambda: traces() <= before, 10)
        host.select_module("LiverMetrics")
        assert result_nodes() == set()
        host.close_scene()
