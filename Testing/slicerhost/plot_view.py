"""A plot view: the scene's chart drawn by VTK's charts as qMRMLPlotView.cxx of Slicer 5.8 to 5.12 does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from slicerhost.incidents import INCIDENTS, PLOT_COLUMN

_SIZE = (600, 450)
_AXES = (vtk.vtkAxis.BOTTOM, vtk.vtkAxis.TOP, vtk.vtkAxis.LEFT, vtk.vtkAxis.RIGHT)
_SIDEWAYS = (vtk.vtkAxis.BOTTOM, vtk.vtkAxis.TOP)


def _styles() -> tuple[dict[int, int], dict[int, int]]:
    """Line and marker styles of series nodes, and what they are in VTK."""
    node, pen, points = slicer.vtkMRMLPlotSeriesNode, vtk.vtkPen, vtk.vtkPlotPoints
    lines = {
        node.LineStyleNone: pen.NO_PEN,
        node.LineStyleSolid: pen.SOLID_LINE,
        node.LineStyleDash: pen.DASH_LINE,
        node.LineStyleDot: pen.DOT_LINE,
        node.LineStyleDashDot: pen.DASH_DOT_LINE,
        node.LineStyleDashDotDot: pen.DASH_DOT_DOT_LINE,
    }
    markers = {
        node.MarkerStyleNone: points.NONE,
        node.MarkerStyleCross: points.CROSS,
        node.MarkerStylePlus: points.PLUS,
        node.MarkerStyleSquare: points.SQUARE,
        node.MarkerStyleCircle: points.CIRCLE,
        node.MarkerStyleDiamond: points.DIAMOND,
    }
    return lines, markers


class PlotView:
    """What a vtkMRMLPlotViewNode shows. It is drawn when it is looked at, from the nodes as they are then."""

    def __init__(self, scene: Any, node: Any) -> None:
        self._scene, self.node = scene, node
        self._size = _SIZE

    @property
    def chart_node(self) -> Any:
        """The chart that is shown, or None."""
        return self._scene.GetNodeByID(self.node.GetPlotChartNodeID() or "")

    def resize(self, width: int, height: int) -> None:
        self._size = (width, height)

    def pixels(self) -> np.ndarray:
        """What the view shows: uint8, shape (height, width, 3), first row on top."""
        image = self._image()
        width, height, _ = image.GetDimensions()
        return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[::-1].copy()

    def save(self, path: str | Path) -> None:
        """Write what the view shows as PNG."""
        writer = vtk.vtkPNGWriter()
        writer.SetFileName(str(path))
        writer.SetInputData(self._image())
        writer.Write()

    def _image(self) -> vtk.vtkImageData:
        view = vtk.vtkContextView()
        window = view.GetRenderWindow()
        window.SetOffScreenRendering(1)
        window.SetMultiSamples(0)
        window.SetSize(*self._size)
        view.GetRenderer().SetBackground(1, 1, 1)
        chart = vtk.vtkChartXY()
        view.GetScene().AddItem(chart)
        if self.chart_node is not None:
            _fill(chart, self.chart_node)
        window.Render()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(window)
        grabber.ReadFrontBufferOff()
        grabber.Update()
        return grabber.GetOutput()


def _fill(chart: vtk.vtkChartXY, node: Any) -> None:
    chart.GetBackgroundBrush().SetColor(vtk.vtkColor4ub(255, 253, 246, 255))
    for index in range(node.GetNumberOfPlotSeriesNodes()):
        plot = _plot(node.GetNthPlotSeriesNode(index))
        if plot is not None:
            chart.AddPlot(plot)
    font = chart.GetTitleProperties().GetFontFamilyFromString(node.GetFontType() or "Arial")
    chart.SetTitle((node.GetTitle() or "") if node.GetTitleVisibility() else "")
    chart.SetShowLegend(node.GetLegendVisibility())
    texts = [(chart.GetTitleProperties(), node.GetTitleFontSize())]
    texts.append((chart.GetLegend().GetLabelProperties(), node.GetLegendFontSize()))
    for position in _AXES:
        axis = chart.GetAxis(position)
        _set_up_axis(axis, node, position)
        axis.GetTitleProperties().SetBold(False)
        texts.append((axis.GetTitleProperties(), node.GetAxisTitleFontSize()))
        texts.append((axis.GetLabelProperties(), node.GetAxisLabelFontSize()))
    for text, size in texts:
        text.SetFontFamily(font)
        text.SetFontSize(size)


def _set_up_axis(axis: Any, node: Any, position: int) -> None:
    letter = "X" if position in _SIDEWAYS else "Y"

    def value(name: str) -> Any:
        return getattr(node, f"Get{letter}Axis{name}")()

    axis.SetTitle((value("Title") or "") if value("TitleVisibility") else "")
    axis.SetLogScale(value("LogScale"))
    if value("RangeAuto"):
        axis.SetBehavior(vtk.vtkAxis.AUTO)
    else:
        axis.SetBehavior(vtk.vtkAxis.FIXED)
        axis.SetUnscaledRange(*value("Range"))
        axis.Update()
    axis.SetGridVisible(node.GetGridVisibility())


def _plot(series: Any) -> Any:
    """What a series node looks like; None where Slicer draws nothing."""
    table = series.GetTableNode().GetTable() if series is not None and series.GetTableNode() else None
    y_name, x_name = (series.GetYColumnName(), series.GetXColumnName()) if series is not None else ("", "")
    needed = [y_name, *([x_name] if series is not None and series.IsXColumnRequired() else [])]
    if table is None or not all(name and _is_number_column(table, name) for name in needed):
        return None
    bars = series.GetPlotType() in (series.PlotTypeBar, series.PlotTypeScatterBar)
    plot = vtk.vtkPlotBar() if bars else vtk.vtkPlotLine()
    plot.SetWidth(series.GetLineWidth())
    plot.SetColorF(*series.GetColor())
    plot.SetOpacity(series.GetOpacity())
    lines, markers = _styles()
    plot.GetPen().SetOpacityF(series.GetOpacity())
    plot.GetPen().SetLineType(vtk.vtkPen.SOLID_LINE if bars else lines[series.GetLineStyle()])
    if not bars:
        plot.SetMarkerSize(series.GetMarkerSize())
        plot.SetMarkerStyle(markers[series.GetMarkerStyle()])
    plot.SetUseIndexForXSeries(not series.IsXColumnRequired())
    plot.SetInputData(table, needed[-1], y_name)
    plot.SetLabel(series.GetName() or y_name)
    return plot


def _is_number_column(table: Any, name: str) -> bool:
    column = table.GetColumnByName(name)
    if column is None or column.GetDataType() in (vtk.VTK_STRING, vtk.VTK_BIT):
        kind = "is not there" if column is None else "holds no numbers"
        INCIDENTS.add(PLOT_COLUMN, f"a plot's column {name!r} {kind}; Slicer would draw nothing")
        return False
    return True
