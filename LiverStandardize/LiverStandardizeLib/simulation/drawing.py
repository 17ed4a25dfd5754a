"""Drawing a person on a volume: in slabs of sections, side by side, each of them alone.

What a slab shows follows from the plan and from where its voxels lie in the frame, so slabs fit together
whatever their thickness. One section more at each end gives surfaces their slope there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Callable, Optional

import numpy as np

from .arms import paint_arms
from .canvas import Canvas
from .contrast import Contrast
from .drawn_challenges import DrawnChallenges
from .frame import frame_grid
from .material_maps import MaterialMaps
from .metal import paint_metal
from .organs import build_organs
from .physics.attenuation import MATERIALS
from .plan import Plan
from .tissues import AIR
from .trunk import build_trunk

Progress = Optional[Callable[[float, str], None]]

SLAB_SECTIONS = 16
MOST_THREADS = 4
MESSAGE = "Drawing the abdomen"


class Picture:
    """What is drawn, (z, y, x): hu float32, labels and details uint8, maps (3, z, y, x) float32 or None.

    challenges: those of the plan.
    """

    def __init__(self, shape: tuple[int, ...], with_materials: bool, challenges: DrawnChallenges) -> None:
        self.challenges = challenges
        self.hu = np.empty(shape, np.float32)
        self.labels = np.empty(shape, np.uint8)
        self.details = np.empty(shape, np.uint8)
        self.maps = np.empty((len(MATERIALS), *shape), np.float32) if with_materials else None


def draw(
    plan: Plan,
    axes: Sequence[np.ndarray],
    contrast: Contrast | None = None,
    progress: Progress = None,
    *,
    slab_sections: int = SLAB_SECTIONS,
    threads: int | None = None,
) -> Picture:
    """Draw a planned person, with material maps if `contrast` is given.

    axes: places of the voxels along x, y, z in the frame. threads: those of the machine, 4 at most, by
    default. `progress` is called between slabs, by the caller's thread; what it raises stops the drawing.
    """
    shape = (len(axes[2]), len(axes[1]), len(axes[0]))
    picture = Picture(shape, contrast is not None, plan.challenges)
    starts = range(0, shape[0], slab_sections)
    if progress is not None:
        progress(0.0, MESSAGE)
    with ThreadPoolExecutor(threads or min(_cores(), MOST_THREADS)) as pool:
        waiting = {
            pool.submit(
                _draw_slab, picture, plan, axes, contrast, start, min(start + slab_sections, shape[0])
            )
            for start in starts
        }
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for slab in done:
                    slab.result()
                if progress is not None:
                    progress(1 - len(waiting) / len(starts), MESSAGE)
        finally:
            for slab in waiting:
                slab.cancel()
    return picture


def _draw_slab(
    picture: Picture,
    plan: Plan,
    axes: Sequence[np.ndarray],
    contrast: Contrast | None,
    start: int,
    stop: int,
) -> None:
    first, last = max(start - 1, 0), min(stop + 1, len(axes[2]))
    grid = frame_grid((axes[0], axes[1], axes[2][first:last]), plan.body, plan.chance)
    materials = None if contrast is None else MaterialMaps.blank(grid.shape, contrast)
    canvas = Canvas.blank(grid, AIR, materials, plan.challenges.enhancement)
    trunk = build_trunk(canvas, plan.body, plan.chance)
    paint_arms(canvas, plan.challenges.arms, plan.body)
    paint_metal(canvas, plan.challenges.metal)
    build_organs(canvas, trunk, plan)
    inner = slice(start - first, stop - first)
    picture.hu[start:stop] = canvas.hu[inner]
    picture.labels[start:stop] = canvas.labels[inner]
    picture.details[start:stop] = canvas.details[inner]
    if picture.maps is not None and materials is not None:
        picture.maps[:, start:stop] = materials.maps[:, inner]


def _cores() -> int:
    """Those this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
