"""The model that shows a test's surface, coloured by its distance to the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from scipy import sparse
from slicer.i18n import tr as _
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray

from LiverMetricsLib.agreement import SurfaceMap

SIGNED, ABSOLUTE = "Signed distance (mm)", "Distance (mm)"
"""Names of the point scalars."""

_COLOURS_ATTRIBUTE = "LiverCNN.Colours"
_BLUE, _WHITE, _ORANGE = (0, 114, 178), (245, 245, 245), (213, 94, 0)  # Okabe and Ito, as the overlay's
_LEAST_RANGE_MM, _IN_RANGE_PERCENT = 1.0, 98.0  # the few larger distances have the colour of the range's end
_SMOOTHING_STEPS = 8
_COUNT = 256


def show_surface(node: Any, surface: SurfaceMap, normals: np.ndarray, name: str, signed: bool) -> Any:
    """Fill a model node with a surface and colour it.

    node: the one to fill again, or None for a new one. normals: as ``smooth_normals`` gives them.
    """
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
        node.CreateDefaultDisplayNodes()
    node.SetName(slicer.mrmlScene.GenerateUniqueName(name))
    node.SetAndObserveTransformNodeID(None)
    node.SetAndObserveMesh(_mesh(surface, normals))
    choose_sign(node, signed)
    return node


def choose_sign(node: Any, signed: bool) -> None:
    """Colour a surface by distances with or without a sign."""
    distances = slicer.util.arrayFromModelPointData(node, ABSOLUTE)
    most_mm = float(np.ceil(2 * np.percentile(distances, _IN_RANGE_PERCENT)) / 2)
    largest_mm = max(most_mm, _LEAST_RANGE_MM)
    display = node.GetDisplayNode()
    with slicer.util.NodeModify(display):
        display.SetActiveScalar(SIGNED if signed else ABSOLUTE, vtk.vtkAssignAttribute.POINT_DATA)
        display.SetAndObserveColorNodeID(_colours(signed).GetID())
        display.SetScalarRangeFlag(slicer.vtkMRMLDisplayNode.UseManualScalarRange)
        display.SetScalarRange(-largest_mm if signed else 0.0, largest_mm)
        display.SetScalarVisibility(True)
        display.SetVisibility(True)
    _show_legend(node)


def smooth_normals(surface: SurfaceMap) -> np.ndarray:
    """Unit normals in RAS, n x 3, for shading alone: averaged over neighbours, so that no voxels stand out.

    It may be called in any thread.
    """
    points, triangles = surface.points_lps * [-1.0, -1.0, 1.0], surface.triangles
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    faces = np.cross(second - first, third - first)
    count, corners = len(points), triangles.ravel()
    of_faces = sparse.csr_matrix(
        (np.ones(corners.size), (corners, np.repeat(np.arange(len(triangles)), 3))), (count, len(triangles))
    )
    normals, neighbours = of_faces @ faces, of_faces @ of_faces.T
    for _step in range(_SMOOTHING_STEPS):
        normals = neighbours @ normals
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return normals


def _mesh(surface: SurfaceMap, normals: np.ndarray) -> vtk.vtkPolyData:
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
    shading = numpy_to_vtk(np.ascontiguousarray(normals, dtype=np.float32), deep=True)
    shading.SetName("Normals")
    mesh.GetPointData().SetNormals(shading)
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
