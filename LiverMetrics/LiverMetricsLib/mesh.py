"""The mesh family: closed triangle meshes and exact distances to them.

The mesh passes through the middles of the edges between object and background voxel centres. Its
triangles' areas weigh the distances, and a distance runs to the nearest point of the other mesh, not to
its nearest vertex, so that the measures depend least on how thick the slices are. Outside the image is
background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cell_table import MESH, cell_triangles
from .distances import DirectedDistances, farthest, to_mm
from .packed import bit_indices
from .surfel import border_cells, cell_states
from .triangle_distance import nearest_on_triangles_mm


@dataclass(frozen=True)
class Mesh:
    """A closed mesh around a packed mask.

    Attributes:
        half_indices: Vertices, n x 3 integers: twice their index (z, y, x) in the packed array.
        triangles: m x 3 vertex numbers; counter-clockwise seen from the background, with (z, y, x) taken as
            a right-handed frame.
    """

    half_indices: np.ndarray
    triangles: np.ndarray

    @property
    def indices(self) -> np.ndarray:
        """Vertices as continuous indices (z, y, x) of the packed array, n x 3."""
        return self.half_indices / 2.0

    def corners_mm(self, metric_steps: np.ndarray) -> np.ndarray:
        """Corners of the triangles, m x 3 x 3, mm."""
        return to_mm(self.indices, metric_steps)[self.triangles]

    def vertex_areas(self, metric_steps: np.ndarray) -> np.ndarray:
        """What each vertex counts for: a third of the area of its triangles, mm2."""
        corners = self.corners_mm(metric_steps)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        thirds = np.linalg.norm(normals, axis=1) / 6.0
        return np.bincount(self.triangles.ravel(), np.repeat(thirds, 3), minlength=len(self.half_indices))


def mesh_of(words: np.ndarray) -> Mesh:
    """The mesh around a packed mask."""
    cells = bit_indices(border_cells(words))
    states = cell_states(words, cells)
    table = cell_triangles(MESH)
    parts = [np.zeros((0, 3, 3), dtype=np.int64)]
    for state in np.unique(states):
        here = cells[states == state]
        parts.append((2 * here[:, None, None, :] + table[state]).reshape(-1, 3, 3))
    corners = np.concatenate(parts).reshape(-1, 3)
    shape = 2 * np.array(_grid_shape(words))
    keys, triangles = np.unique(np.ravel_multi_index(tuple(corners.T), shape), return_inverse=True)
    return Mesh(np.stack(np.unravel_index(keys, shape), axis=1), triangles.reshape(-1, 3))


def mesh_distances(
    test: np.ndarray, reference: np.ndarray, metric_steps: np.ndarray
) -> tuple[DirectedDistances, DirectedDistances]:
    """Area-weighted distances between the meshes of two packed masks, neither of them empty.

    Args:
        test, reference: Packed masks over the same box (see ``packed``).
        metric_steps: 3 x 3 matrix that turns index vectors into mm (``Grid.metric_steps``).

    Returns:
        Test to reference, reference to test; ``farthest_index`` counts from the packed array's corner.
    """
    test_mesh, reference_mesh = mesh_of(test), mesh_of(reference)
    return (
        _directed(test_mesh, reference_mesh, metric_steps),
        _directed(reference_mesh, test_mesh, metric_steps),
    )


def vertex_distances_mm(mesh: Mesh, other: Mesh, metric_steps: np.ndarray) -> np.ndarray:
    """Distance from each vertex of a mesh to the other mesh; vertices that both have are 0 mm apart."""
    shape = 1 + np.maximum(mesh.half_indices.max(axis=0), other.half_indices.max(axis=0))
    own_keys = np.ravel_multi_index(tuple(mesh.half_indices.T), shape)
    apart = ~np.isin(own_keys, np.ravel_multi_index(tuple(other.half_indices.T), shape))
    values = np.zeros(len(mesh.half_indices))
    if apart.any():
        points = to_mm(mesh.indices[apart], metric_steps)
        values[apart] = nearest_on_triangles_mm(points, other.corners_mm(metric_steps))
    return values


def _directed(mesh: Mesh, other: Mesh, metric_steps: np.ndarray) -> DirectedDistances:
    values = vertex_distances_mm(mesh, other, metric_steps)
    return DirectedDistances(values, mesh.vertex_areas(metric_steps), farthest(values, mesh.indices))


def _grid_shape(words: np.ndarray) -> tuple[int, int, int]:
    depth, height, words_in_row = words.shape
    return depth, height, 64 * words_in_row
