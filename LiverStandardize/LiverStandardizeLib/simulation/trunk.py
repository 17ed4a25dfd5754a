"""The trunk around the organs: skin, fat, muscle, diaphragm and lungs, heart, table. Bones are in skeleton.

The frame, mm of the reference adult: x = 0 the midline, z = 0 the top of the right diaphragm, y = 0 halfway
between the front and the back of the abdomen (the skin lies about 112 mm before and behind it). Body has what
differs from person to person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import tissues as t
from .body import FAT_BEHIND, FAT_HEIGHTS_MM, FAT_SHARES, TABLE_GAP_MM, TABLE_MM, Body
from .canvas import Canvas
from .chance import Chance
from .fields import drawn_coarsely
from .shapes import FAR_MM, TINY, Grid, difference, ellipsoid, superellipse, tube, turned, union
from .skeleton import VERTEBRA_Y, iliac_wings, paint_ribs, paint_spine, paint_wings

LUNG_VESSELS = 70


@dataclass(frozen=True)
class Trunk:
    """Surfaces (signed mm, arrays (z, y, x) of the whole canvas) that the organs are fitted into.

    cavity: without the bed of the spine and the pelvis, held at a few mm deep inside. wall: the inside of the
    muscular wall alone, in true distances.
    """

    cavity: np.ndarray
    diaphragm: np.ndarray
    wall: np.ndarray


def build_trunk(canvas: Canvas, body: Body, chance: Chance) -> Trunk:
    """Paint the trunk from outside to inside; gives back the walls of the room for the organs."""
    grid = canvas.grid
    fascia = drawn_coarsely(grid, lambda part: _fascia(part, body))
    skin = fascia - drawn_coarsely(grid, lambda part: _fat_thickness(part, body))
    wall = fascia + drawn_coarsely(grid, lambda part: _wall_thickness(part, body))
    _paint_table(canvas, body)
    canvas.paint(skin, t.SKIN)
    canvas.paint(skin + 2.0, t.FAT)
    canvas.paint(fascia, t.MUSCLE)
    _paint_wall_planes(canvas, fascia, wall)
    canvas.paint(wall, t.FAT)
    bed = _paint_back_muscles(canvas, fascia)
    wings = iliac_wings(grid, fascia)
    canvas.paint(np.maximum(wings - 8, wall), t.MUSCLE)
    paint_wings(canvas, wings, body)
    cavity = difference(difference(wall, bed, 4.0), wings - 8.5)
    trunk = Trunk(cavity, drawn_coarsely(grid, lambda part: _diaphragm(part, body)), wall)
    _paint_chest(canvas, trunk, body, chance)
    paint_ribs(canvas, fascia, body, chance)
    paint_spine(canvas, body, chance)
    return trunk


def room_of(grid: Grid, body: Body) -> Trunk:
    """The walls that `build_trunk` gives back, without painting."""
    fascia = _fascia(grid, body)
    wall = fascia + _wall_thickness(grid, body)
    cavity = difference(wall, np.maximum(back_muscles(grid), fascia), 4.0)
    return Trunk(difference(cavity, iliac_wings(grid, fascia) - 8.5), _diaphragm(grid, body), wall)


def _fascia(grid: Grid, body: Body) -> np.ndarray:
    """Outside of the muscular wall, with a groove along the spine and a faint one in front."""
    line = body.outline
    half_width, depth_back, depth_front = (
        grid.by_height(line.heights, values) for values in (line.half_width, line.back, line.front)
    )
    half_depth = np.where(grid.y > 0, depth_back, depth_front)
    surface = superellipse((grid.x, grid.y), (half_width, half_depth), 2.35)
    groove = 7 * np.exp(-((grid.x / 17) ** 2)) * np.clip(grid.y / 80, 0, 1)
    belly = 3 * np.exp(-((grid.x / 22) ** 2)) * np.clip(-grid.y / 80, 0, 1)
    return surface + groove + belly


def _fat_thickness(grid: Grid, body: Body) -> np.ndarray:
    """Subcutaneous fat with skin: thin over the chest, thick low and behind the flanks."""
    lower = grid.by_height(FAT_HEIGHTS_MM, FAT_SHARES)
    flank = FAT_BEHIND * np.clip(np.abs(grid.x) / 110, 0, 1) * np.clip(grid.y / 60, -0.3, 1)
    return np.float32(body.fat_mm) * (lower + flank)


def _wall_thickness(grid: Grid, body: Body) -> np.ndarray:
    """Muscle wall with ribs: thin in front (rectus), thick at the flanks below the ribs; thin in children."""
    side = np.clip(np.abs(grid.x) / 120, 0, 1) ** 2
    side_mm = grid.by_height([-190, -130, -80, 60], [20, 17, 12, 12])
    front = np.clip(-grid.y / 70, 0, 1)
    back = np.clip(grid.y / 70, 0, 1)
    wall = 9 + (side_mm - 9) * side + 2 * front * (1 - side) + 6 * back
    return np.float32(1 - 0.22 * body.child) * wall


def _paint_wall_planes(canvas: Canvas, fascia: np.ndarray, cavity: np.ndarray) -> None:
    """Thin fat between the three muscles of the flank, between the recti, at the edge of each rectus."""
    front = canvas.around((-200, -220, -900), (200, -50, 0), 0)
    if not front.grid.empty:
        grid, outer = front.grid, canvas.cut(front, fascia)
        midline = np.maximum(np.abs(grid.x) - 3.5, np.maximum(outer, grid.y + 60))
        front.paint(np.maximum(midline, grid.z + 25), -40.0)
        edge = np.abs(np.abs(grid.x) - (66 + 0.08 * grid.z)) - 2.0
        front.paint(np.maximum(np.maximum(edge, outer + 1), np.maximum(grid.y + 55, grid.z + 90)), -60.0)
    low = canvas.around((-200, -200, -900), (200, 200, -125))
    if not low.grid.empty:
        grid, outer = low.grid, canvas.cut(low, fascia)
        thickness = canvas.cut(low, cavity) - outer
        for layer in (0.36, 0.68):
            plane = np.abs(outer + layer * thickness) - 0.5
            low.paint(np.maximum(plane, np.maximum(70 - np.abs(grid.x), grid.z + 125)), 0.0)


def _diaphragm(grid: Grid, body: Body) -> np.ndarray:
    """The space under both domes and the central tendon; straight walls below the domes' centres.

    A child's domes are flatter and fuller.
    """
    power = 2.4 + 0.8 * body.child

    def dome(
        x: float, y: float, z: float, side: float, front: float, back: float, height: float
    ) -> np.ndarray:
        depth = np.where(grid.y < y, np.float32(front), np.float32(back))
        return superellipse((grid.x - x, grid.y - y, np.maximum(grid.z - z, 0)), (side, depth, height), power)

    right = dome(-66, -8, -118, 68, 108, 86, 118)
    left = dome(68, -2, -125, 64, 108, 84, 112)
    middle = dome(6, -30, -115, 62, 80, 62, 98)
    return union(union(right, left, 12), middle, 24)


def _paint_back_muscles(canvas: Canvas, fascia: np.ndarray) -> np.ndarray:
    """Erector spinae, psoas and quadratus lumborum; returns the bed of the spine, which no organ enters."""
    part = canvas.around((-115, 0, -900), (115, 120, 900))
    if part.grid.empty:
        return np.full(canvas.grid.shape, FAR_MM, np.float32)
    grid = part.grid
    bed = drawn_coarsely(grid, back_muscles)
    bed = np.maximum(bed, canvas.cut(part, fascia))
    part.paint(bed, t.MUSCLE)
    for side in (-1, 1):
        for x, y, half_x, half_y, angle in (
            (30, 69, 26, 1.3, 8),
            (52, 84, 1.6, 16, 24),
            (14, 86, 1.2, 12, -6),
        ):
            streak = superellipse(
                turned((grid.x - side * x, grid.y - y, grid.z), (0, 0, side * angle))[:2],
                (half_x, half_y),
                2.0,
            )
            part.paint(np.maximum(streak, bed + 2), 0.0)
    return canvas.embed(part, bed)


def back_muscles(grid: Grid) -> np.ndarray:
    """Erector spinae with the spine, psoas and quadratus lumborum, as one surface."""
    bed = superellipse((grid.x, grid.y - (VERTEBRA_Y + 2)), (27, 22), 2.3)
    bed = union(bed, superellipse((grid.x, grid.y - 82), (66, 24), 2.6), 10)
    low = np.clip((-110 - grid.z) / 110, 0, 1) + TINY
    for side in (-1, 1):
        psoas = superellipse(
            (grid.x - side * (34 + 12 * low), grid.y - (VERTEBRA_Y + 6)),
            (7 + 16 * low**0.5, 9 + 15 * low**0.5),
            2.0,
        )
        psoas = np.maximum(psoas, (grid.z + 112) * 0.3)
        quadratus = ellipsoid(grid, (side * 72, 68, -195), (22, 9, 85), turn_deg=(0, 0, side * 25))
        bed = union(bed, union(psoas, quadratus), 3)
    return bed


def _paint_chest(canvas: Canvas, trunk: Trunk, body: Body, chance: Chance) -> None:
    """Lungs down to the costophrenic recesses, the muscle of the diaphragm, the heart on it in its fat."""
    part = canvas.around((-200, -200, -155), (200, 200, 900))
    if part.grid.empty:
        return
    grid, cavity, diaphragm = part.grid, canvas.cut(part, trunk.cavity), canvas.cut(part, trunk.diaphragm)
    centre = drawn_coarsely(grid, _mediastinum)
    large = 1 + 0.12 * body.child
    pericardium = ellipsoid(
        grid, (24, -42, 34), (66 * large, 53 * large, 56), power=2.2, turn_deg=(0, 12, -28)
    )
    lung = np.maximum(cavity + 1.5, 1.8 - diaphragm)
    lung = difference(lung, union(centre, pericardium, 12), 6)
    lung = np.maximum(lung, -104 - grid.z + 0.25 * np.clip(-grid.y, 0, 200))
    part.paint(np.maximum(np.maximum(np.abs(diaphragm) - 1.6, cavity - 1), -150 - grid.z), t.DIAPHRAGM)
    part.paint(lung, t.LUNG)
    _paint_lung_vessels(part, lung, chance)
    heart = np.maximum(np.maximum(pericardium + 7, cavity + 4), 3 - diaphragm)
    part.paint(heart, t.MYOCARDIUM)
    for chamber, radii in (
        ((46, -46, 32), (30, 24, 36)),
        ((4, -62, 30), (26, 20, 30)),
        ((8, -18, 46), (32, 22, 24)),
        ((-24, -32, 34), (19, 22, 30)),
    ):
        cavity_of_heart = ellipsoid(grid, chamber, radii, turn_deg=(0, 0, -30))
        part.paint(np.maximum(cavity_of_heart, heart + 4), t.BLOOD_CAVAL + 10)


def _mediastinum(grid: Grid) -> np.ndarray:
    return union(
        superellipse((grid.x - 6, grid.y + 5), (29, 105), 2.2),
        superellipse((grid.x, grid.y - VERTEBRA_Y), (30, 24), 2.3),
        8,
    )


def _paint_lung_vessels(canvas: Canvas, lung: np.ndarray, chance: Chance) -> None:
    for number in range(LUNG_VESSELS):
        rng = chance.of("lung vessel", number)
        side = rng.choice((-1, 1))
        hilum = np.array([side * 32, rng.uniform(-10, 15), rng.uniform(50, 90)])
        tip = np.array([side * rng.uniform(50, 125), rng.uniform(-70, 70), rng.uniform(-60, 60)])
        middle = (hilum + tip) / 2 + rng.normal(0, 8, 3)
        part = canvas.around(np.minimum(hilum, tip), np.maximum(hilum, tip))
        if part.grid.empty:
            continue
        vessel = tube(part.grid, [hilum, middle, tip], [rng.uniform(2, 3.5), 1.8, 0.6], steps=3)
        part.paint(np.maximum(vessel, canvas.cut(part, lung) + 1), t.MUSCLE)


def _paint_table(canvas: Canvas, body: Body) -> None:
    """A shell of carbon around foam, curved under the back; the scanner's, so in its mm, and straight."""
    x = canvas.grid.axes[0] * body.scale[0]
    y = canvas.grid.axes[1][:, None] * body.scale[1]
    back = body.extent_mm[2] * body.scale[1] + TABLE_GAP_MM
    top = np.broadcast_to(y - back + (x / 34) ** 2, canvas.grid.shape).astype(np.float32)
    beyond = np.abs(x).astype(np.float32) - 205
    half = TABLE_MM / 2
    canvas.paint(np.maximum(np.abs(top - half) - half, beyond), t.TABLE_FOAM)
    canvas.paint(np.maximum(np.minimum(np.abs(top), np.abs(top - TABLE_MM)) - 1.0, beyond), t.TABLE_SHELL)
