"""What has to be known of a person before parts of the volume can be drawn: the liver's size and vessels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .ascites import paint_ascites
from .body import Body
from .canvas import Canvas, coverage
from .challenges import Challenges
from .chance import Chance
from .drawn_challenges import DrawnChallenges, draw_shapes
from .frame import frame_grid
from .left_lobe import beside, tongue_surface
from .lesions import large_lesions, place_lesions
from .liver import LiverShape, grow_liver_vessels, liver_shape, liver_surface
from .resection import plan_resection
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
    challenges: DrawnChallenges = DrawnChallenges()


def make_plan(body: Body, chance: Chance, challenges: Challenges | None = None) -> Plan:
    """Draw the upper abdomen on few voxels and let the liver grow until it has its volume.

    A resection takes from that volume. Raises ChallengeError for a lesion that does not fit.
    """
    drawn = draw_shapes(challenges or Challenges(), chance)
    canvas = Canvas.blank(_coarse_grid(body, chance), AIR)
    trunk = room_of(canvas.grid, body)
    trunk = paint_ascites(canvas, trunk, drawn.fluid, chance)
    build_great_vessels(canvas, body)
    room = beside(trunk, tongue_surface(canvas.grid, trunk, drawn.tongue))
    upper = build_upper_abdomen(canvas, room, body, chance)
    voxel_ml = float(np.prod(canvas.grid.pitch_mm) * np.prod(body.scale)) / 1000

    def surface(size: float) -> np.ndarray:
        return liver_surface(canvas, trunk, upper, liver_shape(size, chance, drawn.tongue), chance)

    wanted = body.person.expected_liver_ml
    low, high = SMALLEST, LARGEST
    while high - low > 1e-3:
        size = (low + high) / 2
        liver = surface(size)
        found = float(coverage(liver).sum()) * voxel_ml
        if abs(found / wanted - 1) < VOLUME_WITHIN:
            break
        low, high = (size, high) if found < wanted else (low, size)
    shape = liver_shape(size, chance, drawn.tongue)
    if drawn.asked.resected:
        shape = replace(shape, resection=plan_resection(canvas.grid, liver, chance))
        liver = liver_surface(canvas, trunk, upper, shape, chance)
    large = large_lesions(body, chance) if drawn.asked.hypodense_lesions else ()
    placed = place_lesions(canvas.grid, liver, body, drawn.asked.lesions, chance, may_shrink=large)
    drawn = replace(drawn, resection=shape.resection, lesions=placed)
    vessels = grow_liver_vessels(canvas, liver, shape, body, chance)
    return Plan(body, chance, shape, tuple(vessels), drawn)


def _coarse_grid(body: Body, chance: Chance) -> Grid:
    low, high = (np.asarray(corner) for corner in UPPER_BOX)
    axes = [np.arange(start, stop + PITCH_MM, PITCH_MM) for start, stop in zip(low, high)]
    return frame_grid(axes, body, chance)
