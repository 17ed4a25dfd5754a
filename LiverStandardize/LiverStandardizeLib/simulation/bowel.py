"""Colon with gas and stool, and the loops of the small bowel that fill the room that is left."""

from __future__ import annotations

import numpy as np

from . import tissues as t
from .body import Body
from .canvas import Canvas
from .chance import Chance
from .shapes import tube

LOOPS = 215
GAS, GAS_OF_INFANTS = 0.12, 0.35
"""Share of the loops with gas in them: infants swallow air."""


def build_bowel(canvas: Canvas, cavity: np.ndarray, body: Body, chance: Chance) -> None:
    """Colon as a frame, then loops; `cavity` is the wall's inner surface (signed mm)."""
    part = canvas.around((-165, -190, -900), (165, 80, -50))
    if part.grid.empty:
        return
    canvas, inside = part, canvas.cut(part, cavity) + 4
    _colon(canvas, inside, body, chance)
    _small_bowel(canvas, inside, body, chance)


def _spread(points: np.ndarray, body: Body) -> np.ndarray:
    """Places in the belly, forwards and outwards where fat inside has made it wider."""
    return points * (1 + 0.10 * body.visceral, 1 + 0.35 * body.visceral, 1)


def _colon(canvas: Canvas, inside: np.ndarray, body: Body, chance: Chance) -> None:
    grid, rng = canvas.grid, chance.of("colon")
    frame = [
        (-96, 4, -262),
        (-100, 2, -215),
        (-98, 0, -178),
        (-84, -20, -158),
        (-66, -58, -156),
        (-34, -78, -166),
        (6, -82, -170),
        (44, -80, -156),
        (78, -60, -130),
        (100, -28, -108),
        (114, 8, -112),
        (112, 22, -160),
        (108, 24, -210),
        (104, 18, -262),
    ]
    wobbly = _spread(np.asarray(frame, float) + rng.normal(0, 3, (len(frame), 3)), body)
    radii = rng.uniform(0.9, 1.1, len(frame)) * np.array(
        [23, 23, 21, 19, 18, 18, 18, 18, 18, 17, 15, 14, 14, 14]
    )
    haustra = 2.2 * chance.field(grid, 16.0, "haustra")
    colon = np.maximum(tube(grid, wobbly, radii) + haustra, inside)
    colon = canvas.add_organ(colon, t.GUT_WALL - 10, gap_mm=2.0)
    lumen = colon + 2.8
    stool = t.STOOL + 25 * chance.field(grid, 6.0, "stool")
    bubbles = chance.field(grid, 7.0, "bubbles")
    stool = np.where(bubbles > 1.0, -350.0, stool)
    canvas.paint(lumen, stool.astype(np.float32))
    pockets = 14 * chance.field(grid, 40.0, "gas in the colon")
    canvas.paint(np.maximum(lumen + 1.0, grid.y + 52 + pockets).astype(np.float32), t.AIR + 30)


def _small_bowel(canvas: Canvas, inside: np.ndarray, body: Body, chance: Chance) -> None:
    """Short curved lengths at random places, each squeezed between its neighbours."""
    gas = GAS + (GAS_OF_INFANTS - GAS) * body.child
    for number in range(LOOPS):
        rng = chance.of("loop", number)
        middle = np.array([rng.uniform(-84, 94), rng.uniform(-94, 16), rng.uniform(-262, -84)])
        if middle[2] > -150 and middle[0] < 35 + max(middle[2] + 112, 0):
            continue
        middle = _spread(middle, body)
        heading = rng.normal(0, 1, 3) * (1, 0.8, 0.6)
        heading *= rng.uniform(16, 32) / np.linalg.norm(heading)
        points = [middle - heading, middle + rng.normal(0, 7, 3), middle + heading]
        radius = rng.uniform(9.5, 13.5)
        part = canvas.around(np.min(points, axis=0), np.max(points, axis=0), radius + 6.0)
        if part.grid.empty:
            continue
        shape = tube(part.grid, points, [radius * 0.85, radius, radius * 0.85], steps=4)
        shape = np.maximum(shape, canvas.cut(part, inside))
        level = float(middle[1]) if rng.random() < gas else None
        draw_loop(part, shape, level, chance, number)


def draw_loop(
    canvas: Canvas, shape: np.ndarray, gas_before_mm: float | None, chance: Chance, number: int
) -> None:
    """One length of small bowel: folded wall, contents, now and then gas in front."""
    grid, rng = canvas.grid, chance.of("loop wall", number)
    loop = canvas.add_organ(shape, t.GUT_WALL + rng.uniform(0, 18), gap_mm=0.9)
    folds = rng.uniform(2.2, 3.4) + 0.9 * chance.field(grid, 4.0, "folds", number)
    canvas.paint(loop + folds, t.GUT_FLUID + rng.uniform(0, 30))
    if gas_before_mm is not None:
        canvas.paint(np.maximum(loop + 3.5, grid.y - gas_before_mm + 3), t.AIR)
