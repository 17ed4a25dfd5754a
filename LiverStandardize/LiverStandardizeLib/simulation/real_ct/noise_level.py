"""How noisy a CT is, from the image alone."""

from __future__ import annotations

import torch
import torch.nn.functional as F

WINDOW_MM = 7.0
SOFT_TISSUE_HU = (0.0, 180.0)
"""Where noise is measured: soft tissue, enhanced or not."""
BIN_HU = 0.25
HIGHEST_HU = 100.0
_SMOOTHING_BINS = 9
_FEWEST_PIXELS = 500


def local_mean_and_sd(sections: torch.Tensor, pixels: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of (n, y, x) in squares of an odd number of pixels about each pixel."""
    mean = box_mean(sections, pixels)
    area = pixels * pixels
    # About a common value: squares of HU far from zero would lose the digits that matter.
    variance = (box_mean(sections * sections, pixels) - mean * mean).clamp_min(0)
    return mean, (variance * (area / (area - 1))).sqrt()


def box_mean(sections: torch.Tensor, pixels: int) -> torch.Tensor:
    """Means of (n, y, x) over squares of an odd number of pixels; the border repeats its outermost pixels."""
    reach = pixels // 2
    padded = F.pad(sections[:, None], (reach, reach, reach, reach), mode="replicate")
    across = F.avg_pool2d(padded, (1, pixels), 1)
    return F.avg_pool2d(across, (pixels, 1), 1)[:, 0]


def noise_sd_hu(sections: torch.Tensor, pixel_mm: float) -> float | None:
    """The commonest standard deviation in small squares of soft tissue of (n, y, x), HU.

    Squares with structure in them vary more and are few at any one value (Christianson et al., AJR 205 (2015)
    W93). None where there is too little soft tissue.
    """
    mean, spread = local_mean_and_sd(sections, odd_pixels(WINDOW_MM, pixel_mm))
    soft = (mean > SOFT_TISSUE_HU[0]) & (mean < SOFT_TISSUE_HU[1])
    if int(soft.sum()) < _FEWEST_PIXELS:
        return None
    counts = torch.histc(spread[soft], round(HIGHEST_HU / BIN_HU), 0.0, HIGHEST_HU)
    smooth = F.avg_pool1d(counts[None], _SMOOTHING_BINS, 1, _SMOOTHING_BINS // 2, count_include_pad=False)[0]
    return (int(smooth.argmax()) + 0.5) * BIN_HU


def odd_pixels(length_mm: float, pixel_mm: float) -> int:
    """The odd number of pixels nearest to a length, three at least."""
    return max(3, 2 * round((length_mm / pixel_mm - 1) / 2) + 1)
