"""Masks out of segmentation nodes and labelmaps, as images for the libraries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from LiverCoreLib.errors import LiverCNNError

_BINARY = "Binary labelmap"
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_ORTHOGONAL_WITHIN = 1e-4


class UnreadableSegment(LiverCNNError):
    """A segment whose mask cannot be read. Ids: ``segment-gone``, ``transform-not-rigid``,
    ``made-of-surfaces``.
    """

    id = "segment-gone"


@dataclass(frozen=True)
class MaskGrid:
    """Where the voxels of a mask are: position in LPS = origin + direction @ (spacing_mm * (x, y, z)).

    shape: voxels along z, y, x.
    """

    shape: tuple
    origin: np.ndarray
    spacing_mm: np.ndarray
    direction: np.ndarray


@dataclass(frozen=True)
class MaskCopy:
    """A mask taken out of the scene, which may be changed meanwhile.

    bits: a row of packed voxels for each slice: memory that is new takes the time of a copy.
    """

    bits: np.ndarray
    grid: MaskGrid

    @classmethod
    def of(cls, scalars: np.ndarray, value: int, grid: MaskGrid) -> MaskCopy:
        """The voxels (zyx) that have a value."""
        found = np.empty(scalars.shape[1:], dtype=bool)
        slices = [np.packbits(np.equal(one, value, out=found)) for one in scalars]
        return cls(np.array(slices), grid)

    def array(self) -> np.ndarray:
        """uint8 zyx, 0 or 1. It may be called in any thread, as ``image``: nothing of it is in the scene."""
        depth, height, width = self.grid.shape
        return np.unpackbits(self.bits, axis=1, count=height * width).reshape(depth, height, width)

    def image(self) -> sitk.Image:
        """The mask as uint8, 0 or 1, where it is in the world."""
        image = sitk.GetImageFromArray(self.array())
        image.SetSpacing(self.grid.spacing_mm.tolist())
        image.SetDirection(self.grid.direction.ravel().tolist())
        image.SetOrigin(self.grid.origin.tolist())
        return image


def mask_image(node: Any, segment_id: str) -> sitk.Image:
    """The mask of a segment where it is in the world, on its own lattice.

    Returns:
        uint8, 0 or 1, in LPS millimetres, no larger than the mask's own extent. A segment without voxels
        gives one voxel of 0. The node's parent transform is applied, without resampling.

    Raises:
        UnreadableSegment: If the segment is gone or made of surfaces, or its transform bends or shears the
            grid.
    """
    return copy_segment(node, segment_id).image()


def copy_segment(node: Any, segment_id: str) -> MaskCopy:
    """The mask of a segment as ``mask_image`` gives it, before the work that may be done in a thread."""
    grid = grid_of_segment(node, segment_id)
    if grid is None:
        labelmap = _labelmap(node, segment_id)
        image_to_world = np.eye(4) if labelmap is None else _image_to_world(labelmap)
        return MaskCopy(np.zeros((1, 1), dtype=np.uint8), _grid(node, image_to_world, (0, 0, 0), (1, 1, 1)))
    return MaskCopy.of(*values_of_segment(node, segment_id, grid), grid)


def values_of_segment(node: Any, segment_id: str, grid: MaskGrid) -> tuple:
    """The voxels (zyx) of the image that a segment is in, not copied, and the value of its own there.

    grid: as ``grid_of_segment`` gives it.
    """
    scalars = vtk_to_numpy(_labelmap(node, segment_id).GetPointData().GetScalars()).reshape(grid.shape)
    return scalars, node.GetSegmentation().GetSegment(segment_id).GetLabelValue()


def copy_label(volume: Any, label: int) -> MaskCopy:
    """The voxels of a labelmap volume that have a value. Raises UnreadableSegment as ``grid_of_label``."""
    return MaskCopy.of(values_of_label(volume), label, grid_of_label(volume))


def values_of_label(volume: Any) -> np.ndarray:
    """The voxels (zyx) of a labelmap volume, not copied."""
    return slicer.util.arrayFromVolume(volume)


def grid_of_segment(node: Any, segment_id: str) -> MaskGrid | None:
    """Where the voxels of a segment are, quickly; None if it has none. Raises as ``mask_image``."""
    if node is None or node.GetSegmentation().GetSegment(segment_id) is None:
        raise UnreadableSegment(_("The segment is gone; choose another one."))
    labelmap = _labelmap(node, segment_id)
    if labelmap is None or labelmap.GetScalarType() < 0 or labelmap.IsEmpty():
        return None
    first_x, last_x, first_y, last_y, first_z, last_z = labelmap.GetExtent()
    shape = (last_z - first_z + 1, last_y - first_y + 1, last_x - first_x + 1)
    return _grid(node, _image_to_world(labelmap), (first_x, first_y, first_z), shape)


def grid_of_label(volume: Any) -> MaskGrid:
    """Where the voxels of a volume are. Raises UnreadableSegment (``transform-not-rigid``)."""
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    shape = tuple(reversed(volume.GetImageData().GetDimensions()))
    return _grid(volume, slicer.util.arrayFromVTKMatrix(matrix), (0, 0, 0), shape)


def _labelmap(node: Any, segment_id: str) -> Any:
    """The node's own image of a segment, perhaps shared with others; None for an empty segment."""
    segmentation = node.GetSegmentation()
    labelmap = segmentation.GetSegment(segment_id).GetRepresentation(_BINARY)
    if labelmap is None and segmentation.GetSourceRepresentationName() != _BINARY:
        raise UnreadableSegment(
            _("{name} is made of surfaces; make a binary labelmap of it in the module Segmentations.").format(
                name=node.GetName()
            ),
            id="made-of-surfaces",
        )
    return labelmap


def _image_to_world(labelmap: Any) -> np.ndarray:
    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def _grid(node: Any, image_to_parent: np.ndarray, start: tuple, shape: tuple) -> MaskGrid:
    matrix = _RAS_TO_LPS @ _parent_to_world(node) @ image_to_parent
    spacing_mm = np.linalg.norm(matrix[:3, :3], axis=0)
    direction = matrix[:3, :3] / spacing_mm
    if np.abs(direction.T @ direction - np.eye(3)).max() > _ORTHOGONAL_WITHIN:
        raise _not_rigid(node)
    return MaskGrid(shape, (matrix @ [*start, 1.0])[:3], spacing_mm, direction)


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


def _not_rigid(node: Any) -> UnreadableSegment:
    return UnreadableSegment(
        _("{name} lies under a transform that bends or shears it; harden the transform first.").format(
            name=node.GetName()
        ),
        id="transform-not-rigid",
    )
