"""The model that shows a test's surface, coloured by its distance to the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray

from LiverMetricsLib.agreement import SurfaceMap

SIGNED, ABSOLUTE = "Signed distance (mm)", "Distance (mm)"
"""Names of the point scalars."""

_COLOURS_ATTRIBUTE = "LiverCNN.Colours"
_BLUE, _WHITE, _ORANGE = (0, 114, 178), (245, 245, 245), (213, 94, 0)  # Okabe and Ito, as the overlay's
_LEAST_RANGE_MM = 1.0
_COUNT = 256


def show_surface(node: Any, surface: SurfaceMap, name: str, signed: bool) -> Any:
    """Fill a model node with a surface and colour it. node: the one to fill again, or None for a new one."""
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
        node.CreateDefaultDisplayNodes()
    node.SetName(slicer.mrmlScene.GenerateUniqueName(name))
    node.SetAndObserveTransformNodeID(None)
    node.SetAndObserveMesh(_mesh(surface))
    choose_sign(node, signed)
    return node


def choose_sign(node: Any, signed: bool) -> None:
    """Colour a surface by distances with or without a sign."""
    distances = slicer.util.arrayFromModelPointData(node, ABSOLUTE)
    largest_mm = max(float(np.ceil(2 * distances.max()) / 2) if distances.size else 0.0, _LEAST_RANGE_MM)
    display = node.GetDisplayNode()
    with slicer.util.NodeModify(display):
        display.SetActiveScalar(SIGNED if signed else ABSOLUTE, vtk.vtkAssignAttribute.POINT_DATA)
        display.SetAndObserveColorNodeID(_colours(signed).GetID())
        display.SetScalarRangeFlag(slicer.vtkMRMLDisplayNode.UseManualScalarRange)
        display.SetScalarRange(-largest_mm if signed else 0.0, largest_mm)
        display.SetScalarVisibility(True)
        display.SetVisibility(True)
    _show_legend(node)


def _mesh(surface: SurfaceMap) -> vtk.vtkPolyData:
    """The surface in RAS, as models are. Turning LPS over by half a turn keeps the triangles' sides."""
    points = vtk.vtkPoints()
    ras = np.ascontiguousarray(surface.points_lps * [-1.0, -1.0, 1.0], dtype=np.float32)
    points.SetData(numpy_to_vtk(ras, deep=True))
    corners = np.ascontiguousarray(surface.triangles, dtype=np.int64).ravel()
    polygons = vtk.vtkCellArray()
    polygons.SetData(3, numpy_to_vtkIdTypeArray(corners, deep=True))
    mesh = vtk.vtkPolyData()
    mesh.SetPoints(points)
    mesh.SetPolys(polygons)
    signed = surface.signed_distance_mm
    for name, values in ((SIGNED, signed), (ABSOLUTE, np.abs(signed))):
        scalars = numpy_to_vtk(np.ascontiguousarray(values, dtype=np.float32), deep=True)
        scalars.SetName(name)
        mesh.GetPointData().AddArray(scalars)
    return mesh


def _colours(signed: bool) -> Any:
    """The table of colours, made once in a scene: blue inside, white at 0, orange outside."""
    kind = "signed" if signed else "absolute"
    for node in slicer.util.getNodesByClass("vtkMRMLColorTableNode"):
        if node.GetAttribute(_COLOURS_ATTRIBUTE) == kind:
            return node
    node = slicer.mrmlScene.AddNewNodeByClass(
        "vtkMRMLColorTableNode", _("Surface distance, signed") if signed else _("Surface distance")
    )
    node.SetAttribute(_COLOURS_ATTRIBUTE, kind)
    node.SetTypeToUser()
    node.SetNumberOfColors(_COUNT)
    stops = (_BLUE, _WHITE, _ORANGE) if signed else (_WHITE, _ORANGE)
    places = np.linspace(0, 1, len(stops))
    for number, place in enumerate(np.linspace(0, 1, _COUNT)):
        parts = [np.interp(place, places, [stop[axis] for stop in stops]) / 255 for axis in range(3)]
        node.SetColor(number, str(number), *parts, 1.0)
    return node


def _show_legend(node: Any) -> None:
    legend = slicer.vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(node)
    legend.SetAndObserveColorNodeID(node.GetDisplayNode().GetColorNodeID())
    legend.SetTitleText(_("Distance\n(mm)"))
    legend.SetLabelFormat("%.1f")
    legend.SetVisibility(True)
