"""How noisy a CT is, from the image alone."""

from __future__ import annotations

import torch
import torch.nn.functional as F

WINDOW_MM = 5.0
SOFT_TISSUE_HU = (0.0, 180.0)
"""Where noise is measured: soft tissue, enhanced or not."""
BINS = 150
"""Up to three times the median."""
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
    """Standard deviation of the noise in soft tissue of (n, y, x), HU; None where there is too little."""
    return commonest_spread(sections, pixel_mm, torch.ones(1))


def commonest_spread(sections: torch.Tensor, pixel_mm: float, expected_hu: torch.Tensor) -> float | None:
    """The commonest standard deviation in small squares of soft tissue, as a multiple of the one expected.

    Squares with structure in them vary more, and are few at any one value (Christianson et al., AJR 205
    (2015) W93). sections: (n, y, x), HU. expected_hu: the same shape, or one value. None where there is too
    little.
    """
    mean, spread = local_mean_and_sd(sections, odd_pixels(WINDOW_MM, pixel_mm))
    soft = (mean > SOFT_TISSUE_HU[0]) & (mean < SOFT_TISSUE_HU[1])
    if int(soft.sum()) < _FEWEST_PIXELS:
        return None
    found = (spread / expected_hu)[soft]
    highest = 3 * float(found.median())
    if highest == 0:
        return 0.0
    counts = torch.histc(found, BINS, 0.0, highest)
    smooth = F.avg_pool1d(counts[None], _SMOOTHING_BINS, 1, _SMOOTHING_BINS // 2, count_include_pad=False)[0]
    return (int(smooth.argmax()) + 0.5) * highest / BINS


def odd_pixels(length_mm: float, pixel_mm: float) -> int:
    """The odd number of pixels nearest to a length, three at least."""
    return max(3, 2 * round((length_mm / pixel_mm - 1) / 2) + 1)
