"""What the tests of the metrics share."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

sys.path.insert(0, str(Path(__file__).parent))  # helpers; importlib mode does not do it


@pytest.fixture(scope="session")
def as_image():
    """Function: array (z, y, x) to a labelmap; spacing and origin in (x, y, z) order, direction 3 x 3."""

    def build(array, spacing=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0), direction=None) -> sitk.Image:
        voxels = np.asarray(array)
        image = sitk.GetImageFromArray(voxels.astype(np.uint8) if voxels.dtype == bool else voxels)
        image.SetSpacing([float(s) for s in spacing])
        image.SetOrigin([float(o) for o in origin])
        if direction is not None:
            image.SetDirection(np.asarray(direction, dtype=float).ravel().tolist())
        return image

    return build


@pytest.fixture(scope="session")
def ball():
    """Function: boolean array (z, y, x) of the voxel centres within a radius of a centre, both in mm."""

    def build(shape, center_mm, radius_mm, spacing=(1.0, 1.0, 1.0)) -> np.ndarray:
        axes = [np.arange(n) * step for n, step in zip(shape, spacing[::-1])]
        z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
        cz, cy, cx = center_mm[::-1]
        return (z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 <= radius_mm**2

    return build


@pytest.fixture
def mask_files(tmp_path, as_image, ball):
    """Function: writes N pairs of small masks, ref/NAME.nii.gz and out/NAME.nii.gz; gives their names."""

    def write(count: int) -> list[str]:
        names = [f"case{number:02d}" for number in range(count)]
        for folder in ("ref", "out"):
            (tmp_path / folder).mkdir()
        for number, name in enumerate(names):
            for folder, shift in (("ref", 0), ("out", 1)):
                mask = ball((10, 16, 16), (7 + shift, 7, 5), 3 + 0.3 * (number % 5))
                sitk.WriteImage(as_image(mask), str(tmp_path / folder / f"{name}.nii.gz"))
        return names

    return write
