"""The liver: a mass moulded by diaphragm, ribs and neighbours, its fissures, hepatic and portal veins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import tissues as t
from .body import Body
from .canvas import Canvas
from .chance import Chance
from .fields import drawn_coarsely
from .left_lobe import Tongue, joined, tongue_surface
from .resection import Resection, fill_resected, resected
from .shapes import Grid, difference, ellipsoid, intersection
from .trunk import Trunk
from .upper_abdomen import UpperAbdomen
from .vessels import CAVAL_CONFLUENCE, PORTA_HEPATIS, Vessel, grow_tree, paint_vessels

HEPATIC, PORTAL = t.DETAILS["hepatic_veins"], t.DETAILS["intrahepatic_portal_veins"]
GAP_MM = 1.2
"""Between the liver and any neighbour."""
LOWER_MM, FURTHER_LEFT_MM, LESS_LEFT_MM = 26.0, 44.0, 12.0
"""How much further down and to the left a liver of size 1 reaches than one of size 0, and one of -1 less."""


@dataclass(frozen=True)
class LiverShape:
    """size: 0 for the reference adult's; more reaches lower and further left. drop, reach: mm, by chance.

    tongue, resection: of a challenge.
    """

    size: float
    drop_mm: float
    reach_mm: float
    tongue: Tongue | None = None
    resection: Resection | None = None

    @property
    def lower_mm(self) -> float:
        return LOWER_MM * self.size

    @property
    def further_left_mm(self) -> float:
        return self.size * (FURTHER_LEFT_MM if self.size > 0 else LESS_LEFT_MM)


def liver_shape(size: float, chance: Chance, tongue: Tongue | None = None) -> LiverShape:
    rng = chance.of("liver")
    return LiverShape(size, float(rng.uniform(-8, 8)), float(rng.uniform(-10, 12)), tongue)


def liver_surface(
    canvas: Canvas, trunk: Trunk, upper: UpperAbdomen, shape: LiverShape, chance: Chance
) -> np.ndarray:
    """The liver's surface (signed mm) with its fissures and impressions, a gap away from what is there."""
    grid = canvas.grid
    bumps = np.float32(1.5) * chance.field(grid, 35.0, "liver surface")
    roof = intersection(trunk.diaphragm + 1.3, trunk.cavity + 2.2, 5)
    under = drawn_coarsely(grid, lambda part: _underside(part, shape)) + bumps
    left = drawn_coarsely(grid, lambda part: _left_end(part, shape))
    liver = intersection(intersection(roof, under, 9), left, 22)
    liver = joined(liver, tongue_surface(grid, trunk, shape.tongue))
    liver = difference(liver, upper.right_perirenal_fat, 8)
    liver = difference(liver, upper.stomach - 2.5, 6)
    liver = difference(liver, upper.gallbladder - 1.0, 4)
    liver = np.maximum(_carve_fissures(grid, liver), np.float32(GAP_MM) - canvas.taken)
    return resected(grid, liver, shape.resection)


def build_liver(
    canvas: Canvas,
    trunk: Trunk,
    upper: UpperAbdomen,
    shape: LiverShape,
    vessels: Sequence[Vessel],
    chance: Chance,
) -> np.ndarray:
    """Draw the parenchyma with its label, then its vessels: they belong to the label, as in manual masks.

    Gives back its surface.
    """
    liver = liver_surface(canvas, trunk, upper, shape, chance)
    liver = canvas.add_organ(liver, t.LIVER, label=t.LABELS["liver"], gap_mm=GAP_MM)
    paint_vessels(canvas, vessels, liver)
    if shape.resection is not None:
        whole = liver_surface(canvas, trunk, upper, replace(shape, resection=None), chance)
        fill_resected(canvas, whole, liver, shape.resection, chance)
    return liver


