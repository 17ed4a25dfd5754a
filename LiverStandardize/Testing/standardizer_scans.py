"""Synthetic CTs for the tests of standardization: tissues of known HU, in any geometry."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

AIR_HU, FAT_HU, MUSCLE_HU, LIVER_HU, BLOOD_HU, BONE_HU = -1000, -95, 55, 110, 170, 900


def scan(
    size: tuple[int, int, int] = (96, 80, 8),
    spacing: tuple[float, float, float] = (3.0, 3.0, 5.0),
    *,
    noise_hu: float = 8.0,
    fat_hu: float = FAT_HU,
    seed: int = 0,
) -> sitk.Image:
    """A CT (int16, HU, LPS): an elliptic trunk of muscle in fat, with a liver, an aorta and a vertebra."""
    columns, rows, slices = size
    y, x = np.mgrid[:rows, :columns]
    section = np.full((rows, columns), float(AIR_HU))

    def ellipse(centre: tuple[float, float], radii: tuple[float, float], hu: float) -> None:
        inside = ((x / columns - centre[0]) / radii[0]) ** 2 + ((y / rows - centre[1]) / radii[1]) ** 2 < 1
        section[inside] = hu

    ellipse((0.5, 0.5), (0.46, 0.44), fat_hu)
    ellipse((0.5, 0.5), (0.38, 0.36), MUSCLE_HU)
    ellipse((0.34, 0.42), (0.16, 0.20), LIVER_HU)
    ellipse((0.58, 0.60), (0.05, 0.06), BLOOD_HU)
    ellipse((0.5, 0.72), (0.06, 0.07), BONE_HU)
    hu = np.repeat(section[None], slices, axis=0)
    hu = hu + np.random.default_rng(seed).normal(0, noise_hu, hu.shape)
    image = sitk.GetImageFromArray(np.rint(hu).astype(np.int16))
    image.SetSpacing(spacing)
    image.SetOrigin((-150.0, -120.0, 40.0))
    return image


def liver_mask(image: sitk.Image) -> sitk.Image:
    """The liver of a `scan` (uint8)."""
    columns, rows, slices = image.GetSize()
    y, x = np.mgrid[:rows, :columns]
    inside = ((x / columns - 0.34) / 0.16) ** 2 + ((y / rows - 0.42) / 0.20) ** 2 < 1
    mask = sitk.GetImageFromArray(np.repeat(inside[None].astype(np.uint8), slices, axis=0))
    mask.CopyInformation(image)
    return mask
