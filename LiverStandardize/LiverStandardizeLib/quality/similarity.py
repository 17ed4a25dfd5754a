"""How like two images are: peak signal-to-noise ratio and structural similarity, inside a window of HU.

Both clip to the window first and count only the body. PSNR = 20 log10(width of the window / RMSE), dB.
SSIM as Wang 2004 (IEEE Trans. Image Process. 13:600): Gaussian weights of 1.5 pixels, K1 = 0.01, K2 = 0.03,
in sections.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

SIGMA_PIXELS, TRUNCATE = 1.5, 3.5
K1, K2 = 0.01, 0.03


@dataclass(frozen=True)
class Similarity:
    """psnr_db: infinite for images that are the same. ssim: -1 to 1."""

    psnr_db: float
    ssim: float

    def to_dict(self) -> dict[str, float | None]:
        """Return JSON-ready data; an infinite ratio is None."""
        return {**asdict(self), "psnr_db": self.psnr_db if math.isfinite(self.psnr_db) else None}


def similarity(
    image: np.ndarray, target: np.ndarray, body: np.ndarray, window_hu: tuple[float, float]
) -> Similarity:
    """Of sections (n, y, x) in HU, counted where `body` is true (somewhere, or ValueError)."""
    if not body.any():
        raise ValueError("There is no body to compare.")
    low, high = window_hu
    one, other = (np.clip(sections, low, high).astype(np.float64) for sections in (image, target))
    mean_square = float(np.mean((one - other)[body] ** 2))
    psnr = math.inf if mean_square == 0 else 20 * math.log10((high - low) / math.sqrt(mean_square))
    return Similarity(psnr, float(np.mean(structural_similarity(one, other, high - low)[body])))


def structural_similarity(one: np.ndarray, other: np.ndarray, width: float) -> np.ndarray:
    """SSIM of every pixel of sections (n, y, x) whose values span `width`."""

    def smooth(values: np.ndarray) -> np.ndarray:
        smoothed: np.ndarray = ndimage.gaussian_filter(
            values, (0, SIGMA_PIXELS, SIGMA_PIXELS), truncate=TRUNCATE
        )
        return smoothed

    mean_one, mean_other = smooth(one), smooth(other)
    variance_one = smooth(one * one) - mean_one**2
    variance_other = smooth(other * other) - mean_other**2
    covariance = smooth(one * other) - mean_one * mean_other
    a, b = (K1 * width) ** 2, (K2 * width) ** 2
    result: np.ndarray = ((2 * mean_one * mean_other + a) * (2 * covariance + b)) / (
        (mean_one**2 + mean_other**2 + a) * (variance_one + variance_other + b)
    )
    return result