def _underside(grid: Grid, shape: LiverShape) -> np.ndarray:
    """Above the visceral surface, before the back edge."""
    floor_x = [-140, -118, -95, -70, -45, -20, 10, 40, 75, 110]
    floor_z = [-182, -172, -152, -128, -108, -96, -84, -66, -44, -20]
    right = np.clip(-grid.x / 90, 0, 1)
    floor = np.interp(grid.x, floor_x, floor_z).astype(np.float32)
    floor = floor + np.float32(shape.drop_mm) * right
    floor = floor - np.float32(shape.lower_mm) * (0.75 + 0.25 * right)
    floor = floor + np.float32(0.10) * (grid.y + 20) * (grid.x < 0)
    visceral = (floor - grid.z) * np.float32(0.78)
    edge_x = np.array([-140, -75, -55, -42, -30, -14, 4, 24, 50, 80, 120], float)
    edge_y = [110, 96, 74, 52, 34, 14, -4, -24, -46, -66, -92]
    further = shape.further_left_mm * (edge_x > 0) * np.clip(edge_x / 40, 0, 1)
    edge = np.interp(grid.x, edge_x + 0.7 * further, edge_y).astype(np.float32)
    behind = (grid.y - edge) * np.float32(0.72)
    return intersection(visceral, behind, 20)


def _left_end(grid: Grid, shape: LiverShape) -> np.ndarray:
    """The end of the left lobe, further left the higher."""
    beyond = np.float32(72 + shape.reach_mm + shape.further_left_mm)
    return (grid.x - beyond - np.float32(0.35) * (grid.z + 40)) * np.float32(0.9)


def _carve_fissures(grid: Grid, liver: np.ndarray) -> np.ndarray:
    """Porta hepatis, fissures of the round ligament and (before the caudate lobe) of the venous ligament."""
    hilum = ellipsoid(
        grid,
        (PORTA_HEPATIS[0] + 4, PORTA_HEPATIS[1], PORTA_HEPATIS[2] - 6),
        (20, 11, 11),
        turn_deg=(0, 0, 25),
    )
    liver = difference(liver, hilum, 8)
    round_ligament = ellipsoid(grid, (6, -62, -98), (3.6, 32, 34), turn_deg=(12, 0, 8))
    venous = ellipsoid(grid, (-8, -16, -66), (22, 2.2, 22), turn_deg=(0, 0, 34))
    return difference(difference(liver, round_ligament, 3), venous, 3)


def grow_liver_vessels(
    canvas: Canvas, liver: np.ndarray, shape: LiverShape, body: Body, chance: Chance
) -> list[Vessel]:
    """Hepatic veins and the portal tree inside a liver (signed mm) that lies wholly in the canvas."""
    inside, wide = liver + 2.5, body.vessels
    lower = max(shape.lower_mm, 0.0)
    gate = (PORTA_HEPATIS[0] - 8, PORTA_HEPATIS[1] - 1, PORTA_HEPATIS[2] + 3)
    right_fork, left_fork = (-68.0, 2.0, -80.0), (2.0, -38.0, -66.0)
    trees = [
        (CAVAL_CONFLUENCE, (-62, 14, -48), 5.2, t.BLOOD_HEPATIC, 6),
        (CAVAL_CONFLUENCE, (-46, -26, -44), 5.0, t.BLOOD_HEPATIC, 6),
        (CAVAL_CONFLUENCE, (-2, -30, -40), 4.4, t.BLOOD_HEPATIC, 6),
        (CAVAL_CONFLUENCE, (-40, 22, -70), 2.6, t.BLOOD_HEPATIC, 6),
        (gate, right_fork, 5.4, t.BLOOD_PORTAL, 1),
        (gate, left_fork, 4.8, t.BLOOD_PORTAL, 1),
        (right_fork, (-92, 24, -96 - lower), 4.2, t.BLOOD_PORTAL, 5),
        (right_fork, (-92, 22, -62), 3.8, t.BLOOD_PORTAL, 5),
        (right_fork, (-88, -34, -92 - lower), 3.6, t.BLOOD_PORTAL, 5),
        (right_fork, (-86, -34, -58), 3.8, t.BLOOD_PORTAL, 5),
        (left_fork, (26, -52, -52), 3.2, t.BLOOD_PORTAL, 5),
        (left_fork, (22, -66, -68 - lower / 2), 3.0, t.BLOOD_PORTAL, 5),
        (left_fork, (-18, -62, -74 - lower), 3.2, t.BLOOD_PORTAL, 5),
    ]
    vessels = [Vessel([PORTA_HEPATIS, gate], [6.5 * wide, 6.2 * wide], t.BLOOD_PORTAL, 0.5, PORTAL)]
    for number, (start, towards, radius, hu, generations) in enumerate(trees):
        rng = chance.of("liver vessels", number)
        code = HEPATIC if hu is t.BLOOD_HEPATIC else PORTAL
        vessels += grow_tree(canvas.grid, inside, rng, start, towards, radius * wide, hu, generations, code)
    return vessels
