"""Arrays as the image data of VTK, made in a thread: a copy of a large CT would stop the window."""

from __future__ import annotations

import numpy as np
import vtk
from vtk.util.numpy_support import get_vtk_array_type, vtk_to_numpy


def vtk_image(values: np.ndarray) -> vtk.vtkImageData:
    """A copy of scalars (zyx) as image data without a place in space: a volume node has that."""
    voxels = vtk.vtkImageData()
    voxels.SetDimensions(values.shape[::-1])
    voxels.AllocateScalars(get_vtk_array_type(values.dtype), 1)
    vtk_to_numpy(voxels.GetPointData().GetScalars())[:] = values.ravel()
    return voxels
