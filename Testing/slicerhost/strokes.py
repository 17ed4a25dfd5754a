"""Paint and erase with a ball, as a user does, through the real logic of the Segment Editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

Point = Sequence[float]


def paint(editor: Any, points_ras: Sequence[Point], radius_mm: float) -> None:
    """Add the voxels along a stroke to the selected segment; one undo takes them away.

    Args:
        editor: A qMRMLSegmentEditorWidget with a segmentation and a segment chosen.
        points_ras: Where the stroke goes, in patient coordinates (RAS, mm).
        radius_mm: Radius of the brush.

    Raises:
        ValueError: If the stroke is not in the volume, or nothing is chosen.
    """
    _stroke(editor, points_ras, radius_mm, slicer.vtkSlicerSegmentEditorLogic.ModificationModeAdd)


def erase(editor: Any, points_ras: Sequence[Point], radius_mm: float) -> None:
    """Take the voxels along a stroke out of the selected segment; arguments as for :func:`paint`."""
    _stroke(editor, points_ras, radius_mm, slicer.vtkSlicerSegmentEditorLogic.ModificationModeRemove)


def _stroke(editor: Any, points_ras: Sequence[Point], radius_mm: float, mode: int) -> None:
    segmentation, segment_id = editor.segmentationNode(), editor.currentSegmentID()
    if segmentation is None or not segment_id:
        raise ValueError("Choose a segmentation and a segment in the editor first.")
    logic = editor._logic
    logic.UpdateReferenceGeometryImage()
    logic.ResetModifierLabelmapToDefault()
    labelmap = logic.GetModifierLabelmap()
    ball = _voxels_near(labelmap, _densely(_to_node(segmentation, points_ras), radius_mm / 2), radius_mm)
    if not ball.any():
        raise ValueError("The stroke is outside the volume.")
    vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(ball.shape)[ball] = 1
    labelmap.Modified()
    logic.SaveStateForUndo()
    logic.UpdateMaskLabelmap()
    logic.ModifySegmentByLabelmap(segmentation, segment_id, labelmap, mode, False, False)


def _to_node(segmentation: Any, points_ras: Sequence[Point]) -> np.ndarray:
    """Patient coordinates to those of the segmentation node, which may be under a transform. Shape (n, 3)."""
    transform = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        None, segmentation.GetParentTransformNode(), transform
    )
    return np.array([transform.TransformPoint(list(map(float, point))) for point in points_ras])


def _densely(points: np.ndarray, step_mm: float) -> np.ndarray:
    """Points on the line through the points, at most a step apart."""
    dense = [points[:1]]
    for start, end in zip(points[:-1], points[1:], strict=True):
        steps = max(1, int(np.ceil(np.linalg.norm(end - start) / step_mm)))
        dense.append(start + (end - start) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(dense)


def _voxels_near(labelmap: Any, points: np.ndarray, radius_mm: float) -> np.ndarray:
    """Which voxels have their centre within a radius of a point. Shape (k, j, i), as VTK stores them."""
    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    to_world = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
    low, high = np.array(labelmap.GetExtent()).reshape(3, 2).T
    near = np.zeros((high - low + 1)[::-1], bool)
    axes_mm = to_world[:3, :3]
    reach = np.ceil(radius_mm * np.linalg.norm(np.linalg.inv(axes_mm), axis=1)).astype(int)
    for point in points:
        centre = np.linalg.solve(to_world, [*point, 1.0])[:3]
        first = np.maximum(np.floor(centre).astype(int) - reach, low)
        last = np.minimum(np.ceil(centre).astype(int) + reach, high)
        if (last < first).any():
            continue
        grid = np.stack(
            np.meshgrid(*(np.arange(a, b + 1) for a, b in zip(first, last, strict=True)), indexing="ij"), -1
        )
        inside = np.linalg.norm((grid - centre) @ axes_mm.T, axis=-1) <= radius_mm
        i, j, k = (grid[inside] - low).T
        near[k, j, i] = True
    return near
