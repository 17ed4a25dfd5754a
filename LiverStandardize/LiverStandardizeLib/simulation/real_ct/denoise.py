"""Signal and noise of a CT told apart, section by section."""

from __future__ import annotations

import torch

from .noise_level import box_mean, local_mean_and_sd, odd_pixels

WINDOW_MM = 4.5
NOISE_SHARE = 2.0
"""Variance up to so many times the noise's is held to be noise: by chance a small window varies more."""
_STEADY_HU2 = 1e-3


def denoised(sections: torch.Tensor, noise_sd_hu: float, pixel_mm: float) -> torch.Tensor:
    """(n, y, x) without what varies as noise does; edges stay where they are.

    A guided filter guided by the image itself (He, Sun, Tang, IEEE PAMI 35 (2013) 1397): in every window the
    line that keeps the share of the contrast that noise cannot explain. Even windows count for more where
    windows overlap, so that flat tissue is smooth up to its edge.
    """
    pixels = odd_pixels(WINDOW_MM, pixel_mm)
    mean, spread = local_mean_and_sd(sections, pixels)
    variance = spread**2
    kept = (variance - NOISE_SHARE * noise_sd_hu**2).clamp_min(0) / (variance + _STEADY_HU2)
    trust = 1 / (variance + noise_sd_hu**2 + _STEADY_HU2)
    total = box_mean(trust, pixels)
    slope = box_mean(trust * kept, pixels) / total
    level = box_mean(trust * (mean - kept * mean), pixels) / total
    return slope * sections + level
