"""What a person changed in a mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from .segments import bring_over
from .working_copies import Mask

MM3_PER_ML = 1000.0


@dataclass(frozen=True)
class Changes:
    """Volumes in millilitres: before and now, and of the voxels that came and went."""

    before_ml: float
    now_ml: float
    added_ml: float
    removed_ml: float


def measure(before: Mask, now: Mask) -> Changes:
    """Compare two masks voxel by voxel, on the grid of the second one unless that is empty."""
    new, old = _labelmap(now), _labelmap(before)
    old_value = before.segment.GetLabelValue()
    if before.node.GetTransformNodeID() != now.node.GetTransformNodeID():
        old, old_value = slicer.vtkOrientedImageData(), 1  # a copy, of this segment alone
        before.node.GetBinaryLabelmapRepresentation(before.segment_id, old)
        bring_over(old, before.node, now.node)
    both = not new.IsEmpty() and not old.IsEmpty()
    if both and not slicer.vtkOrientedImageDataResample.DoGeometriesMatch(old, new):
        resampled = slicer.vtkOrientedImageData()
        slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
            old, new, resampled, False, True
        )
        old = resampled
    one, other = _Box.of(old, old_value), _Box.of(new, now.segment.GetLabelValue())
    common = np.count_nonzero(one.part(other) & other.part(one))
    old_count, new_count = np.count_nonzero(one.values), np.count_nonzero(other.values)
    voxel_ml = _voxel_ml(old if new.IsEmpty() else new)
    return Changes(
        old_count * voxel_ml,
        new_count * voxel_ml,
        (new_count - common) * voxel_ml,
        (old_count - common) * voxel_ml,
    )


def _labelmap(mask: Mask) -> Any:
    """The image data that holds the segment, not copied; others may be in it, too."""
    return mask.node.GetBinaryLabelmapInternalRepresentation(mask.segment_id)


@dataclass(frozen=True)
class _Box:
    """The voxels of a labelmap, as bool zyx, from an index (z, y, x) on."""

    values: np.ndarray
    start: tuple

    @classmethod
    def of(cls, labelmap: Any, value: int) -> _Box:
        if labelmap.IsEmpty():
            return cls(np.zeros((0, 0, 0), dtype=bool), (0, 0, 0))
        first_x, last_x, first_y, last_y, first_z, last_z = labelmap.GetExtent()
        shape = (last_z - first_z + 1, last_y - first_y + 1, last_x - first_x + 1)
        scalars = vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(shape)
        return cls(scalars == value, (first_z, first_y, first_x))

    def part(self, other: _Box) -> np.ndarray:
        """What of this box lies within another one."""
        sides = []
        for axis in range(3):
            first = max(self.start[axis], other.start[axis])
            last = min(
                self.start[axis] + self.values.shape[axis], other.start[axis] + other.values.shape[axis]
            )
            sides.append(slice(first - self.start[axis], max(first, last) - self.start[axis]))
        return self.values[tuple(sides)]


def _voxel_ml(labelmap: Any) -> float:
    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    return abs(float(np.linalg.det(slicer.util.arrayFromVTKMatrix(matrix)[:3, :3]))) / MM3_PER_ML
