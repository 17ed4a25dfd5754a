"""Colon with gas and stool, and the loops of the small bowel that fill the room that is left."""

from __future__ import annotations

import numpy as np

from . import tissues as t
from .canvas import Canvas
from .noise import smooth_field
from .shapes import FAR_MM, tube


def build_bowel(canvas: Canvas, cavity: np.ndarray, rng: np.random.Generator) -> None:
    """Colon as a frame, then loops; `cavity` is the wall's inner surface (signed mm)."""
    part = canvas.around((-150, -120, -900), (150, 80, -70))
    if part.grid.empty:
        return
    canvas, inside = part, canvas.cut(part, cavity) + 4
    _colon(canvas, inside, rng)
    _small_bowel(canvas, inside, rng)


def _colon(canvas: Canvas, inside: np.ndarray, rng: np.random.Generator) -> None:
    grid = canvas.grid
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
    wobbly = [np.asarray(point) + rng.normal(0, 3, 3) for point in frame]
    radii = rng.uniform(0.9, 1.1, len(frame)) * np.array(
        [23, 23, 21, 19, 18, 18, 18, 18, 18, 17, 15, 14, 14, 14]
    )
    haustra = 2.2 * smooth_field(rng, grid.shape, grid.pitch_mm, 16.0)
    colon = np.maximum(tube(grid, wobbly, radii) + haustra, inside)
    colon = canvas.add_organ(colon, t.GUT_WALL - 10, gap_mm=2.0)
    lumen = colon + 2.8
    stool = t.STOOL + 25 * smooth_field(rng, grid.shape, grid.pitch_mm, 6.0)
    bubbles = smooth_field(rng, grid.shape, grid.pitch_mm, 7.0)
    stool = np.where(bubbles > 1.0, -350.0, stool)
    canvas.paint(lumen, stool.astype(np.float32))
    pockets = 14 * smooth_field(rng, grid.shape, grid.pitch_mm, 40.0)
    canvas.paint(np.maximum(lumen + 1.0, grid.y + 52 + pockets).astype(np.float32), t.AIR + 30)


def _small_bowel(canvas: Canvas, inside: np.ndarray, rng: np.random.Generator) -> None:
    """Short curved lengths at random places, each squeezed between its neighbours."""
    for _ in range(190):
        middle = np.array([rng.uniform(-84, 94), rng.uniform(-94, 16), rng.uniform(-262, -112)])
        if middle[2] > -150 and middle[0] < 35:
            continue
        heading = rng.normal(0, 1, 3) * (1, 0.8, 0.6)
        heading *= rng.uniform(16, 32) / np.linalg.norm(heading)
        points = [middle - heading, middle + rng.normal(0, 7, 3), middle + heading]
        radius = rng.uniform(9.5, 13.5)
        part = canvas.around(np.min(points, axis=0), np.max(points, axis=0), radius + FAR_MM)
        if not part.grid.empty:
            shape = tube(part.grid, points, [radius * 0.85, radius, radius * 0.85], steps=4)
            _loop(part, np.maximum(shape, canvas.cut(part, inside)), rng)


def _loop(canvas: Canvas, shape: np.ndarray, rng: np.random.Generator) -> None:
    """One length of small bowel: folded wall, contents, now and then gas in front."""
    grid = canvas.grid
    loop = canvas.add_organ(shape, t.GUT_WALL + rng.uniform(0, 18), gap_mm=0.9)
    folds = rng.uniform(2.2, 3.4) + 0.9 * smooth_field(rng, grid.shape, grid.pitch_mm, 4.0)
    canvas.paint(loop + folds, t.GUT_FLUID + rng.uniform(0, 30))
    if rng.random() < 0.12:
        canvas.paint(np.maximum(loop + 3.5, grid.y - float(grid.y.mean()) + 3), t.AIR)
