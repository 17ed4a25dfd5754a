"""Voxels written where they lie come back as they were, whatever their type and place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.voxel_view import VoxelView


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_types_and_places_come_back(tmp_path: Path, kind: str) -> None:
    values = (np.arange(2 * 3 * 4).reshape(2, 3, 4) * 5 - 7).astype(kind)
    angle = np.deg2rad(25)
    direction = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, -1]]
    )  # left-handed
    axes_mm = direction * [0.7, 0.9, 2.5]
    view = VoxelView(values, tuple(map(tuple, axes_mm.T.tolist())), (10.5, -20.25, 1e-3))
    view.write_nrrd(tmp_path / "image.nrrd")
    image = sitk.ReadImage(str(tmp_path / "image.nrrd"))
    assert (sitk.GetArrayFromImage(image) == values).all()
    assert image.GetSpacing() == pytest.approx((0.7, 0.9, 2.5))
    assert image.GetOrigin() == pytest.approx((10.5, -20.25, 1e-3))
    assert image.GetDirection() == pytest.approx(direction.ravel().tolist())


def test_a_view_of_part_of_an_array(tmp_path: Path) -> None:
    values = np.arange(4 * 6 * 8, dtype=np.int16).reshape(4, 6, 8)[::2, ::2, ::2]
    view = VoxelView(values, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.0, 0.0, 0.0))
    view.write_nrrd(tmp_path / "image.nrrd")
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "image.nrrd"))) == values).all()
