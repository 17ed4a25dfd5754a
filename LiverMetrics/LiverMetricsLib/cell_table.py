"""Surface pieces inside a cell of eight voxel centres, for each of its 256 states.

The surface passes through the middle of every cell edge that joins an object voxel to a background
voxel (marching cubes, Lorensen and Cline 1987). The tables are derived here instead of listed: each
face of the cell gives line segments, the segments close to polygons, the polygons are cut into
triangles. Two choices are free, and the two families differ in them:

- ``SURFEL`` keeps the rarer kind of corner apart on ambiguous faces and takes, among all triangulations,
  that of the largest area at unit spacing. This reproduces the areas of DeepMind's surface-distance
  (Nikolov et al. 2021) for every state at every spacing.
- ``MESH`` always keeps object corners apart, so that neighbouring cells agree and the surface is closed,
  and takes the triangulation of the smallest area.

Corner b of a cell lies at (z, y, x) = (b >> 2, b >> 1 & 1, b & 1); bit b of a state says that it is object.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np

SURFEL = "surfel"
MESH = "mesh"

CORNERS = np.array([(b >> 2, b >> 1 & 1, b & 1) for b in range(8)])

Edge = frozenset[int]
Triangle = tuple[int, int, int]


@cache
def cell_triangles(kind: str) -> tuple[np.ndarray, ...]:
    """Triangles of each of the 256 states.

    Args:
        kind: ``SURFEL`` or ``MESH``.

    Returns:
        256 integer arrays (triangles, 3 vertices, 3 coordinates z, y, x), in half cell edges (0, 1 or 2).
        Seen from the background, (z, y, x) taken as a right-handed frame, vertices run counter-clockwise.
    """
    return tuple(_triangles_of_state(state, kind) for state in range(256))


def cell_areas(metric_steps: np.ndarray) -> np.ndarray:
    """Surfel area in each of the 256 states for voxels with these steps (``Grid.metric_steps``), mm2."""
    return np.array([_area(triangles, metric_steps) for triangles in cell_triangles(SURFEL)])


def _triangles_of_state(state: int, kind: str) -> np.ndarray:
    inside = [bool(state >> corner & 1) for corner in range(8)]
    keep_object_apart = kind == MESH or sum(inside) <= 4
    triangles: list[np.ndarray] = []
    for polygon in _polygons(inside, keep_object_apart):
        vertices = _facing_background(
            np.array([sum(CORNERS[list(edge)]) for edge in polygon]), polygon, inside
        )
        choices = [vertices[np.array(choice)] for choice in _triangulations(tuple(range(len(polygon))))]
        areas = [_area(choice, np.eye(3)) for choice in choices]
        best = int(np.argmin(areas) if kind == MESH else np.argmax(areas))
        triangles.append(choices[best])
    return np.concatenate(triangles) if triangles else np.zeros((0, 3, 3), dtype=int)


def _facing_background(vertices: np.ndarray, polygon: list[Edge], inside: list[bool]) -> np.ndarray:
    """The polygon's vertices in the order that makes its normal point from object to background."""
    outward = np.zeros(3)
    for edge in polygon:
        for corner in edge:
            outward += CORNERS[corner] * (-1 if inside[corner] else 1)
    normal = np.cross(vertices, np.roll(vertices, -1, axis=0)).sum(axis=0)
    return vertices if normal @ outward > 0 else vertices[::-1]


def _area(triangles: np.ndarray, metric_steps: np.ndarray) -> float:
    corners = (triangles / 2.0) @ metric_steps
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(normals, axis=1).sum() / 2.0)


def _polygons(inside: list[bool], keep_object_apart: bool) -> list[list[Edge]]:
    """Closed chains of cell edges that the surface crosses."""
    neighbours: dict[Edge, list[Edge]] = {}
    for face in _FACES:
        for first, second in _segments_on_face(face, inside, keep_object_apart):
            neighbours.setdefault(first, []).append(second)
            neighbours.setdefault(second, []).append(first)
    polygons = []
    while neighbours:
        polygon = [next(iter(neighbours))]
        while polygon[-1] in neighbours:
            onward = [edge for edge in neighbours.pop(polygon[-1]) if edge in neighbours]
            polygon.extend(onward[:1])
        polygons.append(polygon)
    return polygons


def _segments_on_face(
    face: tuple[int, ...], inside: list[bool], keep_object_apart: bool
) -> list[tuple[Edge, Edge]]:
    edges = [frozenset((face[i], face[(i + 1) % 4])) for i in range(4)]
    crossed = [i for i in range(4) if inside[face[i]] != inside[face[(i + 1) % 4]]]
    if len(crossed) == 2:
        return [(edges[crossed[0]], edges[crossed[1]])]
    if len(crossed) == 4:  # two opposite corners: cut off those that are kept apart
        return [(edges[i - 1], edges[i]) for i in range(4) if inside[face[i]] == keep_object_apart]
    return []


def _faces() -> list[tuple[int, ...]]:
    """Corners of the six faces, each walked around its rim."""
    faces: list[tuple[int, ...]] = []
    for first, second in combinations((1, 2, 4), 2):
        across = 7 - first - second
        for base in (0, across):
            faces.append((base, base | first, base | first | second, base | second))
    return faces


_FACES = _faces()


def _triangulations(polygon: tuple[int, ...]) -> list[list[Triangle]]:
    """All ways to cut a polygon into triangles, as lists of vertex numbers."""
    if len(polygon) < 3:
        return [[]]
    first, last = polygon[0], polygon[-1]
    return [
        [(first, polygon[k], last), *left, *right]
        for k in range(1, len(polygon) - 1)
        for left in _triangulations(polygon[: k + 1])
        for right in _triangulations(polygon[k:])
    ]
