"""Volumes go to SimpleITK and back with their geometry, oblique and left-handed ones as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

OBLIQUE = [
    [0.8, -0.6, 0.0],
    [0.6, 0.8, 0.0],
    [0.0, 0.0, 1.0],
]
LEFT_HANDED = [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("directions", [OBLIQUE, LEFT_HANDED], ids=["oblique", "left-handed"])
def test_a_voxel_stays_at_its_place(directions: Any) -> None:
    import slicer
    import vtk

    pytest.importorskip("SimpleITK")
    import sitkUtils

    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    volume.SetIJKToRASDirections(directions)
    volume.SetSpacing(1.5, 2.0, 3.0)
    volume.SetOrigin(10, -20, 30)
    slicer.util.updateVolumeFromArray(volume, voxels)
    image = sitkUtils.PullVolumeFromSlicer(volume)
    to_ras = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(to_ras)
    x, y, z, _ = to_ras.MultiplyPoint((3, 1, 1, 1))
    assert image.TransformIndexToPhysicalPoint((3, 1, 1)) == pytest.approx((-x, -y, z))
    assert image[3, 1, 1] == voxels[1, 1, 3]
    back = sitkUtils.PushVolumeToSlicer(image, name="copy")
    again = vtk.vtkMatrix4x4()
    back.GetIJKToRASMatrix(again)
    for row in range(4):
        for column in range(4):
            assert again.GetElement(row, column) == pytest.approx(to_ras.GetElement(row, column))
    assert (slicer.util.arrayFromVolume(back) == voxels).all()
