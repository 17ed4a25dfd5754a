"""Sections of a CT as basis materials on the one lattice that networks are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np
import SimpleITK as sitk

from ..physics.attenuation import MATERIALS
from ..physics.tissues import tissue
from .findings import Findings
from .input_beam import Kv
from .input_checks import organs_of
from .materials import materials_of_ct

Progress = Optional[Callable[[float, str], None]]

PIXEL_MM = 1.5
SIZE = 256
_BODY_WATER = 0.5
ALIKE = 0.75
"""Pixels of so many times the wanted size or more need no smoothing before."""


@dataclass(frozen=True)
class TrainingSections:
    """Sections as radiologists look at them, the patient's right on the left.

    maps: (n, 3, y, x), float32, in the order of MATERIALS, denoised: noise comes from the engine. uncertain:
    (n, y, x), True where HU were cut off or there were none. labels: (n, y, x), uint8, or None. slice_mm:
    from section to section. noise_hu: the CT's own, or None.
    """

    maps: np.ndarray
    uncertain: np.ndarray
    labels: np.ndarray | None
    pixel_mm: float
    slice_mm: float
    noise_hu: float | None
    findings: Findings


def training_sections(
    image: sitk.Image,
    labels: sitk.Image | None = None,
    *,
    organs: Mapping[int, str] | None = None,
    kv: Kv = None,
    phase: str | None = None,
    pixel_mm: float = PIXEL_MM,
    size: int = SIZE,
    progress: Progress = None,
) -> TrainingSections:
    """All sections of a CT, the body in the middle of `size` x `size` pixels, air around it.

    organs: what codes mean; by default what they most likely do (``organs_of``). The rest, and what is
    raised, as for ``materials_of_ct``. Scan such sections with ``ImageEngine(..., blur=False)``.
    """
    found = organs if organs is not None else organs_of(labels) if labels is not None else {}
    split = materials_of_ct(image, labels, organs=found, kv=kv, phase=phase, progress=progress)
    grid = _grid(image, split.maps[0], pixel_mm, size)
    air = (*tissue("air"), 0.0)
    maps = [
        _resampled(_placed(split.maps[number], image), grid, air[number], pixel_mm)
        for number in range(len(MATERIALS))
    ]
    unsure = _placed(split.uncertain.astype(np.uint8), image)
    coded = None if labels is None else sitk.Cast(labels, sitk.sitkUInt8)
    return TrainingSections(
        maps=np.stack(maps, axis=1),
        uncertain=_nearest(unsure, grid, 1).astype(bool),
        labels=None if coded is None else _nearest(coded, grid, 0),
        pixel_mm=pixel_mm,
        slice_mm=grid.GetSpacing()[2],
        noise_hu=split.findings.noise_hu,
        findings=split.findings,
    )


def _grid(image: sitk.Image, water: np.ndarray, pixel_mm: float, size: int) -> sitk.Image:
    """An empty image of the wanted sections, in the axes of the patient as far as those of the CT allow."""
    body = sitk.DICOMOrient(_placed((water > _BODY_WATER).astype(np.uint8), image), "LPS")
    inside = np.nonzero(sitk.GetArrayViewFromImage(body).any(axis=0))
    middle = [(float(one.min()) + float(one.max())) / 2 for one in inside] if inside[0].size else [0.0, 0.0]
    spacing = (pixel_mm, pixel_mm, body.GetSpacing()[2])
    half = (size - 1) / 2 * pixel_mm
    first = (middle[1] - half / body.GetSpacing()[0], middle[0] - half / body.GetSpacing()[1], 0.0)
    grid = sitk.Image(size, size, body.GetDepth(), sitk.sitkUInt8)
    grid.SetSpacing(spacing)
    grid.SetDirection(body.GetDirection())
    grid.SetOrigin(body.TransformContinuousIndexToPhysicalPoint(first))
    return grid


def _placed(array: np.ndarray, image: sitk.Image) -> sitk.Image:
    placed = sitk.GetImageFromArray(array)
    placed.CopyInformation(image)
    return placed


def _resampled(volume: sitk.Image, grid: sitk.Image, outside: float, pixel_mm: float) -> np.ndarray:
    """Linear, after as much smoothing as coarser pixels take."""
    for axis, spacing in enumerate(volume.GetSpacing()):
        along_slices = abs(volume.GetDirection()[6 + axis]) > 0.7
        if not along_slices and spacing < ALIKE * pixel_mm:
            sigma_mm = 0.4 * float(np.sqrt(pixel_mm**2 - spacing**2))
            volume = sitk.RecursiveGaussian(
                volume, sigma_mm, False, sitk.RecursiveGaussianImageFilter.ZeroOrder, axis
            )
    return sitk.GetArrayFromImage(sitk.Resample(volume, grid, sitk.Transform(), sitk.sitkLinear, outside))


def _nearest(volume: sitk.Image, grid: sitk.Image, outside: int) -> np.ndarray:
    made = sitk.Resample(volume, grid, sitk.Transform(), sitk.sitkNearestNeighbor, outside)
    return sitk.GetArrayFromImage(made)
