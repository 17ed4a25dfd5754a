"""What standardization did to the images themselves: HU and noise of the liver, lesions, field of view."""

from __future__ import annotations

import math

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from .exams import Exam
from .standardizers import Standardizer

INSIDE_MM = 4.0
"""How far inside the true liver HU are measured: its border is half something else."""
FEWEST_VOXELS = 100
NOISE_SCALE_MM = 3.0
"""What varies over longer distances is anatomy, not noise."""
NORMAL_SD_OF_MAD = 1.4826
SLAB_MM = 45.0
"""Thick enough for the checks of an abdomen, however thin a child's slices are."""
CROP_MARGIN_MM = 25.0
BACKGROUND_MM = (2.0, 8.0)
"""Distances from a lesion between which the liver is its background."""
SPREAD_MM = 2.0
"""What a lesion loses to blur at its border, up to here, belongs to it."""


def inner_liver(exam: Exam) -> np.ndarray | None:
    """Voxels (z, y, x) well inside the true liver, lesions left out; None where it is unknown or small."""
    if exam.liver is None:
        return None
    liver = sitk.GetArrayFromImage(exam.liver) > 0
    if exam.lesions is not None:
        liver &= sitk.GetArrayViewFromImage(exam.lesions) == 0
    inside = _distance_mm(liver, exam.liver) > INSIDE_MM
    return inside if np.count_nonzero(inside) >= FEWEST_VOXELS else None


def bias_hu(image: sitk.Image, target: sitk.Image, region: np.ndarray) -> float:
    """Mean of image - target in the region, HU."""
    difference = _hu(image)[region] - _hu(target)[region]
    return float(difference.mean())


def noise_hu(image: sitk.Image, region: np.ndarray) -> float:
    """Noise in the region, HU: the robust standard deviation (1.4826 MAD) of what is finer than 3 mm.

    Robust, so that vessels and their edges, a small part of the voxels, do not count as noise; smoothed
    within the region alone, so that the liver's border does not.
    """
    x_mm, y_mm, _ = image.GetSpacing()
    scale = (0.0, NOISE_SCALE_MM / y_mm, NOISE_SCALE_MM / x_mm)
    inside = region.astype(np.float32)
    hu = _hu(image)
    weights = ndimage.gaussian_filter(inside, scale)[region]
    fine = hu[region] - ndimage.gaussian_filter(hu * inside, scale)[region] / weights
    return float(NORMAL_SD_OF_MAD * np.median(np.abs(fine - np.median(fine))))


def lesion_sums(image: sitk.Image, exam: Exam) -> list[float]:
    """The sum of each lesion's contrast to the liver around it, HU x mL; NaN where no liver is around it.

    Summed over the lesion and what its border was blurred into, so that blur alone loses nothing.
    """
    if exam.lesions is None or exam.liver is None:
        return []
    hu, labels = _hu(image), sitk.GetArrayFromImage(exam.lesions)
    liver = (sitk.GetArrayFromImage(exam.liver) > 0) & (labels == 0)
    voxel_ml = float(np.prod(image.GetSpacing())) / 1000
    sums = []
    for label in range(1, len(exam.lesions_mm) + 1):
        box = _box_around(labels == label, image, BACKGROUND_MM[1] + 1)
        if box is None:
            sums.append(math.nan)
            continue
        lesion = labels[box] == label
        away = _distance_mm(~lesion, exam.lesions)
        around = liver[box] & (away > BACKGROUND_MM[0]) & (away < BACKGROUND_MM[1])
        spread = lesion | (liver[box] & (away <= SPREAD_MM))
        background = hu[box][around].mean() if around.any() else math.nan
        sums.append(float((hu[box][spread] - background).sum() * voxel_ml))
    return sums


def crop_difference_hu(
    standardizer: Standardizer, image: sitk.Image, protocol: str, exam: Exam, region: np.ndarray
) -> float:
    """Change of the liver's mean HU when the field of view is cropped to the liver before standardization.

    Measured in a slab of a few slices where the liver is largest. 0 for what looks at HU alone.
    """
    assert exam.liver is not None
    areas = region.sum(axis=(1, 2))
    middle, depth = int(areas.argmax()), region.shape[0]
    slices = min(depth, math.ceil(SLAB_MM / image.GetSpacing()[2]))
    start = max(0, min(middle - slices // 2, depth - slices))
    slab = slice(start, start + slices)
    box = _box_around(region[slab], image, CROP_MARGIN_MM)
    assert box is not None
    width, height, _ = image.GetSize()
    whole = image[0:width, 0:height, slab]
    cropped = whole[box[2], box[1], :]
    from_whole = _hu(standardizer.standardize(whole, protocol))[:, box[1], box[2]]
    from_cropped = _hu(standardizer.standardize(cropped, protocol))
    liver = region[slab][:, box[1], box[2]]
    return float(from_cropped[liver].mean() - from_whole[liver].mean())


def _hu(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(image).astype(np.float32)


def _distance_mm(inside: np.ndarray, grid: sitk.Image) -> np.ndarray:
    """Distance of each inner voxel to the nearest outer one."""
    return ndimage.distance_transform_edt(inside, sampling=grid.GetSpacing()[::-1])


def _box_around(mask: np.ndarray, grid: sitk.Image, margin_mm: float) -> tuple[slice, slice, slice] | None:
    """The mask's box with a margin, inside the volume; None for an empty mask."""
    (found,) = ndimage.find_objects(mask.astype(np.uint8)) or (None,)
    if found is None:
        return None
    margins = [math.ceil(margin_mm / step) for step in grid.GetSpacing()[::-1]]
    z, y, x = (
        slice(max(0, side.start - margin), min(size, side.stop + margin))
        for side, margin, size in zip(found, margins, mask.shape)
    )
    return z, y, x
