"""Line integrals by Joseph's method: one sample in every row (or column), interpolated along it.

Joseph, IEEE Trans. Med. Imaging 1 (1982) 192.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .geometry import ParallelBeam

_SAMPLES_AT_ONCE = 1_000_000
"""About what a processor's cache holds; eight times as many take half as long again."""


def project(images: torch.Tensor, geometry: ParallelBeam) -> torch.Tensor:
    """Line integrals (n, views, readings) of images (n, size, size): cm times their unit."""
    if images.ndim != 3 or images.shape[1:] != (geometry.size, geometry.size):
        raise ValueError(f"images must be (n, {geometry.size}, {geometry.size}), found {tuple(images.shape)}")
    angles = geometry.angles(images.device)
    steep = torch.cos(angles).abs() >= torch.sin(angles).abs()
    integrals = images.new_empty(images.shape[0], geometry.views, geometry.readings)
    # Rays closer to the columns cross every row once; the others every column, as on the transpose.
    integrals[:, steep] = _through_rows(images, geometry, torch.cos(angles[steep]), torch.sin(angles[steep]))
    integrals[:, ~steep] = _through_rows(
        images.transpose(1, 2), geometry, torch.sin(angles[~steep]), torch.cos(angles[~steep])
    )
    return integrals


def _through_rows(
    images: torch.Tensor, geometry: ParallelBeam, along: torch.Tensor, across: torch.Tensor
) -> torch.Tensor:
    """Views of rays u along + v across = t, u the coordinate in a row and v that of the row."""
    half_width = geometry.size * geometry.pixel_cm / 2
    rows = geometry.pixel_places_cm(images.device)
    places = geometry.off_centre_cm(images.device)
    views = len(along)
    integrals = images.new_empty(images.shape[0], views, geometry.readings)
    at_once = max(1, _SAMPLES_AT_ONCE // (geometry.size * geometry.readings))
    samples_at = images.new_empty(min(at_once, views), geometry.size, geometry.readings, 2)
    samples_at[..., 1] = (rows / half_width)[:, None]
    for start in range(0, views, at_once):
        part = slice(start, min(start + at_once, views))
        cosine, sine = along[part, None, None], across[part, None, None]
        grid = samples_at[: part.stop - start]
        scale = 1 / (cosine * half_width)
        torch.sub(places * scale, rows[:, None] * (sine * scale), out=grid[..., 0])
        samples = F.grid_sample(
            images[None],
            grid.view(1, -1, geometry.readings, 2),
            mode="bilinear",
            padding_mode="zeros",
            align_corners=False,
        ).view(images.shape[0], -1, geometry.size, geometry.readings)
        integrals[:, part] = samples.sum(2) * (geometry.pixel_cm / cosine[:, 0].abs())
    return integrals
