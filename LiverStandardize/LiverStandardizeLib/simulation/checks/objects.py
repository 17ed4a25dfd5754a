"""Sections with known answers: a water cylinder with iodine, and a plain abdomen of ellipses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..physics.tissues import tissue

_SUBPIXELS = 5


@dataclass(frozen=True)
class Lattice:
    """Middles of size x size square pixels about the centre, mm."""

    size: int
    pixel_mm: float

    def ellipse(
        self, centre_mm: tuple[float, float], radii_mm: tuple[float, float], turn_degrees: float = 0.0
    ) -> np.ndarray:
        """Share of every pixel that lies inside, (y, x)."""
        middles = (np.arange(self.size) - (self.size - 1) / 2) * self.pixel_mm
        steps = ((np.arange(_SUBPIXELS) + 0.5) / _SUBPIXELS - 0.5) * self.pixel_mm
        points = (middles[:, None] + steps).ravel()
        x, y = points[None, :] - centre_mm[0], points[:, None] - centre_mm[1]
        cosine, sine = math.cos(math.radians(turn_degrees)), math.sin(math.radians(turn_degrees))
        inside = ((x * cosine + y * sine) / radii_mm[0]) ** 2 + (
            (y * cosine - x * sine) / radii_mm[1]
        ) ** 2 < 1
        return inside.reshape(self.size, _SUBPIXELS, self.size, _SUBPIXELS).mean(axis=(1, 3))

    def disc(self, centre_mm: tuple[float, float], radius_mm: float) -> np.ndarray:
        return self.ellipse(centre_mm, (radius_mm, radius_mm))


@dataclass(frozen=True)
class IodineCylinder:
    """maps: (1, 3, y, x). inserts: well inside each insert, masks. centre, rim: masks of plain water."""

    maps: torch.Tensor
    iodine_mg_ml: Sequence[float]
    inserts: Sequence[np.ndarray]
    places_mm: Sequence[tuple[float, float]]
    centre: np.ndarray
    rim: np.ndarray


INSERT_RADIUS_MM = 12.0


def iodine_cylinder(lattice: Lattice, diameter_mm: float, iodine_mg_ml: Sequence[float]) -> IodineCylinder:
    """A water cylinder with a ring of inserts at 55 % of its radius."""
    radius = diameter_mm / 2
    turns = 2 * math.pi * np.arange(len(iodine_mg_ml)) / max(len(iodine_mg_ml), 1)
    places = [(0.55 * radius * math.cos(turn), 0.55 * radius * math.sin(turn)) for turn in turns]
    water = lattice.disc((0, 0), radius)
    iodine = sum(
        (mg_ml * lattice.disc(place, INSERT_RADIUS_MM) for mg_ml, place in zip(iodine_mg_ml, places)),
        np.zeros_like(water),
    )
    rim = (lattice.disc((0, 0), radius - 5) == 1) & (lattice.disc((0, 0), radius - 11) == 0)
    return IodineCylinder(
        _tensor(water, 0 * water, iodine),
        tuple(iodine_mg_ml),
        [lattice.disc(place, INSERT_RADIUS_MM - 4) == 1 for place in places],
        places,
        lattice.disc((0, 0), 0.15 * diameter_mm) == 1,
        rim,
    )


@dataclass(frozen=True)
class PlainAbdomen:
    """maps: (1, 3, y, x). liver: mask well inside the liver."""

    maps: torch.Tensor
    liver: np.ndarray


# tissue, iodine in the portal phase in mg/mL, centre, radii (mm), turn; later ones lie on earlier ones
_ABDOMEN = (
    ("skin", 0.4, (0, 0), (132, 94), 0),
    ("adipose", 0.05, (0, 0), (130, 92), 0),
    ("muscle", 0.55, (0, 3), (120, 82), 0),
    ("adipose", 0.05, (0, -4), (108, 68), 0),
    ("muscle", 0.55, (-32, 56), (24, 16), 0),
    ("muscle", 0.55, (32, 56), (24, 16), 0),
    ("liver", 2.0, (-44, -8), (60, 50), 20),
    ("spleen", 2.45, (78, 22), (20, 32), -15),
    ("kidney", 6.1, (56, 40), (16, 21), 20),
    ("bowel", 1.7, (42, -32), (34, 26), 0),
    ("water", 0.0, (42, -32), (30, 22), 0),
    ("blood", 4.4, (8, 28), (8, 8), 0),
    ("blood", 4.2, (-14, 26), (10, 7), 0),
    ("cortical_bone", 0.0, (0, 54), (20, 17), 0),
    ("spongiosa", 0.4, (0, 54), (18, 15), 0),
)
ABDOMEN_WIDTH_MM = 264.0


def plain_abdomen(lattice: Lattice) -> PlainAbdomen:
    """About a twelve-year-old at the level of the liver; iodine as the design lists it."""
    parts = np.zeros((3, lattice.size, lattice.size))
    parts[0] = tissue("air")[0]
    for name, iodine, centre, radii, turn in _ABDOMEN:
        inside = lattice.ellipse(centre, radii, turn)
        own = np.array([*tissue(name), iodine])[:, None, None]
        parts += inside * (own - parts)
    liver = lattice.ellipse((-50, -10), (44, 36), 20) == 1
    return PlainAbdomen(_tensor(*parts), liver)


def _tensor(*parts: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(np.stack(parts)[None], dtype=torch.float32)
