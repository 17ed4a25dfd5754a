"""Where the three families differ, and by how much."""

from __future__ import annotations

import numpy as np
import pytest

from LiverMetricsLib import compare
from LiverMetricsLib.triangle_distance import nearest_on_triangles_mm, point_triangle_mm


def spheres(as_image, slice_mm):
    """Concentric spheres of 20 and 23 mm on 1 x 1 mm slices of a thickness."""
    spacing = (1.0, 1.0, slice_mm)
    z, y, x = np.meshgrid(
        np.arange(0, 60, slice_mm) - 30.2,
        np.arange(60) - 30.4,
        np.arange(60) - 30.3,
        indexing="ij",
        sparse=True,
    )
    squared = z**2 + y**2 + x**2
    return as_image(squared <= 20**2, spacing), as_image(squared <= 23**2, spacing)


def msd_mm(as_image, family, slice_mm):
    return compare(*spheres(as_image, slice_mm), family=family).msd_mm


def test_the_mesh_family_changes_least_with_slice_thickness(as_image):
    loss = {
        family: msd_mm(as_image, family, 1.0) - msd_mm(as_image, family, 5.0)
        for family in ("voxel", "surfel", "mesh")
    }
    assert abs(loss["mesh"]) < 0.6 * abs(loss["voxel"])
    assert abs(loss["mesh"]) < 0.6 * abs(loss["surfel"])


def test_the_mesh_family_is_nearest_to_the_true_distance(as_image):
    """Spheres 3 mm apart: point-to-point distances between two lattices come out short."""
    errors = {family: abs(msd_mm(as_image, family, 1.0) - 3.0) for family in ("voxel", "surfel", "mesh")}
    assert errors["mesh"] < 0.25
    assert errors["mesh"] < errors["voxel"] and errors["mesh"] < errors["surfel"]


@pytest.mark.parametrize("family", ["voxel", "surfel", "mesh"])
def test_overlap_and_volume_do_not_depend_on_the_family(as_image, family):
    masks = spheres(as_image, 2.0)
    expected, result = compare(*masks), compare(*masks, family=family)
    assert (result.dice, result.volume_test_ml) == (expected.dice, expected.volume_test_ml)
    assert result.family == family
    assert result.definitions["surface"] != expected.definitions["surface"] or family == "voxel"


def test_the_surface_dice_of_the_voxel_family_is_that_of_the_surfels(as_image):
    masks = spheres(as_image, 2.0)
    voxel = compare(*masks, tolerance_mm=3.0)
    surfel = compare(*masks, tolerance_mm=3.0, family="surfel")
    assert 0 < voxel.surface_dice < 1
    assert voxel.surface_dice == pytest.approx(surfel.surface_dice, abs=1e-12)


def test_far_and_elongated_triangles_are_searched_exactly():
    """Long thin triangles, where the nearest centroid often belongs to the wrong one."""
    rng = np.random.default_rng(3)
    triangles = rng.normal(size=(400, 1, 3)) * 20 + rng.normal(size=(400, 3, 3)) * [0.3, 0.3, 6.0]
    points = rng.normal(size=(300, 3)) * 40
    expected = point_triangle_mm(points[:, None], triangles[None]).min(axis=1)
    assert nearest_on_triangles_mm(points, triangles) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("point", "distance"),
    [
        ((0.2, 0.2, 3.0), 3.0),  # above the inside
        ((-1.0, -1.0, 0.0), 2**0.5),  # beyond a corner
        ((0.5, -2.0, 0.0), 2.0),  # beside a side
        ((1.0, 1.0, 0.0), 2**0.5 / 2),  # beside the slanted side
        ((0.0, 0.0, 0.0), 0.0),  # on a corner
    ],
)
def test_point_to_triangle_by_hand(point, distance):
    triangle = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert point_triangle_mm(np.array(point), triangle) == pytest.approx(distance, abs=1e-12)
    assert nearest_on_triangles_mm(np.array([point]), triangle[None]) == pytest.approx([distance], abs=1e-12)
