"""Signed implicit shapes on a grid of points: negative inside, positive outside, about 1 per mm.

Coordinates are anatomical millimetres in LPS order: x to the patient's left, y to the back, z to the head.
Arrays are (z, y, x). The values are distances only near a surface: exact enough to blend shapes and to leave
gaps of a few millimetres between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

import numpy as np

Point = Union[Sequence[float], np.ndarray]
"""x, y, z in mm."""

TINY = np.float32(1e-6)
FAR_MM = 10.0
"""Tubes stop counting at this distance, so that each piece needs only its own neighbourhood."""


@dataclass(frozen=True)
class Grid:
    """Anatomical coordinates of voxels: x, y, z, float32 arrays of one shape (z, y, x).

    `axes` are the same coordinates before the warp, as three 1-D arrays, and `slack_mm` is how far the warp
    moves a point at most: together they find the voxels near a point without searching. `window` is the place
    of this grid in the volume that it was cut from.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    axes: tuple[np.ndarray, np.ndarray, np.ndarray]
    slack_mm: float
    window: tuple[slice, slice, slice]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.x.shape

    def by_height(
        self, heights: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray
    ) -> np.ndarray:
        """A profile along z, linear between the given heights: float32 (z, 1, 1), without the warp."""
        return np.interp(self.axes[2], heights, values).astype(np.float32)[:, None, None]

    @property
    def empty(self) -> bool:
        """True where there are too few voxels to draw in (a gradient needs two along each axis)."""
        return min(self.shape) < 2

    def around(self, low: Point, high: Point, margin_mm: float = FAR_MM) -> Grid:
        """The part of this grid that can hold points between `low` and `high`, widened by a margin."""
        reach = margin_mm + self.slack_mm
        cut = []
        for axis, (first, last) in zip(self.axes, zip(low, high)):
            start, stop = np.searchsorted(axis, (first - reach, last + reach))
            cut.append(slice(int(start), int(stop)))
        inner = (cut[2], cut[1], cut[0])
        window = tuple(
            slice(outer.start + part.start, outer.start + part.stop)
            for outer, part in zip(self.window, inner)
        )
        return Grid(
            self.x[inner],
            self.y[inner],
            self.z[inner],
            (self.axes[0][cut[0]], self.axes[1][cut[1]], self.axes[2][cut[2]]),
            self.slack_mm,
            (window[0], window[1], window[2]),
        )

    @property
    def pitch_mm(self) -> tuple[float, float, float]:
        """Voxel size along z, y, x."""
        x, y, z = (float(axis[1] - axis[0]) for axis in self.axes)
        return z, y, x

    def local(self, part: Grid) -> tuple[slice, slice, slice]:
        """Where `part`, cut from this grid, lies in arrays that have this grid's shape."""
        z, y, x = (
            slice(inner.start - outer.start, inner.stop - outer.start)
            for inner, outer in zip(part.window, self.window)
        )
        return z, y, x


def ellipsoid(
    grid: Grid, centre: Point, radii: Point, *, power: float = 2.0, turn_deg: Point = (0.0, 0.0, 0.0)
) -> np.ndarray:
    """An ellipsoid, boxier with a `power` above 2, turned about its own x, then y, then z axis."""
    offsets = turned((grid.x - centre[0], grid.y - centre[1], grid.z - centre[2]), turn_deg)
    return superellipse(offsets, radii, power)


def superellipse(offsets: Sequence[np.ndarray], radii: Sequence | np.ndarray, power: float) -> np.ndarray:
    """(|a/A|^p + |b/B|^p + ...)^(1/p) - 1, divided by the length of its gradient, so that it reads in mm.

    Radii may be arrays (a trunk whose width changes with height).
    """
    logs = [np.log(np.abs(offset) / radius + TINY) for offset, radius in zip(offsets, radii)]
    log_value = np.log(sum(np.exp(power * log) for log in logs)) / power
    square = sum((np.exp((power - 1) * (log - log_value)) / radius) ** 2 for log, radius in zip(logs, radii))
    return (np.exp(log_value) - 1) / np.sqrt(square)


