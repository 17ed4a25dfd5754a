"""The surface pieces of a cell, and the meshes made of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from LiverMetricsLib.cell_table import CORNERS, MESH, SURFEL, cell_areas, cell_triangles
from LiverMetricsLib.mesh import mesh_of
from LiverMetricsLib.packed import Box, pack_label

ROOT2, ROOT3 = 2**0.5, 3**0.5


def state(*corners):
    return sum(1 << corner for corner in corners)


@pytest.mark.parametrize(
    ("corners", "area"),
    [
        ((), 0.0),
        ((0,), ROOT3 / 8),  # a corner cut off: triangle with sides 1/sqrt(2)
        ((0, 1), ROOT2 / 2),  # an edge cut off: rectangle 1 x 1/sqrt(2)
        ((0, 1, 2, 3), 1.0),  # half of the cell: unit square
        ((0, 7), 2 * ROOT3 / 8),  # two opposite corners
        ((0, 3), 2 * ROOT3 / 8),  # across a face: kept apart
        ((0, 1, 2), 0.5 + 3 * ROOT3 / 8),  # half a square and a trapezoid, the larger of the ways to fold it
        ((0, 1, 2, 4), 6 * ROOT3 / 8),  # regular hexagon with sides 1/sqrt(2)
    ],
)
def test_surfel_areas_by_hand(corners, area):
    areas = cell_areas(np.eye(3))
    assert areas[state(*corners)] == pytest.approx(area, abs=1e-12)
    assert areas[255 - state(*corners)] == pytest.approx(area, abs=1e-12)  # inside and outside are alike


def test_areas_follow_the_spacing():
    """Half of a cell is a rectangle whose sides are the two spacings of its plane."""
    areas = cell_areas(np.diag([5.0, 0.8, 0.7]))
    low_z = state(*(b for b in range(8) if CORNERS[b][0] == 0))
    low_y = state(*(b for b in range(8) if CORNERS[b][1] == 0))
    assert areas[low_z] == pytest.approx(0.8 * 0.7)
    assert areas[low_y] == pytest.approx(5.0 * 0.7)


@pytest.mark.parametrize("kind", [SURFEL, MESH])
def test_every_vertex_is_the_middle_of_a_crossed_edge(kind):
    for number, triangles in enumerate(cell_triangles(kind)):
        crossed = {
            tuple(CORNERS[a] + CORNERS[b])
            for a in range(8)
            for b in range(8)
            if np.abs(CORNERS[a] - CORNERS[b]).sum() == 1 and (number >> a & 1) != (number >> b & 1)
        }
        assert {tuple(vertex) for vertex in triangles.reshape(-1, 3)} == crossed


@settings(max_examples=40, deadline=None)
@given(st_numpy.arrays(bool, st.tuples(*[st.integers(1, 6)] * 3)))
def test_meshes_are_closed_and_face_outwards(mask):
    mesh = mesh_of(pack_label(mask, (0, 0, 0), 1, Box((0, 0, 0), mask.shape)))
    directed = Counter()
    for a, b, c in mesh.triangles:
        directed.update([(a, b), (b, c), (c, a)])
    # Every side is walked as often forth as back: no hole, no triangle turned over.
    assert all(directed[(b, a)] == count for (a, b), count in directed.items())
    corners = mesh.corners_mm(np.eye(3))
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6.0
    assert 0 < volume <= mask.sum() if mask.any() else volume == 0
    # Each voxel keeps at least the octahedron of its six half edges.
    assert volume >= mask.sum() / 6 - 1e-9


def test_the_mesh_of_a_box_has_its_volume_less_the_bevels():
    mask = np.ones((4, 5, 6), dtype=bool)
    mesh = mesh_of(pack_label(mask, (0, 0, 0), 1, Box((0, 0, 0), mask.shape)))
    corners = mesh.corners_mm(np.eye(3))
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6.0
    edges = 4 * (3 + 4 + 5)
    # Along each of the twelve edges a prism of 1/8 per voxel is cut off; each corner cell keeps 1/48 of 1/8.
    assert volume == pytest.approx(4 * 5 * 6 - edges / 8 - 8 * (1 / 8 - 1 / 48))
