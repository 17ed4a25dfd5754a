"""Exams of known anatomy in several protocols, in which the tests of experiments plant differences."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk

_REPOSITORY = Path(__file__).resolve().parents[2]
for _library in ("LiverSegmentCNN", "LiverStandardize"):
    if (_folder := str(_REPOSITORY / _library / "Testing")) not in sys.path:
        sys.path.append(_folder)

SIZE, SPACING_MM = (64, 56, 28), (5.0, 5.0, 5.0)
AIR_HU, BODY_HU, LIVER_HU = -1000.0, 30.0, 110.0
M40_SHIFT_HU = 60.0
"""Puts the body above 70 HU, where the segmenter of the tests begins to see liver."""


def abdomen(seed: int, noise_hu: float = 4.0) -> tuple[sitk.Image, sitk.Image]:
    """A CT with a liver (an ellipsoid in a cylinder) and its mask; the seed moves the liver a little."""
    rng = np.random.default_rng(seed)
    z, y, x = np.mgrid[: SIZE[2], : SIZE[1], : SIZE[0]] * 5.0
    moved = rng.uniform(-8, 8, 3)
    body = ((x - 157) / 140) ** 2 + ((y - 137) / 105) ** 2 < 1
    liver = ((x - 110 - moved[0]) / 62) ** 2 + ((y - 140 - moved[1]) / 50) ** 2 + (
        (z - 70 - moved[2]) / 48
    ) ** 2 < 1
    hu = np.where(body, np.where(liver, LIVER_HU, BODY_HU), AIR_HU)
    hu = hu + rng.normal(0, noise_hu, hu.shape) * body
    return image_of(hu), image_of(liver, np.uint8)


def image_of(values: np.ndarray, kind: type = np.int16) -> sitk.Image:
    """An array (z, y, x) on the grid of these exams."""
    image = sitk.GetImageFromArray(np.rint(values).astype(kind))
    image.SetSpacing(SPACING_MM)
    return image


def write_exam(folder: Path, seed: int, *, label: bool = True) -> None:
    """M80 and FBP alike, M40 with everything in the body 60 HU brighter, and the true liver."""
    folder.mkdir(parents=True)
    image, liver = abdomen(seed)
    hu = sitk.GetArrayFromImage(image)
    m40 = image_of(np.where(hu > -300, hu + M40_SHIFT_HU, hu))
    for name, one in (("M80", image), ("FBP", image), ("M40", m40)):
        sitk.WriteImage(one, str(folder / f"{name}.nii.gz"))
    if label:
        sitk.WriteImage(liver, str(folder / "liver.nii.gz"))
