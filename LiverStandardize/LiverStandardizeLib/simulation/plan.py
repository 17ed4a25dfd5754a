"""What has to be known of a person before parts of the volume can be drawn: the liver's size and vessels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body import Body
from .canvas import Canvas, coverage
from .chance import Chance
from .frame import frame_grid
from .liver import LiverShape, grow_liver_vessels, liver_shape, liver_surface
from .shapes import Grid
from .tissues import AIR
from .trunk import room_of
from .upper_abdomen import build_upper_abdomen
from .vessels import Vessel, build_great_vessels

UPPER_BOX = ((-155.0, -135.0, -250.0), (155.0, 105.0, 12.0))
"""Where liver, stomach, spleen, kidneys and pancreas can be; drawing only there saves much time."""

PITCH_MM = 5.0
"""Of the coarse picture in which the liver's volume is found."""
SMALLEST, LARGEST = -2.0, 4.0
"""Sizes of the liver (see LiverShape) between which the volume is sought."""
VOLUME_WITHIN = 0.002


@dataclass(frozen=True)
class Plan:
    """A body, its chance, and the liver that has the volume to be expected of this person."""

    body: Body
    chance: Chance
    liver: LiverShape
    liver_vessels: tuple[Vessel, ...]


def make_plan(body: Body, chance: Chance) -> Plan:
    """Draw the upper abdomen on few voxels and let the liver grow until it has its volume."""
    canvas = Canvas.blank(_coarse_grid(body, chance), AIR)
    trunk = room_of(canvas.grid, body)
    build_great_vessels(canvas, body, chance)
    upper = build_upper_abdomen(canvas, trunk, body, chance)
    voxel_ml = float(np.prod(canvas.grid.pitch_mm) * np.prod(body.scale)) / 1000

    def surface(size: float) -> np.ndarray:
        return liver_surface(canvas, trunk, upper, liver_shape(size, chance), chance)

    wanted = body.person.expected_liver_ml
    low, high = SMALLEST, LARGEST
    while high - low > 1e-3:
        size = (low + high) / 2
        liver = surface(size)
        found = float(coverage(liver).sum()) * voxel_ml
        if abs(found / wanted - 1) < VOLUME_WITHIN:
            break
        low, high = (size, high) if found < wanted else (low, size)
    shape = liver_shape(size, chance)
    vessels = grow_liver_vessels(canvas, liver, shape, body, chance)
    return Plan(body, chance, shape, tuple(vessels))


def _coarse_grid(body: Body, chance: Chance) -> Grid:
    low, high = (np.asarray(corner) for corner in UPPER_BOX)
    axes = [np.arange(start, stop + PITCH_MM, PITCH_MM) for start, stop in zip(low, high)]
    return frame_grid(axes, body, chance)
