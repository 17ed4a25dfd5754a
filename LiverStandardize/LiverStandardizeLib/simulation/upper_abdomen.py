"""Kidneys, adrenals, spleen, stomach, oesophagus, gallbladder, pancreas, duodenum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import tissues as t
from .body import Body
from .canvas import Canvas
from .chance import Chance
from .shapes import Point, difference, ellipsoid, tube, union
from .trunk import Trunk


@dataclass(frozen=True)
class UpperAbdomen:
    """Surfaces (signed mm, whole grid) that leave an impression on the liver."""

    right_perirenal_fat: np.ndarray
    stomach: np.ndarray
    gallbladder: np.ndarray


def build_upper_abdomen(canvas: Canvas, trunk: Trunk, body: Body, chance: Chance) -> UpperAbdomen:
    inside = np.maximum(trunk.cavity + 3, trunk.diaphragm + 3)
    fat = body.visceral
    right = _jitter(chance, (-69 - 5 * fat, 36 - 4 * fat, -140), 4, "right kidney")
    left = _jitter(chance, (70 + 5 * fat, 38 - 4 * fat, -122), 4, "left kidney")
    _kidney(canvas, inside, -1, right, t.LABELS["right_kidney"], body, chance)
    _kidney(canvas, inside, 1, left, t.LABELS["left_kidney"], body, chance)
    # Open to the back and the midline: the upper pole presses on the liver, it does not lie in it.
    size = body.kidneys * (0.93 + 0.16 * fat)
    near, behind = (
        _around(canvas, right, (6, 2, 2), (33 * size, 35 * size, 60 * size)),
        _around(canvas, right, (14, 26, 10), (34, 34, 58)),
    )
    perirenal = union(near, behind, 8)
    _adrenals(canvas)
    gallbladder = _gallbladder(canvas, chance)
    _oesophagus(canvas)
    stomach = _stomach(canvas, inside, body, chance)
    _spleen(canvas, inside, body, chance)
    _duodenum(canvas)
    _pancreas(canvas, body, chance)
    return UpperAbdomen(perirenal, stomach, gallbladder)


def _jitter(chance: Chance, point: Point, spread_mm: float, name: str) -> Point:
    x, y, z = np.asarray(point) + chance.of(name, "place").uniform(-spread_mm, spread_mm, 3)
    return float(x), float(y), float(z)


def _around(canvas: Canvas, centre: Point, offset: Point, radii: Point) -> np.ndarray:
    x, y, z = np.asarray(centre) + offset
    return ellipsoid(canvas.grid, (float(x), float(y), float(z)), radii, turn_deg=(-10, -14, 0))


def _kidney(
    canvas: Canvas,
    inside: np.ndarray,
    side: int,
    centre: Point,
    label: int,
    body: Body,
    chance: Chance,
) -> None:
    """A bean whose hilum looks forwards and inwards, its upper pole nearer the midline than the lower."""
    x, y, z = centre
    part = canvas.around((x - 50, y - 50, z - 70), (x + 50, y + 50, z + 70))
    if part.grid.empty:
        return
    grid, size = part.grid, body.kidneys
    long = chance.of("kidney", side).uniform(50, 55)
    turn = (-10.0, side * 14.0, side * -38.0)
    bean = ellipsoid(grid, centre, (27 * size, 31 * size, long * size), power=2.15, turn_deg=turn)
    hilum = ellipsoid(grid, (x - side * 27, y - 16, z), (13, 15, 15), turn_deg=turn)
    bean = np.maximum(difference(bean, hilum, 7), canvas.cut(part, inside))
    kidney = part.add_organ(bean, t.RENAL_CORTEX, label=label, gap_mm=1.0)
    turns = np.arctan2(grid.z - z, 1.2 * (grid.x - x + side * 6)) * 9 + 2 * np.sin((grid.y - y) / 9)
    part.paint(np.maximum(kidney + 6, 1.2 - 3.5 * np.cos(turns)), t.RENAL_MEDULLA)
    full = 0.75 + 0.25 * body.growth
    sinus = ellipsoid(grid, (x - side * 13, y - 7, z), (13 * full, 10 * full, 21 * full), turn_deg=turn)
    part.paint(np.maximum(sinus, kidney + 2), -60.0)
    pelvis = tube(
        grid,
        [(x - side * 6, y - 4, z + 9), (x - side * 14, y - 8, z), (x - side * 24, y - 14, z - 8)],
        [2.5, 4.0, 3.0],
    )
    part.paint(np.maximum(pelvis, sinus), t.RENAL_PELVIS)
    part.labels[np.maximum(sinus, kidney + 2) < 0] = 0


def _adrenals(canvas: Canvas) -> None:
    grid = canvas.grid
    right = tube(grid, [(-30, 26, -74), (-34, 34, -84), (-38, 42, -94)], [3.0, 3.4, 2.6], flat=(0.7, 1, 1.6))
    left = np.minimum(
        tube(grid, [(30, 16, -84), (33, 24, -92), (30, 34, -99)], [3.0, 3.2, 2.2], flat=(0.9, 1, 1.6)),
        tube(grid, [(33, 20, -88), (40, 29, -95)], [3, 2.2], flat=(0.9, 1, 1.6)),
    )
    canvas.add_organ(right, t.ADRENAL, label=t.LABELS["right_adrenal"])
    canvas.add_organ(left, t.ADRENAL, label=t.LABELS["left_adrenal"])


def _gallbladder(canvas: Canvas, chance: Chance) -> np.ndarray:
    size = chance.of("gallbladder").uniform(0.85, 1.15)
    pear = tube(
        canvas.grid, [(-44, -24, -92), (-52, -38, -104), (-60, -56, -119)], [4, 10.5 * size, 14 * size]
    )
    canvas.add_organ(pear, t.GUT_WALL, label=t.LABELS["gallbladder"])
    canvas.paint(pear + 1.3, t.GALLBLADDER)
    return pear


def _oesophagus(canvas: Canvas) -> None:
    grid = canvas.grid
    gullet = tube(
        grid,
        [(6, 4, 120), (7, 4, 40), (9, 0, 0), (13, -6, -22), (26, -8, -36)],
        [7.5, 7.5, 8, 7.5, 8],
        flat=(1.1, 0.85, 1),
    )
    canvas.add_organ(gullet, t.GUT_WALL - 20, label=t.LABELS["oesophagus"], gap_mm=0.8)
    canvas.paint(gullet + 5.5, -150.0)


def _stomach(canvas: Canvas, inside: np.ndarray, body: Body, chance: Chance) -> np.ndarray:
    """A J from the left dome to the pylorus: wall, food and fluid, gas in front, as in a supine patient."""
    grid, rng = canvas.grid, chance.of("stomach")
    full = rng.uniform(0.85, 1.15) * (1 - 0.15 * body.child)
    shape = tube(
        grid,
        [
            (60, 17, -38),
            (66, -12, -52),
            (62, -46, -80),
            (42, -66, -110),
            (10, -66, -122),
            (-18, -54, -116),
            (-34, -44, -108),
        ],
        [29 * full, 31 * full, 27 * full, 20 * full, 15, 12, 9],
    )
    folds = 1.6 * chance.field(grid, 18.0, "stomach folds")
    stomach = np.maximum(shape + folds, inside)
    stomach = canvas.add_organ(stomach, t.GUT_WALL, label=t.LABELS["stomach"], gap_mm=1.5)
    rugae = 4.0 + 0.9 * chance.field(grid, 8.0, "rugae")
    lumen = stomach + rugae
    food = t.GUT_FLUID + 18 + 14 * chance.field(grid, 6.0, "food")
    canvas.paint(lumen, food)
    level = -62 + rng.uniform(-8, 8)
    canvas.paint(np.maximum(lumen, grid.y - level), t.AIR)
    return stomach


def _spleen(canvas: Canvas, inside: np.ndarray, body: Body, chance: Chance) -> None:
    grid = canvas.grid
    x, y, z = _jitter(chance, (94, 36, -64), 3, "spleen")
    size = chance.of("spleen", "size").uniform(0.94, 1.06) * (1 + 0.05 * body.child)
    mass = ellipsoid(grid, (x, y, z), (47 * size, 60 * size, 55 * size), power=2.3, turn_deg=(-18, 0, 24))
    hollow = ellipsoid(grid, (x - 52, y - 22, z + 2), (46, 50, 60), turn_deg=(0, 0, 20))
    spleen = np.maximum(difference(mass, hollow, 14), inside + 1)
    canvas.add_organ(spleen, t.SPLEEN, label=t.LABELS["spleen"], gap_mm=2.5)


def _duodenum(canvas: Canvas) -> None:
    grid = canvas.grid
    loop = tube(
        grid,
        [
            (-36, -42, -109),
            (-50, -26, -112),
            (-52, -12, -140),
            (-40, -6, -164),
            (-10, -6, -168),
            (16, -8, -160),
            (30, -16, -140),
        ],
        [11, 12, 12, 12, 10, 10, 10],
    )
    loop = canvas.add_organ(loop, t.GUT_WALL, gap_mm=1.5)
    canvas.paint(loop + 3.5, t.GUT_FLUID)


def _pancreas(canvas: Canvas, body: Body, chance: Chance) -> None:
    grid = canvas.grid
    gland = tube(
        grid,
        [
            (-26, -22, -148),
            (-30, -24, -126),
            (-16, -29, -112),
            (10, -33, -105),
            (38, -16, -96),
            (66, 14, -82),
            (78, 26, -76),
        ],
        [9, 15, 10.5, 10, 11.5, 11, 7],
    )
    lobules = 2.6 * chance.field(grid, 7.0, "lobules")
    gland = canvas.add_organ(
        union(gland + lobules, gland + 5), t.PANCREAS, label=t.LABELS["pancreas"], gap_mm=0.8
    )
    fat = 1.5 + 3.0 * body.child + 2.0 * chance.field(grid, 5.0, "fat of the pancreas")
    canvas.paint(np.maximum(fat, gland + 2.0), 20.0)
