"""What HU alone can tell: little. Fat darkens towards low energies; liver and blood brighten with iodine.

Fat, of which iodine takes no part, is the only measure that does not depend on the injection. From NIST's
attenuation coefficients (XCOM, by the tables of the simulation): ICRU-44 adipose tissue (0.95 g/mL) is
-152, -90 and -69 HU at 40, 60 and 80 keV, pure triglyceride fat -213, -130 and -102 HU; patients lie
between. With tube voltages from 70 to 150 kV (tin) it is -150 to -60 HU. So 40 keV stands apart, and the
others overlap.

Iodine excludes something at the other end. In portal scans of the BTCV challenge (about 120 kV) the
brightest 700 mL of even tissue, that is spleen, kidneys, blood and spine before the liver, reach at most
182 HU. Scaled by iodine's 82.4, 36.8, 26 and 19.1 HU per mg/mL at 40, 60, 70 (120 kV) and 80 keV, and twice
the 26 at 70 kV, that is 457, 235 and 148 HU at 40, 60 and 80 keV and 309 HU at 70 kV; a tenth above is the
limit.

FBP, IR and OPT cannot be told apart, since noise depends on the dose as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from .evidence import INTENSITY, Evidence

# protocol -> fat from, to, HU; 5 HU of calibration beyond the physics on both sides.
FAT_HU = {
    "FBP": (-155, -55),
    "IR": (-155, -55),
    "OPT": (-155, -55),
    "M40": (-218, -147),
    "M60": (-135, -85),
    "M80": (-107, -64),
}
# protocol -> what the brightest 700 mL of even soft tissue can be at least, HU.
BRIGHTEST_EVEN_TISSUE_HU = {"FBP": 340, "IR": 340, "OPT": 340, "M40": 500, "M60": 260, "M80": 165}

_FAT_WINDOW_HU = (-220, -50)
_FEWEST_FAT_ML = 100.0
_AIR_BELOW_HU = -400.0
_CUT_MARGIN_HU = 15.0
_SOFT_WINDOW_HU = (20, 600)
_EVEN_TISSUE_ML = 700.0
_BLOCK_MM = 8.0
_MOST_SLICES = 64


@dataclass(frozen=True)
class TissueHU:
    """The peak of fat, and the level that 700 mL of even soft tissue reach; None if absent."""

    fat_hu: float | None
    bright_hu: float | None


def candidates_by_hu(image: sitk.Image) -> tuple[Evidence, tuple[str, ...]]:
    """The protocols that the HU of fat and of enhanced tissue leave; none where there is too little fat."""
    measured = measure_tissue(image)
    fits = []
    for protocol, (low, high) in FAT_HU.items():
        if measured.fat_hu is None or not low <= measured.fat_hu <= high:
            continue
        if measured.bright_hu is None or measured.bright_hu <= BRIGHTEST_EVEN_TISSUE_HU[protocol]:
            fits.append(protocol)
    value = ", ".join(
        f"{name} {'not found' if hu is None else f'{hu:.0f} HU'}"
        for name, hu in (("fat", measured.fat_hu), ("even soft tissue", measured.bright_hu))
    )
    says = f"fits {', '.join(fits)}" if fits else "fits none of the protocols, or too little fat is seen"
    return Evidence("HU", value, says, INTENSITY if fits else 0.0), tuple(fits)


def measure_tissue(image: sitk.Image) -> TissueHU:
    """Measure fat and bright soft tissue in small blocks, so that noise and edges matter little."""
    means, deviations, block_ml = _blocks(image)
    if means.size == 0:
        return TissueHU(None, None)
    lowest = float(means.min())
    cut_off_hu = lowest if lowest > _AIR_BELOW_HU else -np.inf  # some archives keep soft tissue only
    return TissueHU(
        _fat_peak(means, deviations, block_ml, cut_off_hu), _bright_level(means, deviations, block_ml)
    )


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


def _fat_peak(
    means: np.ndarray, deviations: np.ndarray, block_ml: float, cut_off_hu: float
) -> float | None:
    """Where fat lies most often; None if there is little, or if HU were cut off so high that it shows."""
    values = _even(means, deviations, (max(_FAT_WINDOW_HU[0], cut_off_hu + 1), _FAT_WINDOW_HU[1]))
    if values.size * block_ml < _FEWEST_FAT_ML:
        return None
    counts, edges = np.histogram(values, bins=np.arange(_FAT_WINDOW_HU[0], _FAT_WINDOW_HU[1] + 1, 5))
    peak = int(np.argmax(np.convolve(counts, np.ones(3), mode="same")))
    fat = float(np.median(values[np.abs(values - (edges[peak] + 2.5)) <= 7.5]))
    return None if fat < cut_off_hu + _CUT_MARGIN_HU else fat


def _bright_level(means: np.ndarray, deviations: np.ndarray, block_ml: float) -> float | None:
    values = np.sort(_even(means, deviations, _SOFT_WINDOW_HU))[::-1]
    count = int(round(_EVEN_TISSUE_ML / block_ml))
    return float(values[count - 1]) if 0 < count <= values.size else None
