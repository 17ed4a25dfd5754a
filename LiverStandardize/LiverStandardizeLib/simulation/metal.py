"""Titanium in the spine: screws through the pedicles of two neighbouring vertebrae, a rod on each side."""

from __future__ import annotations

from dataclasses import dataclass

from .canvas import Canvas
from .chance import Chance
from .mixtures import Mixture
from .physics.tissues import tissue
from .shapes import Point, tube
from .skeleton import VERTEBRA_PITCH, VERTEBRA_Y

TITANIUM = Mixture(*tissue("titanium"))
"""As water and calcium: within 0.7 % from 33 to 145 keV (tables)."""
CALCIUM_OF_METAL_MG_ML = 700.0
"""More of the basis vector than any bone has: a section that holds so much holds metal."""
LEVEL_Z_MM = (-125.0, -75.0)
"""Where the upper vertebra is looked for: behind the liver."""
SCREW_MM, ROD_MM, HEAD_MM = 3.0, 2.75, 6.0
"""Radii of what surgeons use in adults."""


@dataclass(frozen=True)
class Metal:
    """levels_mm: middles of the two vertebrae, the upper first. lean: of the screws to the midline."""

    levels_mm: tuple[float, float]
    lean: float


def draw_metal(chance: Chance) -> Metal:
    """Which vertebrae of this person's spine are joined."""
    rng = chance.of("metal")
    wanted, lean = float(rng.uniform(*LEVEL_Z_MM)), float(rng.uniform(0.9, 1.1))
    # The spine's vertebrae lie where its own chance puts them (see skeleton.paint_spine).
    first = VERTEBRA_PITCH / 2 - float(chance.of("spine").uniform(0, VERTEBRA_PITCH))
    upper = first + round((wanted - first) / VERTEBRA_PITCH) * VERTEBRA_PITCH
    return Metal((upper, upper - VERTEBRA_PITCH), lean)


def paint_metal(canvas: Canvas, metal: Metal | None) -> None:
    """Draw screws and rods into the spine."""
    if metal is None:
        return
    upper, lower = metal.levels_mm
    part = canvas.around((-50, 10, lower - 20), (50, 110, upper + 25))
    if part.grid.empty:
        return
    behind = VERTEBRA_Y + 37
    for side in (-1, 1):
        for level in (upper + 3, lower + 3):
            start = (side * 21.0, behind, level)
            _paint(part, start, (side * 9.0 * metal.lean, VERTEBRA_Y - 5, level - 2), SCREW_MM)
            _paint(part, start, (side * 20.5, behind - 7, level), HEAD_MM)
        _paint(part, (side * 21.0, behind + 2, upper + 12), (side * 21.0, behind + 2, lower - 6), ROD_MM)


def _paint(canvas: Canvas, start: Point, end: Point, radius_mm: float) -> None:
    canvas.paint(tube(canvas.grid, [start, end], [radius_mm, radius_mm], steps=1), TITANIUM)
