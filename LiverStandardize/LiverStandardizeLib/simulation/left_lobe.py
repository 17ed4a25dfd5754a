"""A left lobe that reaches far to the left: a tongue beside stomach and spleen, along wall and diaphragm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chance import Chance
from .shapes import Grid, intersection, union
from .trunk import Trunk

START_DEG = 8.0
REACH_DEG = (92.0, 122.0)
"""How far round the tip lies, from the front: 90 is the left flank, more is beside the spleen."""
MIDDLE = (20.0, -6.0)
"""What the tongue runs round, x and y in the frame."""
HEIGHT_MM, THICK_MM = (19.0, 26.0), (16.0, 22.0)
"""Half of the height, and thickness, where it leaves the lobe; towards the tip both fall."""
LEVEL_Z_MM = (-56.0, -44.0)
GAP_MM = 1.5
_MM_PER_RADIAN = 95.0
_BLEND_MM = 12.0


@dataclass(frozen=True)
class Tongue:
    """reach_deg: where the tip is, seen from the middle; lengths in mm of the frame."""

    reach_deg: float
    height_mm: float
    thick_mm: float
    level_z_mm: float


def draw_tongue(chance: Chance) -> Tongue:
    """The tongue of this person."""
    rng = chance.of("far-left lobe")
    reach, height, thick, level = (
        float(rng.uniform(*limits)) for limits in (REACH_DEG, HEIGHT_MM, THICK_MM, LEVEL_Z_MM)
    )
    return Tongue(reach, height, thick, level)


def tongue_surface(grid: Grid, room: Trunk, tongue: Tongue | None) -> np.ndarray | None:
    """The tongue, signed mm; None without one."""
    if tongue is None:
        return None
    round_deg = np.rad2deg(np.arctan2(grid.x - MIDDLE[0], MIDDLE[1] - grid.y)).astype(np.float32)
    way = np.clip(round_deg / np.float32(tongue.reach_deg), 0, 1)
    taper = np.sqrt(np.maximum(1 - way**3, 0))
    wall = intersection(room.cavity + 2.2, room.diaphragm + 1.3, 5)
    depth = -intersection(room.wall + 2.2, room.diaphragm + 1.3, 5)
    inner = depth - np.float32(tongue.thick_mm) * (0.35 + 0.65 * taper)
    middle = grid.z - np.float32(tongue.level_z_mm) - 8 * way
    band = np.abs(middle) - np.float32(tongue.height_mm) * (0.15 + 0.85 * taper)
    beyond = np.maximum(round_deg - np.float32(tongue.reach_deg), START_DEG - round_deg)
    ends = beyond * np.float32(np.deg2rad(1) * _MM_PER_RADIAN)
    return intersection(intersection(wall, inner, 6), intersection(band, ends, 10), 8).astype(np.float32)


def beside(room: Trunk, tongue: np.ndarray | None) -> Trunk:
    """The room that the tongue leaves to stomach and spleen."""
    if tongue is None:
        return room
    return Trunk(np.maximum(room.cavity, -tongue - np.float32(GAP_MM)), room.diaphragm, room.wall)


def joined(liver: np.ndarray, tongue: np.ndarray | None) -> np.ndarray:
    """The liver with its tongue."""
    return liver if tongue is None else union(liver, tongue, _BLEND_MM)
