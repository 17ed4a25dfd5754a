"""Plot and table views show what the scene's nodes say, once a layout has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from slicerhost.incidents import INCIDENTS, PLOT_COLUMN

FOUR_UP, FOUR_UP_PLOT, FOUR_UP_PLOT_TABLE = 3, 37, 38
RED = (200, 0, 0)


def column(name: str, values: list) -> Any:
    import vtk

    array = vtk.vtkStringArray() if isinstance(values[0], str) else vtk.vtkDoubleArray()
    array.SetName(name)
    for value in values:
        array.InsertNextValue(value)
    return array


@pytest.fixture
def table(host: Any) -> Any:
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "numbers")
    for name, values in (("x", [1.0, 2.0, 3.0]), ("y", [5.0, 5.0, 5.0]), ("who", ["a", "b", "c"])):
        node.AddColumn(column(name, values))
    return node


@pytest.fixture
def chart(host: Any, table: Any) -> Any:
    import slicer

    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "a red line")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetPlotType(series.PlotTypeScatter)
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetLineStyle(series.LineStyleSolid)
    series.SetLineWidth(8)
    series.SetMarkerStyle(series.MarkerStyleNone)
    series.SetColor(*(part / 255 for part in RED))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode", "chart")
    node.SetTitle("Title")
    node.SetLegendVisibility(False)
    node.AddAndObservePlotSeriesNodeID(series.GetID())
    yield node
    slicer.app.layoutManager().setLayout(FOUR_UP)


def red_rows(view: Any) -> np.ndarray:
    pixels = view.pixels().astype(int)
    return np.flatnonzero((np.abs(pixels - RED).max(axis=-1) < 60).sum(axis=1) > 200)


def test_a_chart_is_shown_in_a_layout_with_a_plot(host: Any, chart: Any) -> None:
    import slicer

    slicer.modules.plots.logic().ShowChartInLayout(chart)
    assert slicer.app.layoutManager().layout == FOUR_UP_PLOT
    assert slicer.app.layoutManager().plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID() == chart.GetID()
    drawn = red_rows(host.plot_view())
    assert 4 <= drawn.size <= 12, "the line is 8 pixels wide"
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, 6.0)
    assert red_rows(host.plot_view()).mean() < drawn.mean()


def test_a_column_of_words_is_no_plot(host: Any, chart: Any) -> None:
    import slicer

    slicer.modules.plots.logic().ShowChartInLayout(chart)
    chart.GetNthPlotSeriesNode(0).SetYColumnName("who")
    assert red_rows(host.plot_view()).size == 0
    assert [incident.kind for incident in INCIDENTS.take()] == [PLOT_COLUMN]


def test_a_table_is_shown_as_its_node_says(host: Any, table: Any, chart: Any) -> None:
    import slicer

    manager, logic = slicer.app.layoutManager(), slicer.app.applicationLogic()
    manager.setLayout(FOUR_UP_PLOT_TABLE)
    logic.GetSelectionNode().SetActiveTableID(table.GetID())
    logic.PropagateTableSelection()
    view = manager.tableWidget(0).tableView()
    assert (view.rowCount, view.columnCount) == (4, 3)
    assert [view.item(0, place).text() for place in range(3)] == ["x", "y", "who"]
    assert view.horizontalHeaderItem(2).text() == "C"
    table.SetUseColumnTitleAsColumnHeader(True)
    table.SetColumnTitle("y", "Volume")
    table.SetColumnUnitLabel("y", "mL")
    table.SetColumnDescription("y", "of the liver")
    assert (view.rowCount, view.horizontalHeaderItem(1).text()) == (3, "Volume [mL]")
    assert view.item(0, 1).toolTip() == "<b>Volume</b> <code>&lt;y&gt;</code><p>Unit: mL<p>of the liver"


def test_a_table_file_is_loaded(host: Any, tmp_path: Any) -> None:
    import slicer

    (tmp_path / "cohort.csv").write_text("case,dice\na,0.9\nb,\n", encoding="utf-8")
    node = slicer.util.loadTable(str(tmp_path / "cohort.csv"))
    assert [node.GetCellText(row, 1) for row in range(2)] == ["0.9", ""]
