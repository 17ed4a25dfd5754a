"""Where a fat fraction lands: a table, and a histogram as a table with a chart of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from LiverCoreScene.fingerprints import of_segment, same
from LiverCoreScene.masks import UnreadableSegment, grid_of_label
from LiverCoreScene.volumes import file_beside
from LiverMetricsLib.pdff import BIN_EDGES_PCT, PdffMeasurement

from . import pdff_texts

ATTRIBUTE = "LiverCNN.PDFF"
"""Of the table node: the measurement as JSON, from which the panel shows it again."""
_MAP_ROLE, _SEGMENTATION_ROLE, _SEGMENT = "LiverCNN.Map", "LiverCNN.Segmentation", "LiverCNN.Segment"
_HISTOGRAM_ROLE, _SERIES_ROLE, _CHART_ROLE = "LiverCNN.Histogram", "LiverCNN.Series", "LiverCNN.Chart"
_MADE_OF = "LiverCNN.MadeOf"
"""Attribute of the table node: fingerprint of the mask and place of the map when measured, as JSON."""
_SAME_PLACE_MM = 0.01  # a scene's file rounds
_MAP_COLOUR = (221 / 255, 130 / 255, 101 / 255)  # the liver's, as in its segment


@dataclass(frozen=True)
class PdffSource:
    """What was measured, by ID."""

    map_id: str
    segmentation_id: str
    segment_id: str


@dataclass(frozen=True)
class PdffOutcome:
    """What landed. table: a row a measure. chart: the histogram, for Slicer's plot view."""

    table: Any
    chart: Any
    measurement: PdffMeasurement


def land(source: PdffSource, measurement: PdffMeasurement, made_of: dict) -> PdffOutcome:
    """Put a measurement into the scene; one of the same map and segment from before is replaced.

    made_of: fingerprint of the "mask" and place of the "map" as they were measured.

    Raises UnreadableSegment if the segment went meanwhile.
    """
    volume = slicer.mrmlScene.GetNodeByID(source.map_id)
    segmentation = slicer.mrmlScene.GetNodeByID(source.segmentation_id)
    segment = segmentation.GetSegmentation().GetSegment(source.segment_id)
    if segment is None:
        raise UnreadableSegment(_("The segment was removed while it was measured; choose another one."))
    title = _("PDFF of {segment} in {map}").format(segment=segment.GetName(), map=volume.GetName())
    table = _earlier(source) or _new("vtkMRMLTableNode", title, volume)
    with slicer.util.NodeModify(table):
        table.SetNodeReferenceID(_MAP_ROLE, source.map_id)
        table.SetNodeReferenceID(_SEGMENTATION_ROLE, source.segmentation_id)
        table.SetAttribute(_SEGMENT, source.segment_id)
        table.SetAttribute(ATTRIBUTE, json.dumps(measurement.to_dict()))
        table.SetAttribute(_MADE_OF, json.dumps(made_of))
        _fill(table, pdff_texts.rows(measurement))
    chart = _chart(table, volume, title, measurement)
    return PdffOutcome(table, chart, measurement)


def measurement_of(table: Any) -> PdffMeasurement | None:
    """The measurement in a table node; None if it holds none of ours."""
    text = table.GetAttribute(ATTRIBUTE)
    return PdffMeasurement.from_dict(json.loads(text)) if text else None


def sources_of(table: Any) -> tuple:
    """The map and the segmentation that were measured; None in the place of one that was removed."""
    return table.GetNodeReference(_MAP_ROLE), table.GetNodeReference(_SEGMENTATION_ROLE)


def is_current(table: Any) -> bool:
    """Whether mask and map are where and as they were measured, as far as they are in the scene."""
    text = table.GetAttribute(_MADE_OF)
    if not text:  # of an earlier version
        return True
    made_of = json.loads(text)
    volume, segmentation = sources_of(table)
    try:
        same_mask = segmentation is None or same(
            made_of["mask"], of_segment(segmentation, table.GetAttribute(_SEGMENT))
        )
        return same_mask and (
            volume is None or np.allclose(made_of["map"], place_of(volume), rtol=0, atol=_SAME_PLACE_MM)
        )
    except UnreadableSegment:
        return False