def tube(
    grid: Grid,
    points: Sequence[Point] | np.ndarray,
    radii_mm: Point,
    *,
    steps: int = 6,
    flat: Point = (1.0, 1.0, 1.0),
) -> np.ndarray:
    """A tube of changing radius along a smooth curve through `points`; FAR_MM away from it.

    `flat` divides distances along x, y, z: (1, 0.7, 1) makes a vein that is flatter from front to back.
    """
    distance = np.full(grid.shape, FAR_MM, np.float32)
    path, radius = smooth_path(points, radii_mm, steps)
    for start, end, first, last in zip(path[:-1], path[1:], radius[:-1], radius[1:]):
        reach = max(first, last) + FAR_MM
        part = grid.around(np.minimum(start, end), np.maximum(start, end), reach)
        if part.empty:
            continue
        here = distance[grid.local(part)]
        np.minimum(here, _rounded_cone(part, start, end, first, last, flat), out=here)
    return distance


def smooth_path(
    points: Sequence[Point] | np.ndarray, values: Point, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Catmull-Rom curve through `points` ((n, 3)) and `values` (n,), `steps` pieces between two points."""
    knots = np.column_stack([np.asarray(points, float), np.asarray(values, float)])
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for before, start, end, after in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:]):
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    curve = np.vstack(pieces + [knots[-1:]])
    return curve[:, :3], np.maximum(curve[:, 3], 0.3)


def union(first: np.ndarray, second: np.ndarray, blend_mm: float = 0.0) -> np.ndarray:
    """Both shapes; with `blend_mm` the crease between them is filled over that width."""
    if blend_mm <= 0:
        return np.minimum(first, second)
    overlap = np.maximum(blend_mm - np.abs(first - second), 0) / blend_mm
    return np.minimum(first, second) - overlap * overlap * (blend_mm / 4)


def intersection(first: np.ndarray, second: np.ndarray, blend_mm: float = 0.0) -> np.ndarray:
    """What both shapes share; with `blend_mm` the edge is rounded."""
    return -union(-first, -second, blend_mm)


def difference(first: np.ndarray, second: np.ndarray, blend_mm: float = 0.0) -> np.ndarray:
    """The first shape without the second."""
    return intersection(first, -second, blend_mm)


def _rounded_cone(
    grid: Grid, start: np.ndarray, end: np.ndarray, first: float, last: float, flat: Point
) -> np.ndarray:
    scale = [1.0 / part for part in flat]
    axis = [float(b - a) * s for a, b, s in zip(start, end, scale)]
    offset = [
        (values - np.float32(a)) * np.float32(s)
        for values, a, s in zip((grid.x, grid.y, grid.z), start, scale)
    ]
    length2 = sum(part * part for part in axis) + 1e-9
    along = np.clip(sum(o * np.float32(a) for o, a in zip(offset, axis)) / np.float32(length2), 0, 1)
    square = sum((o - along * np.float32(a)) ** 2 for o, a in zip(offset, axis))
    return np.sqrt(square) - (np.float32(first) + np.float32(last - first) * along)


def turned(offsets: Sequence[np.ndarray], turn_deg: Point) -> Sequence[np.ndarray]:
    """Offsets from a centre, turned about the x, then the y, then the z axis."""
    x, y, z = offsets
    about_x, about_y, about_z = np.deg2rad(np.asarray(turn_deg, np.float32))
    if about_x:
        y, z = np.cos(about_x) * y + np.sin(about_x) * z, np.cos(about_x) * z - np.sin(about_x) * y
    if about_y:
        z, x = np.cos(about_y) * z + np.sin(about_y) * x, np.cos(about_y) * x - np.sin(about_y) * z
    if about_z:
        x, y = np.cos(about_z) * x + np.sin(about_z) * y, np.cos(about_z) * y - np.sin(about_z) * x
    return x, y, z
