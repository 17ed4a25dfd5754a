"""From voxels to the frame: how a person stands in it, and what bends this one person's shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .body import Body
from .chance import Chance
from .shapes import Grid

WARP_MM, WARP_CORRELATION_MM = 2.8, 70.0
"""No two people have the same organs: everything is shifted by this much, alike within this length."""


def frame_grid(axes: Sequence[np.ndarray], body: Body, chance: Chance) -> Grid:
    """Where voxels lie in the frame; axes: their places along x, y, z in the frame, before it is bent.

    The lumbar spine curves forwards and the thoracic one backwards, and what lies by them goes with them.
    """
    knots = [axis.astype(np.float64) for axis in axes]
    bare = Grid(
        *(np.empty((0, 0, 0), np.float32),) * 3,
        (knots[0], knots[1], knots[2]),
        ((0.0, 0.0),) * 3,
        (slice(0, len(knots[2])), slice(0, len(knots[1])), slice(0, len(knots[0]))),
    )
    x, y, z = (np.float32(WARP_MM) * chance.field(bare, WARP_CORRELATION_MM, "warp", name) for name in "xyz")
    x += knots[0].astype(np.float32)
    y += knots[1].astype(np.float32)[:, None]
    y += _curve(knots[1], knots[2], body.lordosis_mm)
    z += knots[2].astype(np.float32)[:, None, None]
    most = 2.5 * WARP_MM
    bends = ((-most, most), (-most - body.lordosis_mm, most + body.lordosis_mm), (-most, most))
    return Grid(x, y, z, bare.axes, bends, bare.window)


def _curve(y: np.ndarray, z: np.ndarray, depth_mm: float) -> np.ndarray:
    """How far forwards the back lies at (z, y, 1): float32 mm."""
    forwards = np.exp(-(((z + 175) / 70) ** 2)) - 0.7 * np.clip((z + 40) / 120, 0, 1)
    behind = np.clip((y + 30) / 80, 0, 1)
    return (depth_mm * forwards[:, None] * behind).astype(np.float32)[:, :, None]
