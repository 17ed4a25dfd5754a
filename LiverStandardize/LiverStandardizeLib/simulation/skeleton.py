"""Spine, ribs with their cartilage, sternum, iliac wings."""

from __future__ import annotations

import numpy as np

from . import tissues as t
from .body import Body
from .canvas import Canvas
from .chance import Chance
from .shapes import FAR_MM, Grid, superellipse, union

VERTEBRA_Y = 38.0
"""Centre of the vertebral bodies, mm behind the middle of the trunk."""

VERTEBRA_PITCH = 34.0
RIB_PITCH = 27.0
WINGS_REACH_MM = 30.0
"""The wings' surface counts within this distance; beyond it they are equally far."""


def paint_spine(canvas: Canvas, body: Body, chance: Chance) -> None:
    """Vertebral bodies with discs, arches with their processes, the canal with the cord.

    In children the spine is slight, the bone in it is a core in cartilage, and arches are apart from bodies.
    """
    canvas = canvas.around((-60, 5, -900), (60, 120, 900))
    if canvas.grid.empty:
        return
    grid, size, cartilage = canvas.grid, body.bones, body.child
    start = chance.of("spine").uniform(0, VERTEBRA_PITCH)
    level = np.mod(grid.z + start, VERTEBRA_PITCH) - VERTEBRA_PITCH / 2
    waist = 1.5 * np.cos(level / VERTEBRA_PITCH * 2 * np.pi)
    y = grid.y - VERTEBRA_Y
    column = superellipse((grid.x, y - 14 * (1 - size)), (22.5 * size - waist, 16.5 * size - waist), 2.3)
    canvas.paint(column, t.DISC)
    arch = np.maximum(superellipse((grid.x, y - 24), (19, 17), 2.2), np.abs(level) - 11)
    spinous = superellipse((grid.x, y - 46 + 12 * cartilage), (3.6, 17 - 9 * cartilage), 2.2)
    spinous = np.maximum(spinous, np.abs(level + 4) - 9)
    transverse = superellipse(
        (grid.x, y - 22 - 0.12 * np.abs(grid.x), level - 3), (41 - 12 * cartilage, 4.5, 6.5), 2.4
    )
    facets = superellipse((np.abs(grid.x) - 16, y - 27), (7.5 * size, 9 * size), 2.0)
    posterior = np.maximum(
        union(union(union(arch, spinous, 5), transverse, 4), facets, 3), np.abs(level) - 15
    )
    apart = 7 * cartilage - np.hypot(np.abs(grid.x) - 14, y - 13)
    shell = 0.6 + 0.4 * body.growth
    _paint_bone(canvas, np.maximum(posterior, apart), t.CORTICAL_BONE * 0.62, 2.6 * shell, t.SPONGIOSA + 50)
    core = np.maximum(column + 3.0 * cartilage, np.abs(level) - 12.5 + 2.5 * cartilage)
    _paint_bone(canvas, core, t.CORTICAL_BONE * 0.8, 1.7 * shell, t.SPONGIOSA)
    canal = superellipse((grid.x, y - 23), (11, 8), 2.2)
    canvas.paint(canal, t.EPIDURAL_FAT)
    canvas.paint(canal + 1.8, t.SPINAL_CORD)


def paint_ribs(canvas: Canvas, fascia: np.ndarray, body: Body, chance: Chance) -> None:
    """Slanted bands in the wall, cut where the costal margin rises to the front; their ends are cartilage.

    A child's ribs are slight and lie more level, and more of them is cartilage.
    """
    part = canvas.around((-230, -200, -155), (230, 200, 900))
    if part.grid.empty:
        return
    fascia, canvas = canvas.cut(part, fascia), part
    grid, size, child = canvas.grid, body.bones, body.child
    depth = fascia + 7.5 - 2.0 * child
    descent = (78 - 42 * child) * np.clip((grid.y + 95) / 170, 0, 1.1)
    offset = np.mod(grid.z - descent + chance.of("ribs").uniform(0, RIB_PITCH), RIB_PITCH) - RIB_PITCH / 2
    ribs = superellipse((depth, 0.82 * offset), (3.6 * size, 6.2 * size), 2.0)
    margin = np.interp(grid.axes[1], [-110, -90, -60, 0, 40, 110], [-12, -40, -92, -135, -150, -150])
    margin = margin + 26 * child
    ribs = np.maximum(ribs, margin.astype(np.float32)[:, None] - grid.z)
    ribs = np.maximum(ribs, np.where(grid.y > 40, 26 - np.abs(grid.x), -FAR_MM))
    canvas.paint(ribs, t.CARTILAGE)
    bony = np.maximum(ribs, -62 + 14 * child - 0.15 * grid.z - grid.y)
    _paint_bone(canvas, bony, t.CORTICAL_BONE * 0.8, 1.6, t.SPONGIOSA)
    sternum = np.maximum(superellipse((grid.x, depth), (17 - 4 * child, 5.5), 2.6), 8 - grid.z)
    sternum = np.maximum(sternum, grid.y + 40)
    canvas.paint(sternum, t.CARTILAGE)
    gaps = np.abs(np.mod(grid.z, 30.0) - 15) - 15 + 6 * child
    _paint_bone(
        canvas,
        np.maximum(sternum + 3 * child, gaps) if child > 0.1 else sternum,
        t.CORTICAL_BONE * 0.5,
        1.8,
        t.SPONGIOSA - 60,
    )


def iliac_wings(grid: Grid, fascia: np.ndarray) -> np.ndarray:
    """The top of the pelvis: two curved plates that run from behind outwards and forwards."""
    wings = np.full(grid.shape, WINGS_REACH_MM, np.float32)
    for side in (-1, 1):
        part = grid.around((min(0, side * 180), -90, -900), (max(0, side * 180), 120, -170))
        if part.empty:
            continue
        x, y = side * part.x - 98, part.y - 32
        along = 0.5 * x - 0.866 * y
        across = 0.866 * x + 0.5 * y + 0.0035 * along**2 - 0.10 * (part.z + 235)
        wing = superellipse((along, across, part.z + 270), (60, 4.5, 66), 2.5)
        wings[grid.local(part)] = np.minimum(wing, WINGS_REACH_MM)
    return np.maximum(wings, fascia + 5)


def paint_wings(canvas: Canvas, wings: np.ndarray, body: Body) -> None:
    """Bone, in children within cartilage."""
    canvas.paint(wings, t.CARTILAGE)
    _paint_bone(canvas, wings + 1.5 * body.child, t.CORTICAL_BONE * 0.8, 2.0, t.SPONGIOSA)


def _paint_bone(canvas: Canvas, bone: np.ndarray, shell_hu: float, shell_mm: float, core_hu: float) -> None:
    canvas.paint(bone, shell_hu)
    canvas.paint(bone + shell_mm, core_hu)
