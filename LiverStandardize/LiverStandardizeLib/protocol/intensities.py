"""What HU alone can tell: little. Fat darkens towards low energies.

Fat, of which iodine takes no part, is the only measure that does not depend on the injection. From NIST's
attenuation coefficients (XCOM, by the tables of the simulation): ICRU-44 adipose tissue (0.95 g/mL) is
-152, -90 and -69 HU at 40, 60 and 80 keV, pure triglyceride fat -213, -130 and -102 HU; patients lie
between. With tube voltages from 70 to 150 kV (tin) it is -150 to -60 HU. So 40 keV stands apart, and the
others overlap.

Liver and blood would tell more if it were known how much iodine is in them. It is not, and a bound on what
can be does not help: in 20 of 21 portal scans of the BTCV challenge the brightest 700 mL of even soft tissue
reach 55 to 182 HU, and in the other one 264 HU, which is more than liver at 60 or 80 keV can have.

FBP, IR and OPT cannot be told apart, since noise depends on the dose as well.
"""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from .evidence import INTENSITY, NONE, Evidence

# protocol -> fat from, to, HU; 5 HU of calibration beyond the physics on both sides.
FAT_HU = {
    "FBP": (-155, -55),
    "IR": (-155, -55),
    "OPT": (-155, -55),
    "M40": (-218, -147),
    "M60": (-135, -85),
    "M80": (-107, -64),
}
_FAT_WINDOW_HU = (-220, -50)
_CONTRADICTION_HU = 15.0  # beyond the ranges, which are for guessing: a warning should be right
_FEWEST_FAT_ML = 100.0
_AIR_BELOW_HU = -400.0
_CUT_MARGIN_HU = 15.0
_BLOCK_MM = 8.0
_MOST_SLICES = 64


def candidates_by_hu(image: sitk.Image) -> tuple[Evidence, tuple[str, ...]]:
    """The protocols that the HU of fat leave; none where there is too little fat to measure."""
    return candidates_by_fat(measure_fat_hu(image))


def candidates_by_fat(fat_hu: float | None) -> tuple[Evidence, tuple[str, ...]]:
    """The protocols that fat at so many HU leaves; None is fat that was not found."""
    if fat_hu is None:
        return Evidence("HU", "fat not found", "too little fat, or HU are cut off above it"), ()
    fits = tuple(protocol for protocol, (low, high) in FAT_HU.items() if low <= fat_hu <= high)
    says = f"fits {', '.join(fits)}" if fits else "fits none of the protocols"
    return Evidence("HU", f"fat at {fat_hu:.0f} HU", says, INTENSITY if fits else NONE), fits


def contradicts_fat(fat_hu: float | None, protocol: str) -> bool:
    """Whether fat measures what it cannot at a protocol, by more than 15 HU."""
    low, high = FAT_HU[protocol]
    return fat_hu is not None and not low - _CONTRADICTION_HU <= fat_hu <= high + _CONTRADICTION_HU


def measure_fat_hu(image: sitk.Image) -> float | None:
    """Where fat lies most often, in small blocks, so that noise and edges matter little."""
    means, deviations, block_ml = _blocks(image)
    if means.size == 0:
        return None
    lowest = float(means.min())
    cut_off_hu = lowest if lowest > _AIR_BELOW_HU else -np.inf  # some archives keep soft tissue only
    values = _even(means, deviations, (max(_FAT_WINDOW_HU[0], cut_off_hu + 1), _FAT_WINDOW_HU[1]))
    if values.size * block_ml < _FEWEST_FAT_ML:
        return None
    counts, edges = np.histogram(values, bins=np.arange(_FAT_WINDOW_HU[0], _FAT_WINDOW_HU[1] + 1, 5))
    peak = int(np.argmax(np.convolve(counts, np.ones(3), mode="same")))
    fat_hu = float(np.median(values[np.abs(values - (edges[peak] + 2.5)) <= 7.5]))
    return None if fat_hu < cut_off_hu + _CUT_MARGIN_HU else fat_hu


def _blocks(image: sitk.Image) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and deviation of squares of about 8 mm in up to 64 slices, and the mL that each stands for."""
    array = sitk.GetArrayViewFromImage(image)
    depth, height, width = array.shape
    step = -(-depth // _MOST_SLICES)
    spacing = image.GetSpacing()
    side_x, side_y = (max(1, round(_BLOCK_MM / spacing[axis])) for axis in (0, 1))
    rows, columns = height // side_y, width // side_x
    used = array[::step, : rows * side_y, : columns * side_x].astype(np.float32)
    blocks = used.reshape(used.shape[0], rows, side_y, columns, side_x)
    voxel_ml = float(np.prod(spacing)) / 1000 * step
    with np.errstate(invalid="ignore"):  # NaN and infinity are left out below
        means, deviations = blocks.mean(axis=(2, 4)).ravel(), blocks.std(axis=(2, 4)).ravel()
    finite = np.isfinite(means) & np.isfinite(deviations)
    return means[finite], deviations[finite], voxel_ml * side_x * side_y


def _even(means: np.ndarray, deviations: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """The means, within a window, of blocks that hold one tissue: no edges, little more than noise."""
    inside = (means > window[0]) & (means < window[1])
    if not inside.any():
        return means[inside]
    noise = float(np.percentile(deviations[inside], 25))
    return means[inside & (deviations <= 1.5 * noise + 1.0)]
