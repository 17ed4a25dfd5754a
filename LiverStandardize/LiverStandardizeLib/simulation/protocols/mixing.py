"""Blends of the two images: linear, which looks like one scan at 120 kV, and optimum contrast."""

from __future__ import annotations

import torch

from .filters import gaussian_blur

LOW_SHARE = 0.6

OPTIMUM_CENTRE_HU = 150.0
OPTIMUM_WIDTH_HU = 200.0
OPTIMUM_LEAST_LOW, OPTIMUM_MOST_LOW = 0.3, 1.0
OPTIMUM_SMOOTHING_MM = 1.5
"""The blend is decided on a smoothed image: decided pixel by pixel, noise would choose its own share, and
bright noise would come out brighter than dark noise dark."""


def mixed(images: torch.Tensor) -> torch.Tensor:
    """(n, 2, y, x) to (n, y, x), the same share everywhere."""
    return torch.lerp(images[:, 1], images[:, 0], LOW_SHARE)


def optimum_contrast(hu: torch.Tensor, pixel_mm: float) -> torch.Tensor:
    """Much of the low energy where there is iodine, little where there is none (modified sigmoid blending:
    Holmes et al., Eur. J. Radiol. 68 (2008) 409)."""
    guide = gaussian_blur(hu[:, 0], OPTIMUM_SMOOTHING_MM, pixel_mm)
    # A width of six logistic units: from 5 % to 95 % of the way.
    way = torch.sigmoid((guide - OPTIMUM_CENTRE_HU) * (6 / OPTIMUM_WIDTH_HU))
    share = OPTIMUM_LEAST_LOW + (OPTIMUM_MOST_LOW - OPTIMUM_LEAST_LOW) * way
    return torch.lerp(hu[:, 1], hu[:, 0], share)
