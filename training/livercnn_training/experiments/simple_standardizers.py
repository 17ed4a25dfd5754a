"""The honest controls: a line, and a histogram, each fitted on training exams and the same for all patients.

Both see what a hospital would have: exams of other patients in both protocols, never the target image of the
patient at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk

from .exams import PROTOCOLS, TARGET, Exam, Progress

BODY_ABOVE_HU = -200.0
"""Fat and what is denser. Below, both rules lead straight to air, which is the same in all protocols."""
AIR_HU = -1000.0
FITTED_BELOW_HU = 400.0
"""In the target: bone and contrast medium in bowel, few voxels far away, would pull the line."""
SHRINK = 4
"""Pixels averaged along x and y before a line is fitted: noise in what is mapped flattens a regression."""
LOWEST_HU, HIGHEST_HU = -1024, 3071
QUANTILES = np.linspace(0.0, 1.0, 1025)


@dataclass(frozen=True, eq=False)
class LinearMapping:
    """HU = slope x HU + intercept, one line a protocol. lines: protocol to (slope, intercept in HU)."""

    lines: Mapping[str, tuple[float, float]]
    name = "linear"
    is_simple = True

    @property
    def key(self) -> Mapping[str, Any]:
        return {"linear": {protocol: list(line) for protocol, line in self.lines.items()}}

    def standardize(self, image: sitk.Image, protocol: str, progress: Progress | None = None) -> sitk.Image:
        slope, intercept = self.lines[protocol]
        ends = np.array([AIR_HU, BODY_ABOVE_HU, HIGHEST_HU])
        targets = np.array([AIR_HU, *(slope * ends[1:] + intercept)])
        return _mapped(image, ends, targets)


@dataclass(frozen=True, eq=False)
class HistogramMatching:
    """The body's HU by rank: each becomes what has its rank in target images. target_hu: at QUANTILES."""

    target_hu: tuple[float, ...]
    name = "histogram"
    is_simple = True

    @property
    def key(self) -> Mapping[str, Any]:
        return {"histogram": [round(value, 3) for value in self.target_hu]}

    def standardize(self, image: sitk.Image, protocol: str, progress: Progress | None = None) -> sitk.Image:
        body = _body(sitk.GetArrayViewFromImage(image))
        if not body.size:
            return sitk.Image(image)
        own = np.quantile(body, QUANTILES)
        distinct = np.append(np.diff(own) > 0, True)  # several ranks of one HU: the highest stands for them
        ends, targets = own[distinct], np.asarray(self.target_hu)[distinct]
        return _mapped(image, np.array([AIR_HU, *ends]), np.array([AIR_HU, *targets]))


def fit_linear(exams: Iterable[Exam]) -> LinearMapping:
    """Least squares over the body's voxels of all exams together; every exam counts by its voxels."""
    sums = {protocol: np.zeros(5) for protocol in PROTOCOLS if protocol != TARGET}
    for exam in exams:
        target, in_target = _coarse(exam.images[TARGET])
        for protocol, sum_of in sums.items():
            source, in_source = _coarse(exam.images[protocol])
            used = in_source & in_target & (target < FITTED_BELOW_HU)
            x, y = source[used], target[used]
            sum_of += [x.size, x.sum(), y.sum(), (x * x).sum(), (x * y).sum()]
    return LinearMapping({protocol: _line(sum_of) for protocol, sum_of in sums.items()})


def fit_histogram(exams: Sequence[Exam]) -> HistogramMatching:
    """The mean over exams of the body's quantiles in the target image."""
    quantiles = [
        np.quantile(_body(sitk.GetArrayViewFromImage(exam.images[TARGET])), QUANTILES) for exam in exams
    ]
    return HistogramMatching(tuple(float(value) for value in np.mean(quantiles, axis=0)))


def _line(sums: np.ndarray) -> tuple[float, float]:
    n, x, y, xx, xy = sums
    slope = (n * xy - x * y) / (n * xx - x * x)
    return float(slope), float((y - slope * x) / n)


def _coarse(image: sitk.Image) -> tuple[np.ndarray, np.ndarray]:
    """Means of blocks of pixels, and whether all of a block is body: a mean with air lies on no line."""
    factors = [min(SHRINK, size) for size in image.GetSize()[:2]] + [1]
    hu, body = (sitk.Cast(one, sitk.sitkFloat32) for one in (image, image > BODY_ABOVE_HU))
    means, shares = (sitk.GetArrayFromImage(sitk.BinShrink(one, factors)) for one in (hu, body))
    return means.astype(np.float64), shares > 0.999


def _body(hu: np.ndarray) -> np.ndarray:
    return hu[hu > BODY_ABOVE_HU]


def _mapped(image: sitk.Image, ends: np.ndarray, targets: np.ndarray) -> sitk.Image:
    """HU by a broken line through (end, target); beyond the ends it goes on as it is there."""
    hu = sitk.GetArrayFromImage(image).astype(np.float32)
    mapped = np.interp(hu, ends, targets)
    mapped = np.where(hu < ends[0], hu - ends[0] + targets[0], mapped)
    mapped = np.where(hu > ends[-1], hu - ends[-1] + targets[-1], mapped)
    made = sitk.GetImageFromArray(np.rint(mapped).clip(LOWEST_HU, HIGHEST_HU).astype(np.int16))
    made.CopyInformation(image)
    return made