def place_of(volume: Any) -> list:
    """Where the voxels of a volume are: origin and steps along its axes, mm. Raises UnreadableSegment."""
    grid = grid_of_label(volume)
    return [*grid.origin.tolist(), *(grid.direction * grid.spacing_mm).ravel().tolist()]


def chart_of(table: Any) -> Any:
    """The chart that belongs to a table; None if it was removed."""
    return table.GetNodeReference(_CHART_ROLE)


def _earlier(source: PdffSource) -> Any:
    for table in slicer.util.getNodesByClass("vtkMRMLTableNode"):
        found = (
            table.GetNodeReferenceID(_MAP_ROLE),
            table.GetNodeReferenceID(_SEGMENTATION_ROLE),
            table.GetAttribute(_SEGMENT),
        )
        if found == (source.map_id, source.segmentation_id, source.segment_id):
            return table
    return None


def _new(kind: str, name: str, volume: Any) -> Any:
    node = slicer.mrmlScene.AddNewNodeByClass(kind, slicer.mrmlScene.GenerateUniqueName(name))
    file_beside(node, volume)
    return node


def _fill(table: Any, rows: list) -> None:
    table.RemoveAllColumns()
    columns = pdff_texts.columns()
    for place, (key, title, definition) in enumerate(columns):
        array = vtk.vtkStringArray()
        array.SetName(key)
        for row in rows:
            array.InsertNextValue(row[place])
        table.AddColumn(array)
        table.SetColumnTitle(key, title)
        table.SetColumnDescription(key, definition)
    table.SetUseColumnTitleAsColumnHeader(True)


def _chart(table: Any, volume: Any, title: str, measurement: PdffMeasurement) -> Any:
    """The histogram's nodes, made where they are not there; gives the chart."""
    name = _("{title}, histogram").format(title=title)
    bars = _("{title}, bars").format(title=title)
    plot = _("{title}, plot").format(title=title)
    histogram = _referenced(table, _HISTOGRAM_ROLE, "vtkMRMLTableNode", name, volume)
    _fill_histogram(histogram, measurement)
    series = _referenced(table, _SERIES_ROLE, "vtkMRMLPlotSeriesNode", bars, volume)
    series.SetAndObserveTableNodeID(histogram.GetID())
    series.SetXColumnName("pdff_pct")
    series.SetYColumnName("volume_ml")
    series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatterBar)
    series.SetColor(*_MAP_COLOUR)
    chart = _referenced(table, _CHART_ROLE, "vtkMRMLPlotChartNode", plot, volume)
    if not chart.HasPlotSeriesNodeID(series.GetID()):
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetTitle(title)
    chart.SetXAxisTitle(_("PDFF (%)"))
    chart.SetYAxisTitle(_("Volume (mL)"))
    chart.SetLegendVisibility(False)
    return chart


def _referenced(table: Any, role: str, kind: str, name: str, volume: Any) -> Any:
    node = table.GetNodeReference(role)
    if node is None:
        node = _new(kind, name, volume)
        table.SetNodeReferenceID(role, node.GetID())
    return node


def _fill_histogram(node: Any, measurement: PdffMeasurement) -> None:
    """A row a per cent, up to the last that occurs: the middle of the bin, and the volume in it."""
    voxel_ml = measurement.volume_ml / measurement.voxels
    last = max((place for place, count in enumerate(measurement.histogram) if count), default=0)
    middles, volumes_ml = vtk.vtkDoubleArray(), vtk.vtkDoubleArray()
    middles.SetName("pdff_pct")
    volumes_ml.SetName("volume_ml")
    for place in range(last + 1):
        middles.InsertNextValue((BIN_EDGES_PCT[place] + BIN_EDGES_PCT[place + 1]) / 2)
        volumes_ml.InsertNextValue(measurement.histogram[place] * voxel_ml)
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        node.AddColumn(middles)
        node.AddColumn(volumes_ml)
