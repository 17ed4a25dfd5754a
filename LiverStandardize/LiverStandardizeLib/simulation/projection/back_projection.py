"""Back-projection, interpolating linearly between readings."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .geometry import ParallelBeam

_VIEWS_AT_ONCE = 16


def back_project(views: torch.Tensor, geometry: ParallelBeam) -> torch.Tensor:
    """Images (n, size, size) of filtered views (n, views, readings); zero where no reading reaches."""
    if views.ndim != 3 or views.shape[1:] != (geometry.views, geometry.readings):
        wanted = f"(n, {geometry.views}, {geometry.readings})"
        raise ValueError(f"views must be {wanted}, found {tuple(views.shape)}")
    total = views.new_zeros(views.shape[0], geometry.size, geometry.size)
    for start in range(0, geometry.views, _VIEWS_AT_ONCE):
        part = slice(start, min(start + _VIEWS_AT_ONCE, geometry.views))
        total += smear(views[:, part], geometry, part).sum(0)
    return total * (math.pi / geometry.views)


def smear(views: torch.Tensor, geometry: ParallelBeam, part: slice) -> torch.Tensor:
    """Each of the views numbered `part`, (n, v, readings), spread along its rays: (v, n, size, size)."""
    angles = geometry.angles(views.device)[part][:, None, None]
    places = geometry.pixel_places_cm(views.device)
    reading = (places[None, None, :] * torch.cos(angles) + places[None, :, None] * torch.sin(angles)) / (
        geometry.pitch_cm * geometry.readings / 2
    )
    grid = torch.stack([reading, torch.zeros_like(reading)], dim=-1)
    return F.grid_sample(
        views.transpose(0, 1)[:, :, None, :], grid, mode="bilinear", padding_mode="zeros", align_corners=False
    )
