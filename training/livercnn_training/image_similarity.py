"""How alike two images are: peak signal-to-noise ratio and structural similarity."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

SIGMA_PIXELS = 1.5
_K1, _K2 = 0.01, 0.03
"""Window and constants of Wang 2004 (IEEE Trans Image Process 13:600)."""


def psnr_db(image: np.ndarray, target: np.ndarray, data_range: float, region: np.ndarray) -> float:
    """Return 10 log10(range^2 / mean squared error) over a region; infinite for equal images."""
    error = float(np.square(image[region].astype(np.float64) - target[region]).mean())
    return 10 * math.log10(data_range**2 / error) if error > 0 else math.inf


def ssim(image: np.ndarray, target: np.ndarray, data_range: float, region: np.ndarray) -> float:
    """Return the mean structural similarity over a region of stacks (z, y, x), by sections; 1 if equal.

    Means, variances and covariance by a Gaussian of 1.5 pixels (Wang 2004), population moments.
    """
    first, second = image.astype(np.float64), target.astype(np.float64)
    mean_1, mean_2 = _mean(first), _mean(second)
    variance_1 = _mean(first**2) - mean_1**2
    variance_2 = _mean(second**2) - mean_2**2
    covariance = _mean(first * second) - mean_1 * mean_2
    c1, c2 = (_K1 * data_range) ** 2, (_K2 * data_range) ** 2
    similarity = ((2 * mean_1 * mean_2 + c1) * (2 * covariance + c2)) / (
        (mean_1**2 + mean_2**2 + c1) * (variance_1 + variance_2 + c2)
    )
    return float(similarity[region].mean())


def _mean(stack: np.ndarray) -> np.ndarray:
    return ndimage.gaussian_filter(stack, (0.0, SIGMA_PIXELS, SIGMA_PIXELS), truncate=3.5)
