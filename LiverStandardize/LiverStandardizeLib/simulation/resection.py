"""A liver of which a part was taken out: the right or the left side of a plane through the caval vein."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .bowel import draw_loop
from .canvas import Canvas, coverage
from .chance import Chance
from .shapes import Grid, difference, ellipsoid, intersection, tube

RIGHT_NORMAL = (-0.86, 0.48, 0.15)
"""Points to the right lobe, across the line from the gallbladder's bed to the caval vein (Cantlie)."""
RIGHT_SHARE, LEFT_SHARE = (0.40, 0.58), (0.22, 0.32)
"""Of the volume taken out: right hemihepatectomy, after which the rest grows; left one."""
RIGHT_IN = 0.7
"""How often it is the right side."""
SHARE_WITHIN = 0.001
ROUNDED_MM = 6.0
LOOPS, LOOP_RADII_MM, LOOPS_OFF_MM = 26, (9.0, 15.0), 4.0
"""Of bowel where the liver was, and how far they keep from the rest of it."""
FIRST_LOOP = 1000
"""Numbers of these loops, beyond those of the other bowel."""


@dataclass(frozen=True)
class Loop:
    """A length of bowel: its way and radius, mm of the frame."""

    points: tuple[tuple[float, float, float], ...]
    radius_mm: float


@dataclass(frozen=True)
class Resection:
    """side: that was taken. share: of the volume. What lies beyond `offset_mm` along `normal` is gone.

    islands: centres and radii of pieces that the cut left alone, gone as well. loops: what moved there.
    """

    side: str
    share: float
    normal: tuple[float, float, float]
    offset_mm: float
    islands: tuple[tuple[tuple[float, float, float], float], ...] = ()
    loops: tuple[Loop, ...] = ()


def plan_resection(grid: Grid, liver: np.ndarray, chance: Chance) -> Resection:
    """Where to cut a liver (signed mm, wholly in the grid) so that the share drawn for the person is gone."""
    rng = chance.of("resection")
    right = bool(rng.random() < RIGHT_IN)
    share = float(rng.uniform(*(RIGHT_SHARE if right else LEFT_SHARE)))
    direction = np.asarray(RIGHT_NORMAL) * (1 if right else -1) + rng.normal(0, 0.06, 3)
    direction /= np.linalg.norm(direction)
    side, normal = (
        ("right" if right else "left"),
        (float(direction[0]), float(direction[1]), float(direction[2])),
    )
    whole = float(coverage(liver).sum())
    low, high = (float(edge(_along(grid, normal)[liver < 0])) for edge in (np.min, np.max))
    while True:
        middle = (low + high) / 2
        cut = Resection(side, share, normal, middle)
        cut = Resection(side, share, normal, middle, _islands(grid, resected(grid, liver, cut)))
        left = float(coverage(resected(grid, liver, cut)).sum())
        if abs(left / whole - (1 - share)) < SHARE_WITHIN or high - low < 1e-3:
            break
        low, high = (middle, high) if left < (1 - share) * whole else (low, middle)
    loops = _loops(grid, np.maximum(liver, LOOPS_OFF_MM - resected(grid, liver, cut)), rng)
    return Resection(side, 1 - left / whole, normal, middle, cut.islands, loops)


def resected(grid: Grid, liver: np.ndarray, resection: Resection | None) -> np.ndarray:
    """What is left of a liver (signed mm)."""
    if resection is None:
        return liver
    beyond = (_along(grid, resection.normal) - np.float32(resection.offset_mm)).astype(np.float32)
    rest = intersection(liver, beyond, ROUNDED_MM)
    for centre, radius in resection.islands:
        rest = difference(rest, ellipsoid(grid, centre, (radius, radius, radius)))
    return rest


def fill_resected(
    canvas: Canvas, whole: np.ndarray, rest: np.ndarray, cut: Resection, chance: Chance
) -> None:
    """Draw the bowel that moved to where `whole` (signed mm) had liver and `rest` has none."""
    room = np.maximum(whole, LOOPS_OFF_MM - rest) + 2
    for number, loop in enumerate(cut.loops):
        points = np.asarray(loop.points)
        part = canvas.around(points.min(axis=0), points.max(axis=0), loop.radius_mm + 6.0)
        if part.grid.empty:
            continue
        radii = [loop.radius_mm * 0.85, loop.radius_mm, loop.radius_mm * 0.85]
        shape = np.maximum(tube(part.grid, points, radii, steps=4), canvas.cut(part, room))
        gas = float(points[1][1]) if number % 4 == 0 else None
        draw_loop(part, shape, gas, chance, FIRST_LOOP + number)


def _along(grid: Grid, normal: tuple[float, float, float]) -> np.ndarray:
    return grid.x * normal[0] + grid.y * normal[1] + grid.z * normal[2]


def _islands(grid: Grid, rest: np.ndarray) -> tuple[tuple[tuple[float, float, float], float], ...]:
    """Balls around all pieces but the largest."""
    pieces, count = ndimage.label(rest < 0)
    largest = int(np.bincount(pieces.ravel())[1:].argmax()) + 1 if count else 0
    balls = []
    for piece in range(1, count + 1):
        if piece == largest:
            continue
        points = np.stack([axis[pieces == piece] for axis in (grid.x, grid.y, grid.z)], axis=1)
        middle = points.mean(axis=0)
        radius = float(np.linalg.norm(points - middle, axis=1).max()) + max(grid.pitch_mm)
        balls.append(((float(middle[0]), float(middle[1]), float(middle[2])), radius))
    return tuple(balls)


def _loops(grid: Grid, room: np.ndarray, rng: np.random.Generator) -> tuple[Loop, ...]:
    spots = np.argwhere(room < -6)
    loops = []
    for _ in range(LOOPS if len(spots) else 0):
        k, j, i = spots[int(rng.random() * len(spots))]
        middle = np.array([values[k, j, i] for values in (grid.x, grid.y, grid.z)], float)
        heading = rng.normal(0, 1, 3)
        heading *= rng.uniform(14, 30) / np.linalg.norm(heading)
        points = (middle - heading, middle + rng.normal(0, 6, 3), middle + heading)
        way = tuple((float(x), float(y), float(z)) for x, y, z in points)
        loops.append(Loop(way, float(rng.uniform(*LOOP_RADII_MM))))
    return tuple(loops)
