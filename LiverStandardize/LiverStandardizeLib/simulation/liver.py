"""The liver: a mass moulded by diaphragm, ribs and neighbours, its fissures, hepatic and portal veins."""

from __future__ import annotations

import numpy as np

from . import tissues as t
from .canvas import Canvas
from .noise import smooth_field
from .shapes import Grid, difference, ellipsoid, intersection, tube
from .trunk import Trunk
from .upper_abdomen import UpperAbdomen
from .vessels import CAVAL_CONFLUENCE, PORTA_HEPATIS, grow_tree


def build_liver(canvas: Canvas, trunk: Trunk, upper: UpperAbdomen, rng: np.random.Generator) -> None:
    """Draw the parenchyma with its label, then its vessels: they belong to the label, as in manual masks."""
    grid = canvas.grid
    liver = _mass(grid, trunk, rng)
    liver = difference(liver, upper.right_perirenal_fat, 8)
    liver = difference(liver, upper.stomach - 2.5, 6)
    liver = difference(liver, upper.gallbladder - 1.0, 4)
    liver = _carve_fissures(grid, liver)
    liver = canvas.add_organ(liver, t.LIVER, label=t.LABELS["liver"], gap_mm=1.2)
    _draw_vessels(canvas, liver, rng)


def _mass(grid: Grid, trunk: Trunk, rng: np.random.Generator) -> np.ndarray:
    """What lies under the diaphragm and in the ribs, above the visceral surface, before the back edge."""
    drop = rng.uniform(-8, 8)
    reach = rng.uniform(-10, 12)
    roof = intersection(trunk.diaphragm + 1.3, trunk.cavity + 2.2, 5)
    floor_x = [-140, -118, -95, -70, -45, -20, 10, 40, 75, 110]
    floor_z = [-182, -172, -152, -128, -108, -96, -84, -66, -44, -20]
    floor = np.interp(grid.x, floor_x, floor_z) + drop * np.clip(-grid.x / 90, 0, 1)
    floor = floor + 0.10 * (grid.y + 20) * (grid.x < 0)
    visceral = ((floor - grid.z) * 0.78).astype(np.float32)
    edge_x = np.array([-140, -75, -55, -42, -30, -14, 4, 24, 50, 80, 120], float)
    edge_y = [110, 96, 74, 52, 34, 14, -4, -24, -46, -66, -92]
    behind = ((grid.y - np.interp(grid.x, edge_x, edge_y)) * 0.72).astype(np.float32)
    left = ((grid.x - (72 + reach) - 0.35 * (grid.z + 40)) * 0.9).astype(np.float32)
    bumps = 1.5 * smooth_field(rng, grid.shape, grid.pitch_mm, 35.0)
    lower = intersection(visceral, behind, 20) + bumps
    return intersection(intersection(roof, lower, 9), left, 22)


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


def _draw_vessels(canvas: Canvas, liver: np.ndarray, rng: np.random.Generator) -> None:
    inside = liver + 2.5
    for towards, radius in (
        ((-62, 14, -48), 5.2),
        ((-46, -26, -44), 5.0),
        ((-2, -30, -40), 4.4),
        ((-40, 22, -70), 2.6),
    ):
        grow_tree(canvas, inside, rng, CAVAL_CONFLUENCE, towards, radius, t.BLOOD_HEPATIC, 6)
    liver_gate = (PORTA_HEPATIS[0] - 8, PORTA_HEPATIS[1] - 1, PORTA_HEPATIS[2] + 3)
    trunk = tube(canvas.grid, [PORTA_HEPATIS, liver_gate], [6.5, 6.2])
    canvas.paint(np.maximum(trunk, liver + 0.5), t.BLOOD_PORTAL)
    right_fork = (-68.0, 2.0, -80.0)
    left_fork = (2.0, -38.0, -66.0)
    grow_tree(canvas, inside, rng, liver_gate, right_fork, 5.4, t.BLOOD_PORTAL, 1)
    grow_tree(canvas, inside, rng, liver_gate, left_fork, 4.8, t.BLOOD_PORTAL, 1)
    for start, towards, radius in (
        (right_fork, (-92, 24, -96), 4.2),
        (right_fork, (-92, 22, -62), 3.8),
        (right_fork, (-88, -34, -92), 3.6),
        (right_fork, (-86, -34, -58), 3.8),
        (left_fork, (26, -52, -52), 3.2),
        (left_fork, (22, -66, -68), 3.0),
        (left_fork, (-18, -62, -74), 3.2),
    ):
        grow_tree(canvas, inside, rng, start, towards, radius, t.BLOOD_PORTAL, 5)
