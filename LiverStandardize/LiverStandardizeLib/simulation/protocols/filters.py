"""Smoothing and edges of batches of images, with lengths in mm."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def gaussian_blur(images: torch.Tensor, sigma_mm: float, pixel_mm: float) -> torch.Tensor:
    """Gaussian smoothing of (..., y, x); the border repeats its outermost pixels."""
    sigma = sigma_mm / pixel_mm
    radius = int(4 * sigma + 0.5)
    if radius == 0:
        return images
    radius = min(radius, min(images.shape[-2:]) - 1)
    offsets = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
    weights = torch.exp(-0.5 * (offsets / sigma) ** 2)
    weights = weights / weights.sum()
    flat = images.reshape(-1, 1, *images.shape[-2:])
    flat = F.conv2d(F.pad(flat, (radius, radius, 0, 0), mode="replicate"), weights.view(1, 1, 1, -1))
    flat = F.conv2d(F.pad(flat, (0, 0, radius, radius), mode="replicate"), weights.view(1, 1, -1, 1))
    return flat.view(images.shape)


def slope_hu_per_mm(images: torch.Tensor, pixel_mm: float) -> torch.Tensor:
    """Size of the gradient of (..., y, x) by central differences."""
    padded = F.pad(images.reshape(-1, 1, *images.shape[-2:]), (1, 1, 1, 1), mode="replicate")
    along_x = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
    along_y = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    return (torch.hypot(along_x, along_y) / (2 * pixel_mm)).view(images.shape)


def edge_share(
    signal: torch.Tensor, pixel_mm: float, *, none_below: float, full_above: float, scale_mm: float
) -> torch.Tensor:
    """0 where noise-free images are flat, 1 along edges: a ramp over slopes in HU/mm seen at a scale."""
    slope = slope_hu_per_mm(gaussian_blur(signal, scale_mm, pixel_mm), pixel_mm)
    slope = gaussian_blur(slope, scale_mm, pixel_mm)
    return ((slope - none_below) / (full_above - none_below)).clamp(0, 1)
