"""Arms beside the trunk: skin, fat, muscles and bones, from the upper arm above to the forearm below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import tissues as t
from .body import Body
from .canvas import Canvas
from .chance import Chance
from .shapes import Grid, superellipse

FIELD_FACTOR = 1.5
"""How much wider than for the trunk the field must be."""
GAP_MM = 5.0
"""Between skin and skin."""
ELBOW_Z_MM = (-200.0, -150.0)
BEHIND_MM = (22.0, 40.0)
"""Behind the middle of the trunk: by the edge of the table."""
UPRIGHT_MM = 160.0
"""Half of the reference adult's width: arms are as thick as the trunk is wide."""


@dataclass(frozen=True)
class Arms:
    """elbow_z_mm, and left and right how far behind the middle, mm of the frame."""

    elbow_z_mm: float
    behind_mm: tuple[float, float]


def draw_arms(chance: Chance) -> Arms:
    """How this person's arms lie."""
    rng = chance.of("arms down")
    elbow, left, right = rng.uniform(*ELBOW_Z_MM), rng.uniform(*BEHIND_MM), rng.uniform(*BEHIND_MM)
    return Arms(float(elbow), (float(left), float(right)))


def paint_arms(canvas: Canvas, arms: Arms | None, body: Body) -> None:
    """Draw both arms beside the trunk as far as the field holds them."""
    if arms is None:
        return
    for side, behind in zip((1, -1), arms.behind_mm):
        low, high = (min(0, side * 500), behind - 80, -900), (max(0, side * 500), behind + 80, 900)
        part = canvas.around(low, high, 0)
        if not part.grid.empty:
            _paint_arm(part, side, behind, arms.elbow_z_mm, body)


def _trunk_mm(grid: Grid, body: Body) -> np.ndarray:
    """Half the trunk's width with its fat, smooth along z: an arm does not follow every curve of it."""
    line = body.outline
    width = np.convolve(np.pad(line.half_width, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    return grid.by_height(line.heights, np.maximum(line.half_width, width) + 1.3 * body.fat_mm)


def _paint_arm(canvas: Canvas, side: int, behind: float, elbow_z: float, body: Body) -> None:
    """The left arm has side 1."""
    grid = canvas.grid
    size = body.extent_mm[0] / UPRIGHT_MM
    heights = [elbow_z - 150, elbow_z - 60, elbow_z, elbow_z + 60, elbow_z + 200]
    wide = np.float32(size) * grid.by_height(heights, [30, 41, 44, 42, 50])
    deep = np.float32(size) * grid.by_height(heights, [27, 37, 37, 43, 52])
    x = side * grid.x - (_trunk_mm(grid, body) + GAP_MM + wide)
    y = grid.y - np.float32(behind)
    arm = superellipse((x, y), (wide, deep), 2.1).astype(np.float32)
    canvas.paint(arm, t.SKIN)
    canvas.paint(arm + 2.0, t.FAT)
    canvas.paint(arm + 4.0 + 0.25 * body.fat_mm, t.MUSCLE)
    # Fat between the muscles before and behind the bone; they are not parted all the way.
    septum = superellipse((np.abs(x - 3 * size) - 24 * size, y + 0.25 * x), (13 * size, 1.0), 2.0)
    inside = arm + 7.0 + 0.25 * body.fat_mm
    canvas.paint(np.maximum(septum, inside).astype(np.float32), 0.0)
    _paint_bones(canvas, x / size, y / size, elbow_z)


def _paint_bones(canvas: Canvas, x: np.ndarray, y: np.ndarray, elbow_z: float) -> None:
    """The humerus, flat and wide at the elbow, above; ulna and radius below."""
    z = canvas.grid.z - elbow_z
    near = np.exp(-((z / 22) ** 2)).astype(np.float32)
    humerus = np.maximum(superellipse((x, y - 1), (10.5 + 19 * near, 10.5 - 1.5 * near), 2.2), -4 - z)
    ulna = np.maximum(superellipse((x + 9, y - 9 * near), (7.5 + 4 * near, 8 + 4 * near), 2.1), z - 14)
    radius = np.maximum(superellipse((x - 12, y + 3), (7.5 + 2 * near, 7.5 + 2 * near), 2.1), z + 5)
    for bone, shell in ((humerus, 4.0), (ulna, 2.8), (radius, 2.8)):
        canvas.paint(bone.astype(np.float32), t.CORTICAL_BONE + 380.0)
        canvas.paint((bone + shell).astype(np.float32), t.SPONGIOSA - 150.0)
