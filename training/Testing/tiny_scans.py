"""Small made-up scans for the training tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.pack import PackedCase, quantize


def tiny_case(name: str, seed: int) -> PackedCase:
    """A bright ellipsoid ("liver") in a soft cylinder, 150 x 180 x 180 mm, with noise."""
    rng = np.random.default_rng(seed)
    z, y, x = np.mgrid[:30, :60, :60]
    liver = ((z - 15) / 9) ** 2 + ((y - 30) / 16) ** 2 + ((x - 24) / 14) ** 2 < 1
    hu = np.where(((y - 30) / 26) ** 2 + ((x - 30) / 28) ** 2 < 1, 40, -300) + liver * 80.0
    hu = hu + rng.normal(0, 10, hu.shape)
    return PackedCase(name, quantize(hu), liver, (5.0, 3.0, 3.0), (-300.0, 200.0))


def write_case(
    folder: Path,
    seed: int = 0,
    direction: tuple[float, ...] = (1, 0, 0, 0, 1, 0, 0, 0, 1),
    spacing_mm: tuple[float, float, float] = (3.0, 3.0, 5.0),
) -> None:
    """Write the scan as folder/ct.nii.gz and folder/liver.nii.gz (label 1). spacing_mm: (x, y, z)."""
    folder.mkdir(parents=True)
    case = tiny_case("tiny", seed)
    hu = np.where(case.liver, 120, np.where(case.levels > 0, 40, -1000)).astype(np.int16)
    for name, array in (("ct", hu), ("liver", case.liver.astype(np.uint8))):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(spacing_mm)
        image.SetDirection(direction)
        sitk.WriteImage(image, str(folder / f"{name}.nii.gz"))
