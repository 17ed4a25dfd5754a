"""Chance that does not depend on the grid: the same person on any voxels, whole or in parts."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .noise import spline_field
from .shapes import Grid

LATTICE = 20
"""Knots per axis of a random field; it repeats after so many correlation lengths."""


@dataclass(frozen=True)
class Chance:
    """Random numbers of person number `seed`: every name has its own, whoever else draws."""

    seed: int

    def of(self, *name: str | int) -> np.random.Generator:
        """The generator of that name, from its beginning."""
        return np.random.default_rng((self.seed, zlib.crc32(repr(name).encode())))

    def field(self, grid: Grid, correlation_mm: float, *name: str | int) -> np.ndarray:
        """Gaussian field of about unit variance, float32 (z, y, x), that changes over `correlation_mm`.

        It hangs in the frame: parts of a grid see parts of the same field. Values are held within 2.5.
        """
        return frame_field(self.of(*name), grid.axes, correlation_mm)


def frame_field(rng: np.random.Generator, axes: Sequence[np.ndarray], correlation_mm: float) -> np.ndarray:
    """As `Chance.field`, at places along x, y, z in the frame."""
    knots = rng.standard_normal((LATTICE,) * 3)
    return spline_field(knots, [axis / correlation_mm for axis in axes[::-1]])
