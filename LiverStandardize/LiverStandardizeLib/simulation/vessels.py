"""Aorta, vena cava, portal and splenic veins, renal and mesenteric vessels; branching trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import tissues as t
from .body import Body
from .canvas import Canvas
from .chance import Chance
from .shapes import Grid, Point, tube

PORTA_HEPATIS: Point = (-32.0, -12.0, -84.0)
CAVAL_CONFLUENCE: Point = (-22.0, 2.0, -24.0)


MESENTERIC_VESSELS = 46
PAINTED_MM = 6.0
"""Around a thin vessel, what can touch a voxel of it."""


@dataclass(frozen=True)
class Vessel:
    """A thin vessel to be painted: its way, radii (mm), HU, and how far it keeps inside of its organ (mm).

    detail: its code in the image of details, 0 for none.
    """

    points: Sequence[Point]
    radii_mm: Sequence[float] | np.ndarray
    hu: float
    inside_mm: float = 2.5
    detail: int = 0


def build_great_vessels(canvas: Canvas, body: Body) -> None:
    """What runs outside the liver and claims room; the portal vein ends at the porta hepatis."""
    canvas = canvas.around((-60, -70, -900), (100, 60, 900))
    if canvas.grid.empty:
        return
    grid, wide = canvas.grid, body.vessels
    aorta = tube(
        grid,
        [(24, 24, 120), (22, 24, 40), (15, 16, -20), (9, 9, -80), (6, 9, -150), (5, 11, -206)],
        wide * np.array([12.5, 12, 11, 10.5, 8.5, 8.5]),
    )
    for side in (-1, 1):
        iliac = tube(
            grid,
            [(5, 11, -204), (5 + side * 14, 14, -222), (5 + side * 32, 24, -260)],
            wide * np.array([6.5, 5.5, 5.5]),
        )
        aorta = np.minimum(aorta, iliac)
    canvas.add_organ(aorta, t.BLOOD_ARTERIAL, label=t.LABELS["aorta"])
    cava = tube(
        grid,
        [
            (-16, 18, -260),
            (-17, 11, -200),
            (-20, 8, -140),
            (-25, 9, -90),
            (-26, 10, -55),
            CAVAL_CONFLUENCE,
            (-20, -16, 2),
            (-22, -24, 16),
        ],
        wide * np.array([9, 10, 10.5, 11.5, 12, 12.5, 12, 12]),
        flat=(1.12, 0.85, 1),
    )
    canvas.add_organ(cava, t.BLOOD_CAVAL, label=t.LABELS["inferior_vena_cava"])
    portal = tube(grid, [(-2, -18, -112), (-14, -18, -101), PORTA_HEPATIS], wide * np.array([7.2, 7.5, 7.2]))
    splenic = tube(
        grid,
        [(-2, -18, -112), (20, -14, -99), (48, 4, -88), (72, 28, -74)],
        wide * np.array([5.6, 5.2, 4.8, 4.2]),
    )
    canvas.add_organ(np.minimum(portal, splenic), t.BLOOD_PORTAL, label=t.LABELS["portal_and_splenic_veins"])
    _build_branches(canvas, wide)


def _build_branches(canvas: Canvas, wide: float) -> None:
    """Without label: coeliac trunk, mesenteric artery and vein, renal vessels, crura of the diaphragm."""
    branches = (
        ([(8, 0, -88), (8, -10, -90), (22, -12, -88)], [4, 3.4, 2.4], t.BLOOD_ARTERIAL),
        ([(8, -10, -90), (-10, -14, -90), (-24, -18, -90)], [3, 2.4, 2.0], t.BLOOD_ARTERIAL),
        (
            [(7, 0, -104), (4, -11, -116), (1, -20, -140), (-4, -30, -200)],
            [4, 3.8, 3.6, 2.4],
            t.BLOOD_ARTERIAL,
        ),
        ([(-3, -18, -114), (-9, -24, -138), (-12, -34, -200)], [5.5, 5, 3.2], t.BLOOD_PORTAL),
        ([(-22, 8, -128), (-42, 16, -131), (-56, 26, -134)], [5, 4.6, 4.4], t.BLOOD_CAVAL + 15),
        (
            [(-18, 6, -122), (4, -2, -120), (32, 12, -120), (54, 26, -119)],
            [4.6, 3.6, 4.2, 4.4],
            t.BLOOD_CAVAL + 15,
        ),
        ([(-6, 14, -124), (-34, 22, -128), (-54, 30, -130)], [2.6, 2.4, 2.2], t.BLOOD_ARTERIAL),
        ([(12, 14, -116), (34, 22, -116), (54, 30, -116)], [2.6, 2.4, 2.2], t.BLOOD_ARTERIAL),
    )
    canvas = canvas.around((-80, -60, -210), (80, 60, -40))
    if canvas.grid.empty:
        return
    for points, radii, hu in branches:
        canvas.add_organ(tube(canvas.grid, points, wide * np.array(radii)), hu, gap_mm=0.0)
    for side in (-1, 1):
        crus = tube(
            canvas.grid,
            [(side * 9, 0, -50), (4 + side * 16, 12, -78), (3 + side * 18, 22, -112), (side * 15, 26, -150)],
            [3.5, 5.5, 4.5, 2.5],
            flat=(0.8, 1.2, 1),
        )
        canvas.add_organ(crus, t.MUSCLE, gap_mm=0.5)


def paint_mesentery(canvas: Canvas, body: Body, chance: Chance) -> None:
    """Small vessels fanning out in the mesenteric fat."""
    vessels, wide = [], body.vessels
    for number in range(MESENTERIC_VESSELS):
        rng = chance.of("mesentery", number)
        start = np.array([rng.uniform(-10, 10), rng.uniform(-34, -18), rng.uniform(-205, -125)])
        angle = rng.uniform(-1.2, 1.2)
        reach = rng.uniform(30, 80)
        end = start + reach * np.array([np.sin(angle), -0.75 * np.cos(angle), rng.uniform(-0.6, 0.2)])
        bend = (start + end) / 2 + rng.normal(0, 7, 3)
        radii = wide * np.array([rng.uniform(1.4, 2.3), 1.3, rng.uniform(0.7, 1.2)])
        vessels.append(Vessel([start, bend, end], radii, t.BLOOD_PORTAL - 15))
    paint_vessels(canvas, vessels)


def paint_vessels(canvas: Canvas, vessels: Sequence[Vessel], within: np.ndarray | None = None) -> None:
    """Draw thin vessels without claiming room; `within` (signed mm, the canvas's shape) bounds them."""
    for vessel in vessels:
        path = np.stack([np.asarray(point, float) for point in vessel.points])
        part = canvas.around(path.min(axis=0), path.max(axis=0), max(vessel.radii_mm) + PAINTED_MM)
        if part.grid.empty:
            continue
        shape = tube(part.grid, path, vessel.radii_mm, steps=3)
        if within is not None:
            shape = np.maximum(shape, canvas.cut(part, within) + np.float32(vessel.inside_mm))
        part.paint(shape, vessel.hu, detail=vessel.detail)


def grow_tree(
    grid: Grid,
    within: np.ndarray,
    rng: np.random.Generator,
    start: Point,
    towards: Point,
    radius_mm: float,
    hu: float,
    generations: int = 5,
    detail: int = 0,
) -> list[Vessel]:
    """A vessel from `start` to `towards` that forks again and again, and ends where it leaves `within`."""
    origin = np.asarray(start, float)
    direction = np.asarray(towards, float) - origin
    vessels: list[Vessel] = []
    _grow(vessels, grid, within, rng, origin, direction, radius_mm, hu, generations, detail)
    return vessels


def _grow(
    vessels: list[Vessel],
    grid: Grid,
    within: np.ndarray,
    rng: np.random.Generator,
    start: np.ndarray,
    stride: np.ndarray,
    radius_mm: float,
    hu: float,
    generations: int,
    detail: int,
) -> None:
    if generations == 0 or radius_mm < 0.7:
        return
    length = float(np.linalg.norm(stride))
    end = start + stride
    bend = start + stride * 0.5 + rng.normal(0, 0.06 * length, 3)
    vessels.append(
        Vessel([start, bend, end], [radius_mm, radius_mm * 0.92, radius_mm * 0.8], hu, detail=detail)
    )
    if _outside(grid, within, end):
        return
    heading = stride / max(length, 1e-6)
    sideways = np.cross(heading, rng.normal(0, 1, 3))
    sideways /= max(float(np.linalg.norm(sideways)), 1e-6)
    for sign, share in ((1, rng.uniform(0.70, 0.82)), (-1, rng.uniform(0.56, 0.72))):
        tilt = rng.uniform(0.25, 0.75)
        branch = heading + sign * tilt * sideways + rng.normal(0, 0.12, 3)
        branch *= length * rng.uniform(0.62, 0.85) / float(np.linalg.norm(branch))
        _grow(vessels, grid, within, rng, end, branch, radius_mm * share, hu - 3, generations - 1, detail)


def _outside(grid: Grid, within: np.ndarray, point: np.ndarray) -> bool:
    index = [int(np.searchsorted(axis, value)) for axis, value in zip(grid.axes, point)]
    if any(not 0 < i < len(axis) - 1 for i, axis in zip(index, grid.axes)):
        return True
    return bool(within[index[2], index[1], index[0]] > 2)
