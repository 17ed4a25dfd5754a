"""Tables and charts in Slicer's views."""

from __future__ import annotations

from typing import Any

import slicer

_WITH_TABLE = ("FourUpTableView", "3DTableView", "FourUpPlotTableView")
_WITH_PLOT = (
    "ConventionalPlotView",
    "FourUpPlotView",
    "FourUpPlotTableView",
    "OneUpPlotView",
    "ThreeOverThreePlotView",
)


def show_both(table: Any, chart: Any) -> None:
    """A table and a chart, in a layout that has room for both; the chart may be None."""
    _change_layout(set(_numbers(_WITH_TABLE)) & set(_numbers(_WITH_PLOT)))
    show_table_in_view(table)
    if chart is not None:
        show_chart_in_view(chart)


def show_table_in_view(table: Any) -> None:
    """A table in the table view; the layout changes only if it has none."""
    _change_layout(_numbers(_WITH_TABLE))
    logic = slicer.app.applicationLogic()
    logic.GetSelectionNode().SetActiveTableID(table.GetID())
    logic.PropagateTableSelection()


def show_chart_in_view(chart: Any) -> None:
    """A chart in the plot view; the layout changes only if it has none."""
    _change_layout(_numbers(_WITH_PLOT))
    slicer.modules.plots.logic().ShowChartInLayout(chart)


def _change_layout(suitable: Any) -> None:
    """Change to slices, plot and table unless the layout is suitable; without a window there is none."""
    manager = slicer.app.layoutManager()
    if manager is not None and manager.layout not in suitable:
        manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotTableView)


def _numbers(layouts: tuple) -> list:
    return [getattr(slicer.vtkMRMLLayoutNode, f"SlicerLayout{name}") for name in layouts]
