"""Masks out of segmentation nodes, as images for the libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from LiverCoreLib.errors import LiverCNNError

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_ORTHOGONAL_WITHIN = 1e-4


class UnreadableSegment(LiverCNNError):
    """A segment whose mask cannot be read. Ids: ``segment-gone``, ``transform-not-rigid``."""

    id = "segment-gone"


def mask_image(node: Any, segment_id: str) -> sitk.Image:
    """The mask of a segment where it is in the world, on its own lattice.

    Returns:
        uint8, 0 or 1, in LPS millimetres, no larger than the mask's own extent. A segment without voxels
        gives one voxel of 0. The node's parent transform is applied, without resampling.

    Raises:
        UnreadableSegment: If the segment is gone, or its transform bends or shears the grid.
    """
    if node is None or node.GetSegmentation().GetSegment(segment_id) is None:
        raise UnreadableSegment(_("The segment is gone; choose another one."))
    labelmap = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    if labelmap.GetScalarType() < 0 or labelmap.IsEmpty():
        values, start = np.zeros((1, 1, 1), dtype=np.uint8), (0, 0, 0)
    else:
        first_x, last_x, first_y, last_y, first_z, last_z = labelmap.GetExtent()
        shape = (last_z - first_z + 1, last_y - first_y + 1, last_x - first_x + 1)
        scalars = vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(shape)
        values, start = (scalars != 0).astype(np.uint8), (first_x, first_y, first_z)
    to_world = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(to_world)
    matrix = _RAS_TO_LPS @ _parent_to_world(node) @ slicer.util.arrayFromVTKMatrix(to_world)
    return _image(values, matrix, start, node)


def _parent_to_world(node: Any) -> np.ndarray:
    """The 4x4 matrix of the node's parent transform; unit without one."""
    transform = node.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    if not transform.IsTransformToWorldLinear():
        raise _not_rigid(node)
    matrix = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def _image(values: np.ndarray, matrix: np.ndarray, start: tuple, node: Any) -> sitk.Image:
    spacing_mm = np.linalg.norm(matrix[:3, :3], axis=0)
    direction = matrix[:3, :3] / spacing_mm
    if np.abs(direction.T @ direction - np.eye(3)).max() > _ORTHOGONAL_WITHIN:
        raise _not_rigid(node)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacing_mm.tolist())
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin((matrix @ [*start, 1.0])[:3].tolist())
    return image


def _not_rigid(node: Any) -> UnreadableSegment:
    return UnreadableSegment(
        _("{name} lies under a transform that bends or shears it; harden the transform first.").format(
            name=node.GetName()
        ),
        id="transform-not-rigid",
    )
