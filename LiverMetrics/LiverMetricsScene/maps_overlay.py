"""The segmentation that shows where a test and the reference differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from LiverMetricsLib.agreement import AGREE, ONLY_REFERENCE, ONLY_TEST

from .compare_masks import OVERLAY_ATTRIBUTE

# Okabe and Ito (2008), told apart with every common kind of colour blindness; what agrees stays grey.
_ORANGE, _BLUE, _GREY = (230, 159, 0), (0, 114, 178), (170, 170, 170)
FALSE_POSITIVE, FALSE_NEGATIVE, AGREEMENT = "false-positive", "false-negative", "agreement"
"""IDs of the segments."""

_SEGMENTS = (
    # segment ID, label in the map, colour, opacity of the filling in slices, shown in 3D
    (FALSE_POSITIVE, ONLY_TEST, _ORANGE, 0.7, True),
    (FALSE_NEGATIVE, ONLY_REFERENCE, _BLUE, 0.7, True),
    (AGREEMENT, AGREE, _GREY, 0.15, False),
)


def show_overlay(node: Any, labelmap: sitk.Image, name: str) -> Any:
    """Fill a segmentation node with the map of agreement, in the world's millimetres.

    node: the one to fill again, or None for a new one.
    """
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        node.SetAttribute(OVERLAY_ATTRIBUTE, "1")
    node.CreateDefaultDisplayNodes()
    node.SetAndObserveTransformNodeID(None)
    node.SetName(slicer.mrmlScene.GenerateUniqueName(name))
    node.GetSegmentation().RemoveAllSegments()
    shared, display = _oriented(labelmap), node.GetDisplayNode()
    for segment_id, label, colour, opacity, shown_in_3d in _SEGMENTS:
        segment = slicer.vtkSegment()
        segment.SetName(_segment_name(segment_id))
        segment.SetColor(*(part / 255 for part in colour))
        segment.SetLabelValue(label)
        segment.AddRepresentation("Binary labelmap", shared)  # one image for all three: they do not overlap
        node.GetSegmentation().AddSegment(segment, segment_id)
        display.SetSegmentOpacity2DFill(segment_id, opacity)
        display.SetSegmentVisibility3D(segment_id, shown_in_3d)
    display.SetVisibility(True)
    return node


def _segment_name(segment_id: str) -> str:
    return {
        FALSE_POSITIVE: _("false positive (only the test)"),
        FALSE_NEGATIVE: _("false negative (only the reference)"),
        AGREEMENT: _("agreement (both)"),
    }[segment_id]


def _oriented(labelmap: sitk.Image) -> Any:
    width, height, depth = labelmap.GetSize()
    image = slicer.vtkOrientedImageData()
    image.SetExtent(0, width - 1, 0, height - 1, 0, depth - 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    vtk_to_numpy(image.GetPointData().GetScalars())[:] = sitk.GetArrayViewFromImage(labelmap).ravel()
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(_index_to_ras(labelmap)))
    return image


def _index_to_ras(image: sitk.Image) -> np.ndarray:
    """4x4 matrix from voxel indices x, y, z to RAS millimetres."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    matrix[:3, 3] = image.GetOrigin()
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix
