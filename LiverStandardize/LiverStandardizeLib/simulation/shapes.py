"""Signed implicit shapes on a grid of points: negative inside, positive outside, about 1 per mm.

Coordinates are anatomical millimetres in LPS order: x to the patient's left, y to the back, z to the head.
Arrays are (z, y, x). The values are distances only near a surface: exact enough to blend shapes and to leave
gaps of a few millimetres between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Union

import numpy as np

Point = Union[Sequence[float], np.ndarray]
"""x, y, z in mm."""

TINY = np.float32(1e-6)
BENDS_SEEN, BENDS_BETWEEN_MM = 12, 1.0
"""The warp is looked at in so many places along an axis; between them it can reach so much further."""
FAR_MM = 10.0
"""Tubes stop counting at this distance, so that each piece needs only its own neighbourhood."""
ELLIPSOID_FAR_MM = 18.0


@dataclass(frozen=True)
class Grid:
    """Anatomical coordinates of voxels: x, y, z, float32 arrays of one shape (z, y, x).

    `axes` are the same coordinates before the warp, as three 1-D arrays, and `bends_mm` is how far the warp
    moves points, least and most along x, y, z: together they find the voxels near a point without searching.
    `window` is the place of this grid in the volume that it was cut from.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    axes: tuple[np.ndarray, np.ndarray, np.ndarray]
    bends_mm: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
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
        cut = []
        for axis, first, last, (least, most) in zip(self.axes, low, high, self.bends_mm):
            start, stop = np.searchsorted(axis, (first - margin_mm - most, last + margin_mm - least))
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
            self.bends_mm,
            (window[0], window[1], window[2]),
        )

    def tightened(self) -> Grid:
        """The same grid with the bends of these voxels alone: worth it before many small cuts."""
        if self.empty:
            return self
        z, y, x = (max(count // BENDS_SEEN, 1) for count in self.shape)
        some = (slice(None, None, z), slice(None, None, y), slice(None, None, x))
        bends = []
        for coordinate, axis, along in zip((self.x, self.y, self.z), self.axes, (2, 1, 0)):
            shape = [-1 if one == along else 1 for one in range(3)]
            bend = coordinate[some] - axis[some[along]].reshape(shape).astype(np.float32)
            bends.append((float(bend.min()) - BENDS_BETWEEN_MM, float(bend.max()) + BENDS_BETWEEN_MM))
        return replace(self, bends_mm=(bends[0], bends[1], bends[2]))

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
    """An ellipsoid, boxier with a `power` above 2, turned about its own x, then y, then z axis.

    It stops counting at ELLIPSOID_FAR_MM, so that it is drawn in its own neighbourhood alone.
    """
    semi_axes = np.stack(turned(np.diag(np.asarray(radii, float)), turn_deg, back=True))
    extent = np.sqrt(np.square(semi_axes).sum(axis=1)) if power == 2.0 else np.abs(semi_axes).sum(axis=1)
    low, high = np.asarray(centre, float) - extent, np.asarray(centre, float) + extent
    part = grid.around(low, high, ELLIPSOID_FAR_MM)
    whole = np.full(grid.shape, ELLIPSOID_FAR_MM, np.float32)
    if part.x.size:
        offsets = [values - np.float32(middle) for values, middle in zip((part.x, part.y, part.z), centre)]
        drawn = superellipse(turned(offsets, turn_deg), radii, power)
        whole[grid.local(part)] = np.minimum(drawn, np.float32(ELLIPSOID_FAR_MM))
    return whole


def superellipse(offsets: Sequence[np.ndarray], radii: Sequence | np.ndarray, power: float) -> np.ndarray:
    """(|a/A|^p + |b/B|^p + ...)^(1/p) - 1, divided by the length of its gradient, so that it reads in mm.

    Radii may be arrays (a trunk whose width changes with height).
    """
    sizes = [np.abs(offset) + TINY for offset in offsets]
    inverse = [np.float32(1) / np.asarray(radius, np.float32) for radius in radii]
    if power == 2.0:
        powers = [np.square(size * one) for size, one in zip(sizes, inverse)]
        total = _sum(powers)
        value = np.sqrt(total)
    else:
        powers = [np.exp(np.float32(power) * np.log(size * one)) for size, one in zip(sizes, inverse)]
        total = _sum(powers)
        value = np.exp(np.log(total) * np.float32(1 / power))
    # The gradient is value^(1 - p) times the length of (|a/A|^p / |a|, ...), and total is value^p.
    slope = np.sqrt(_sum([np.square(one / size) for one, size in zip(powers, sizes)]))
    return (value - 1) * total / (value * slope)


def _sum(arrays: Sequence[np.ndarray]) -> np.ndarray:
    total = arrays[0] + arrays[1]
    for one in arrays[2:]:
        total += one
    return total


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


def turned(
    offsets: Sequence[np.ndarray] | np.ndarray, turn_deg: Point, *, back: bool = False
) -> Sequence[np.ndarray]:
    """Offsets from a centre, turned about the x, then the y, then the z axis; `back`: where they were."""
    x, y, z = offsets
    about_x, about_y, about_z = np.deg2rad(np.asarray(turn_deg, np.float32)) * (-1 if back else 1)
    turns = [("x", about_x), ("y", about_y), ("z", about_z)]
    for axis, angle in reversed(turns) if back else turns:
        if not angle:
            continue
        cosine, sine = np.cos(angle), np.sin(angle)
        if axis == "x":
            y, z = cosine * y + sine * z, cosine * z - sine * y
        elif axis == "y":
            z, x = cosine * z + sine * x, cosine * x - sine * z
        else:
            x, y = cosine * x + sine * y, cosine * y - sine * x
    return x, y, z
