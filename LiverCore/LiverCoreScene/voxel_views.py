"""Voxels of a volume node for a file, where they are: a copy of a large CT would stop the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from LiverCoreLib.voxel_view import VoxelView

from .volumes import array_shape

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def voxel_view(volume: Any) -> VoxelView:
    """The voxels and geometry of a scalar volume node; its parent transform is left out.

    The array keeps VTK's alive: the volume may go meanwhile, but its voxels must not be changed in place.
    """
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    to_lps = _RAS_TO_LPS @ slicer.util.arrayFromVTKMatrix(matrix)
    values = vtk_to_numpy(volume.GetImageData().GetPointData().GetScalars()).reshape(array_shape(volume))
    return VoxelView(
        values, tuple(tuple(to_lps[:3, axis].tolist()) for axis in range(3)), tuple(to_lps[:3, 3].tolist())
    )
