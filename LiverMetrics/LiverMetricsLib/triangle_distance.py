"""Exact distances from points to a set of small triangles."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

_FIRST_CANDIDATES = 8
_PAIRS_AT_ONCE = 200_000


def nearest_on_triangles_mm(points_mm: np.ndarray, triangles_mm: np.ndarray) -> np.ndarray:
    """Distance from each point to the nearest point of any triangle.

    Candidates come from a tree of the triangles' centroids. A triangle whose centroid is farther than the
    best distance so far plus the largest reach of any triangle cannot be nearer; candidates are added until
    that holds, so the result is exact.

    Args:
        points_mm: n x 3.
        triangles_mm: m x 3 vertices x 3, m > 0, none of them degenerate.

    Returns:
        n distances, mm.
    """
    centroids = triangles_mm.mean(axis=1)
    reach = np.linalg.norm(triangles_mm - centroids[:, None], axis=2).max()
    tree = cKDTree(centroids, leafsize=32)
    prepared = _Prepared(triangles_mm)
    best_squared = np.full(len(points_mm), np.inf)
    best_triangle = np.zeros(len(points_mm), dtype=np.intp)
    pending = np.arange(len(points_mm))
    seen, candidates = 0, min(_FIRST_CANDIDATES, len(triangles_mm))
    while len(pending):
        undecided = []
        step = max(1, _PAIRS_AT_ONCE // candidates)
        for first in range(0, len(pending), step):
            part = pending[first : first + step]
            away, which = tree.query(points_mm[part], k=np.arange(seen + 1, candidates + 1))
            squared = _pairs_in_reach(prepared, points_mm[part], which, away - reach, best_squared[part])
            nearest = squared.argmin(axis=1)
            rows = np.arange(len(part))
            better = squared[rows, nearest] < best_squared[part]
            best_squared[part[better]] = squared[rows, nearest][better]
            best_triangle[part[better]] = which[rows, nearest][better]
            undecided.append(part[away[:, -1] - reach < np.sqrt(best_squared[part])])
        if candidates == len(triangles_mm):
            break
        pending = np.concatenate(undecided)
        seen, candidates = candidates, min(candidates * 3, len(triangles_mm))
    # The search rounds to about 1e-7 mm; the triangle that it found is measured again with care.
    return point_triangle_mm(points_mm, triangles_mm[best_triangle])


class _Prepared:
    """What the squared distance to each triangle needs, computed once: corner, two sides, their products."""

    def __init__(self, triangles_mm: np.ndarray) -> None:
        self.corner = triangles_mm[:, 0]
        self.first = triangles_mm[:, 1] - self.corner
        self.second = triangles_mm[:, 2] - self.corner
        self.products = np.stack(
            [_dot(self.first, self.first), _dot(self.first, self.second), _dot(self.second, self.second)]
        )

    def squared(self, points_mm: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Squared distance from each point (n x 3) to the triangle of that number (n)."""
        offset = points_mm - self.corner[which]
        along_first = _dot(offset, self.first[which])
        along_second = _dot(offset, self.second[which])
        square = _dot(offset, offset)
        a, b, c = self.products[:, which]
        # Barycentric coordinates of the foot of the perpendicular.
        u = (c * along_first - b * along_second) / (a * c - b * b)
        v = (a * along_second - b * along_first) / (a * c - b * b)
        on_plane = square - u * along_first - v * along_second
        # The third side starts at the end of the first.
        square_there = square - 2.0 * along_first + a
        along_third = along_second - along_first + a - b
        on_sides = np.minimum(
            np.minimum(_to_side(square, along_first, a), _to_side(square, along_second, c)),
            _to_side(square_there, along_third, a - 2.0 * b + c),
        )
        above = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0)
        return np.maximum(np.where(above, on_plane, on_sides), 0.0)


def _to_side(square: np.ndarray, along: np.ndarray, length_squared: np.ndarray) -> np.ndarray:
    """Squared distance to a side, from that to its start and the product of offset and side."""
    share = np.clip(along / length_squared, 0.0, 1.0)
    return square - share * (2.0 * along - share * length_squared)


def _pairs_in_reach(
    prepared: _Prepared,
    points_mm: np.ndarray,
    which: np.ndarray,
    at_least_mm: np.ndarray,
    best_squared: np.ndarray,
) -> np.ndarray:
    """Squared distances of the pairs (n x k) that can still win; infinite for the others."""
    rows, columns = np.nonzero(at_least_mm < np.sqrt(best_squared)[:, None])
    squared = np.full(which.shape, np.inf)
    squared[rows, columns] = prepared.squared(points_mm[rows], which[rows, columns])
    return squared


def point_triangle_mm(points_mm: np.ndarray, triangles_mm: np.ndarray) -> np.ndarray:
    """Distance from points (..., 3) to triangles (..., 3 vertices, 3), broadcast against each other.

    Above the triangle's inside it is the distance to the plane, elsewhere that to the nearest side.
    """
    nearest_side = np.full(np.broadcast_shapes(points_mm.shape, triangles_mm.shape[:-2] + (3,))[:-1], np.inf)
    normal = np.cross(
        triangles_mm[..., 1, :] - triangles_mm[..., 0, :], triangles_mm[..., 2, :] - triangles_mm[..., 0, :]
    )
    above = np.ones(nearest_side.shape, dtype=bool)
    for i in range(3):
        side = triangles_mm[..., (i + 1) % 3, :] - triangles_mm[..., i, :]
        offset = points_mm - triangles_mm[..., i, :]
        along = np.clip(_dot(offset, side) / _dot(side, side), 0.0, 1.0)
        apart = offset - along[..., None] * side
        np.minimum(nearest_side, _dot(apart, apart), out=nearest_side)
        above &= _dot(np.cross(side, offset), normal) >= 0.0
    height = np.abs(_dot(points_mm - triangles_mm[..., 0, :], normal)) / np.sqrt(_dot(normal, normal))
    return np.where(above, height, np.sqrt(nearest_side))


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.einsum("...i,...i->...", first, second)
