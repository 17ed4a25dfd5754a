"""Parallel rays through a square image. A dual-source scanner measures fans and sorts them into such rays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

VIEWS_PER_PIXEL = 1.6
"""About pi/2: neighbouring views are no further apart at the image's edge than pixels are."""


@dataclass(frozen=True)
class ParallelBeam:
    """`views` over half a turn of `readings`, `pitch_cm` apart, through the centre of size x size pixels.

    A ray at angle a and distance t holds the points x cos a + y sin a = t; x runs along rows, y down columns.
    """

    size: int
    pixel_cm: float
    views: int
    readings: int
    pitch_cm: float

    def __post_init__(self) -> None:
        if min(self.size, self.views, self.readings) < 2:
            raise ValueError(f"pixels, views and readings must be 2 or more, found {self}")
        if not (self.pixel_cm > 0 and self.pitch_cm > 0):
            raise ValueError(f"pixels and pitch must be positive, found {self}")

    @classmethod
    def covering(cls, size: int, pixel_mm: float, largest_pitch_mm: float = math.inf) -> ParallelBeam:
        """Rays over the whole width, at most a pixel and `largest_pitch_mm` apart."""
        finer = max(1.0, pixel_mm / largest_pitch_mm)
        return cls(
            size,
            pixel_mm / 10,
            math.ceil(VIEWS_PER_PIXEL * size),
            math.ceil(size * finer),
            pixel_mm / 10 / finer,
        )

    def angles(self, device: torch.device | None = None) -> torch.Tensor:
        """(views,), radians from 0 up to, not with, pi."""
        return torch.arange(self.views, device=device) * (math.pi / self.views)

    def off_centre_cm(self, device: torch.device | None = None) -> torch.Tensor:
        """(readings,), distance of each ray from the centre."""
        return (torch.arange(self.readings, device=device) - (self.readings - 1) / 2) * self.pitch_cm

    def pixel_places_cm(self, device: torch.device | None = None) -> torch.Tensor:
        """(size,), coordinates of the pixels' middles."""
        return (torch.arange(self.size, device=device) - (self.size - 1) / 2) * self.pixel_cm
