"""Ascites: free fluid about liver and spleen, in the flanks and between the loops of the bowel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .chance import Chance
from .mixtures import Mixture
from .shapes import Grid, ellipsoid, superellipse, union
from .trunk import Trunk

FLUID = Mixture(1.009)
"""9 HU at every energy: a transudate."""
LAYER_MM = (9.0, 17.0)
"""Of the frame: fluid between the wall and liver, spleen or bowel."""
_WAVES_MM, _WAVES_APART_MM = 5.0, 22.0


@dataclass(frozen=True)
class Fluid:
    """layer_mm: how thick the fluid is at the wall, mm of the frame."""

    layer_mm: float


def draw_fluid(chance: Chance) -> Fluid:
    """The ascites of this person."""
    return Fluid(float(chance.of("ascites").uniform(*LAYER_MM)))


def paint_ascites(canvas: Canvas, trunk: Trunk, fluid: Fluid | None, chance: Chance) -> Trunk:
    """Fill the peritoneal cavity before there are organs; gives back the room that the fluid leaves them.

    What lies behind the peritoneum, the mesentery and the fat at the hilum of the liver stay as they are.
    """
    if fluid is None:
        return trunk
    grid = canvas.grid
    waves = np.float32(_WAVES_MM) * chance.field(grid, _WAVES_APART_MM, "edge of the ascites")
    filled = np.maximum(np.maximum(trunk.cavity + 1.0, trunk.diaphragm + 1.5), -_fat(grid) - waves)
    canvas.paint(filled.astype(np.float32), FLUID)
    pushed = np.float32(fluid.layer_mm) * _free(grid)
    wall = trunk.wall + pushed
    return Trunk(np.maximum(trunk.cavity, wall), trunk.diaphragm + pushed, wall)


def _fat(grid: Grid) -> np.ndarray:
    """Retroperitoneum, mesentery and the lesser omentum, signed mm."""
    fat = superellipse((grid.x, grid.y - 60), (54, 76), 2.6)
    for side in (-1, 1):
        perirenal = ellipsoid(grid, (side * 68, 46, -135), (42, 40, 74), turn_deg=(-10, side * 14, 0))
        fat = union(fat, perirenal, 8)
    mesentery = ellipsoid(grid, (2, -34, -196), (66, 30, 78), power=2.2)
    omentum = ellipsoid(grid, (0, -22, -102), (46, 26, 30))
    bed = ellipsoid(grid, (-44, -34, -100), (14, 14, 16))
    return union(union(fat, mesentery, 10), union(omentum, bed, 6), 10)


def _free(grid: Grid) -> np.ndarray:
    """Where organs float: 1 at the front and the sides, 0 at the back, where they are fixed."""
    to_front = np.clip((52 - grid.y) / 40, 0, 1)
    to_side = np.clip((np.abs(grid.x) - 70) / 30, 0, 1) * np.clip((95 - grid.y) / 30, 0, 1)
    return np.maximum(to_front, to_side).astype(np.float32)
