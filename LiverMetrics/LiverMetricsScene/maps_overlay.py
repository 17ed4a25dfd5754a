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
    labels, to_ras = sitk.GetArrayViewFromImage(labelmap), _index_to_ras(labelmap)
    display = node.GetDisplayNode()
    for segment_id, label, colour, opacity, shown_in_3d in _SEGMENTS:
        node.GetSegmentation().AddEmptySegment(
            segment_id, _segment_name(segment_id), [part / 255 for part in colour]
        )
        _set_mask(node, segment_id, labels == label, to_ras)
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


def _set_mask(node: Any, segment_id: str, mask: np.ndarray, to_ras: np.ndarray) -> None:
    depth, height, width = mask.shape
    image = slicer.vtkOrientedImageData()
    image.SetExtent(0, width - 1, 0, height - 1, 0, depth - 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    vtk_to_numpy(image.GetPointData().GetScalars())[:] = mask.ravel()
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(to_ras))
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    if not logic.SetBinaryLabelmapToSegment(image, node, segment_id, logic.MODE_REPLACE):
        raise RuntimeError(f"The map could not be put into segment {segment_id} of {node.GetName()}.")


def _index_to_ras(image: sitk.Image) -> np.ndarray:
    """4x4 matrix from voxel indices x, y, z to RAS millimetres."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    matrix[:3, 3] = image.GetOrigin()
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix
