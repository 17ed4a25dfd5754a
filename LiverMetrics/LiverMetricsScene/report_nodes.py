"""Results of a cohort as nodes: the whole as a text node, a chosen table and a chosen chart to be looked at.

The scene gets one node for each of the three, filled again for another choice, and not one for each of dozens
of tables and charts.
"""

from __future__ import annotations

import math
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverMetricsLib.cohort.table import Table
from LiverMetricsLib.cohort_results import CohortResults
from LiverMetricsLib.report.chart import Chart, Series

from .table_nodes import column_array, fill_table

RESULTS_ATTRIBUTE = "LiverCNN.CohortResults"
_CHART_TABLE_ROLE = "LiverCNN.ChartTable"
_LEGEND_ROW_SHARE = 0.07  # of the height of the data: room above them for each row of the legend
_TITLE_PX, _AXIS_PX, _LABEL_PX, _LEGEND_PX = 13, 13, 12, 12
_MARKER_PX = 7


def keep_results(text: str, name: str, node_id: str | None = None) -> Any:
    """A text node that keeps results: the one of that ID if it is there, else a new one."""
    node = slicer.mrmlScene.GetNodeByID(node_id) if node_id else None
    title = _("{name}: cohort").format(name=name)
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass(
            "vtkMRMLTextNode", slicer.mrmlScene.GenerateUniqueName(title)
        )
        node.SetAttribute(RESULTS_ATTRIBUTE, "1")
    else:
        node.SetName(title)
    node.SetText(text)
    return node


def keeps_results(node: Any) -> bool:
    """Whether a node is one that keeps results."""
    return node.GetAttribute(RESULTS_ATTRIBUTE) is not None


def read_results(node: Any) -> CohortResults | None:
    """The results that a text node keeps; None if it keeps none that this version can read."""
    if node is None or not keeps_results(node):
        return None
    try:
        return CohortResults.from_json(node.GetText())
    except ValueError:
        return None


def show_table(table: Table, node: Any = None) -> Any:
    """A table node of a table: the one given, filled again, or a new one."""
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    node.SetName(table.title)
    fill_table(node, table)
    return node


def show_chart(chart: Chart, node: Any = None) -> Any:
    """A chart node of a chart, with series and a table of its numbers: the one given, or a new one."""
    scene = slicer.mrmlScene
    if node is None:
        node = scene.AddNewNodeByClass("vtkMRMLPlotChartNode")
    with slicer.util.NodeModify(node):
        remove_parts(node, keep_table=True)
        table = _chart_table(node)
        node.SetName(chart.title)
        table.SetName(_("{title}: numbers").format(title=chart.title))
        _fill_chart_table(table, chart)
        for number, series in enumerate(chart.series):
            node.AddAndObservePlotSeriesNodeID(_series_node(series, number, table, node).GetID())
        _describe(node, chart)
    return node


def remove_parts(node: Any, *, keep_table: bool = False) -> None:
    """Remove the series of a chart of ours, and the table of its numbers."""
    scene = slicer.mrmlScene
    count = node.GetNumberOfPlotSeriesNodes()
    parts = [node.GetNthPlotSeriesNode(number) for number in range(count)]
    node.RemoveAllPlotSeriesNodeIDs()
    if not keep_table:
        parts.append(node.GetNodeReference(_CHART_TABLE_ROLE))
    for part in parts:
        if part is not None and scene.IsNodePresent(part):
            scene.RemoveNode(part)


def _chart_table(node: Any) -> Any:
    """The table of a chart's numbers, which lists of tables to choose from leave out."""
    table = node.GetNodeReference(_CHART_TABLE_ROLE)
    if table is None:
        table = slicer.mrmlScene.CreateNodeByClass("vtkMRMLTableNode")
        table.UnRegister(None)  # CreateNodeByClass hands over a reference that Python does not count
        table.SetHideFromEditors(True)
        table = slicer.mrmlScene.AddNode(table)
        node.SetNodeReferenceID(_CHART_TABLE_ROLE, table.GetID())
    return table


def _fill_chart_table(node: Any, chart: Chart) -> None:
    """Columns of x, y and cases for each series, as long as the longest; NaN draws nothing."""
    length = max((len(series.x) for series in chart.series), default=0)
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        for number, series in enumerate(chart.series):
            missing = length - len(series.x)
            for axis, values in (("x", series.x), ("y", series.y)):
                padded = (*values, *(math.nan,) * missing)
                node.AddColumn(column_array(_column(axis, number), padded))
            if series.cases:
                cases = (*series.cases, *("",) * missing)
                node.AddColumn(column_array(_column("case", number), cases, text=True))
        node.SetLocked(True)


def _column(axis: str, number: int) -> str:
    return f"{axis}{number}"


def _series_node(series: Series, number: int, table: Any, chart_node: Any) -> Any:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode")
    node.SetName(series.name)  # Slicer takes it for the legend
    node.SetPlotType(node.PlotTypeScatter)
    node.SetAndObserveTableNodeID(table.GetID())
    node.SetXColumnName(_column("x", number))
    node.SetYColumnName(_column("y", number))
    if series.cases:
        node.SetLabelColumnName(_column("case", number))
    node.SetLineStyle(node.GetLineStyleFromString(series.line))
    node.SetLineWidth(series.width)
    node.SetMarkerStyle(node.GetMarkerStyleFromString(series.marker))
    node.SetMarkerSize(_MARKER_PX)
    node.SetColor(*(int(series.colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    _put_below(node, chart_node)
    return node


def _put_below(node: Any, parent: Any) -> None:
    """Into the parent's branch of the hierarchy: whoever deletes the chart there deletes its series."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item, parent_item = hierarchy.GetItemByDataNode(node), hierarchy.GetItemByDataNode(parent)
    if item and parent_item:
        hierarchy.SetItemParent(item, parent_item)


def _describe(node: Any, chart: Chart) -> None:
    """Title, axes and type of a chart. Slicer draws the legend over the plot, in its upper right corner."""
    low, high = chart.y_range
    node.SetTitle(chart.title)
    node.SetXAxisTitle(chart.x_title)
    node.SetYAxisTitle(chart.y_title)
    node.SetXAxisRangeAuto(False)
    node.SetXAxisRange(*chart.x_range)
    node.SetYAxisRangeAuto(False)
    node.SetYAxisRange(low, high + _LEGEND_ROW_SHARE * len(chart.series) * (high - low))
    node.SetTitleFontSize(_TITLE_PX)
    node.SetAxisTitleFontSize(_AXIS_PX)
    node.SetAxisLabelFontSize(_LABEL_PX)
    node.SetLegendFontSize(_LEGEND_PX)
    node.SetLegendVisibility(True)
    node.SetGridVisibility(True)
