"""Shapes whose measures follow from pencil and paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from LiverMetricsLib import compare


def one_voxel(shape, index):
    voxels = np.zeros(shape, dtype=bool)
    voxels[index] = True
    return voxels


def filled_box(shape, lower, upper):
    voxels = np.zeros(shape, dtype=bool)
    voxels[tuple(slice(low, high) for low, high in zip(lower, upper))] = True
    return voxels


def test_single_voxels_at_anisotropic_spacing(as_image):
    spacing = (0.7, 0.8, 5.0)
    reference = as_image(one_voxel((8, 9, 10), (1, 2, 3)), spacing)
    test = as_image(one_voxel((8, 9, 10), (3, 5, 7)), spacing)
    distance = math.sqrt((2 * 5.0) ** 2 + (3 * 0.8) ** 2 + (4 * 0.7) ** 2)

    result = compare(reference, test)

    assert result.dice == 0.0
    for name in ("msd_mm", "masd_mm", "rmsd_mm", "hd_mm", "hd95_mm", "hd95_pooled_mm"):
        assert getattr(result, name) == pytest.approx(distance, abs=1e-9), name
    assert result.volume_test_ml == pytest.approx(0.7 * 0.8 * 5.0 / 1000, rel=1e-12)
    assert result.volume_ratio == pytest.approx(1.0)
    assert result.status == "ok"


def test_box_shifted_by_two_voxels(as_image):
    """A 10 x 10 x 10 box against itself two voxels further along x, spacing 2 mm in x."""
    shape, spacing = (14, 14, 20), (2.0, 1.0, 1.0)
    reference = filled_box(shape, (2, 2, 3), (12, 12, 13))
    test = filled_box(shape, (2, 2, 5), (12, 12, 15))

    result = compare(as_image(reference, spacing), as_image(test, spacing))

    assert result.dice == pytest.approx(2 * 800 / 2000)
    assert result.hd_mm == pytest.approx(4.0)
    # The two masks mirror each other, so the directed means are equal.
    assert result.msd_mm == pytest.approx(result.masd_mm, abs=1e-12)
    assert result.msd_test_to_reference_mm == pytest.approx(result.msd_reference_to_test_mm, abs=1e-12)
    assert result.volume_difference_ml == 0.0


def test_nested_boxes_have_known_distances(as_image):
    """A 9^3 box inside a 13^3 box, 2 voxels in on every side."""
    shape = (17, 17, 17)
    outer, inner = filled_box(shape, (2,) * 3, (15,) * 3), filled_box(shape, (4,) * 3, (13,) * 3)

    result = compare(as_image(outer), as_image(inner))

    surface_of_inner, surface_of_outer = 9**3 - 7**3, 13**3 - 11**3
    # Every inner surface voxel is 2 mm from a face of the outer box.
    assert result.msd_test_to_reference_mm == pytest.approx(2.0)
    # Outer surface, with f face, e edge and c corner regions seen from the inner box.
    distances = []
    for z in range(2, 15):
        for y in range(2, 15):
            for x in range(2, 15):
                if {z, y, x} & {2, 14}:
                    off = [max(4 - v, v - 12, 0) for v in (z, y, x)]
                    distances.append(math.sqrt(sum(d * d for d in off)))
    assert len(distances) == surface_of_outer
    assert result.msd_reference_to_test_mm == pytest.approx(sum(distances) / surface_of_outer, abs=1e-9)
    pooled = (2.0 * surface_of_inner + sum(distances)) / (surface_of_inner + surface_of_outer)
    assert result.msd_mm == pytest.approx(pooled, abs=1e-9)
    assert result.hd_mm == pytest.approx(math.sqrt(12), abs=1e-9)
    assert result.hd95_mm == pytest.approx(np.percentile(distances, 95), abs=1e-9)
    assert result.volume_difference_percent == pytest.approx(100 * (9**3 - 13**3) / 13**3)


def test_hausdorff_point_is_the_far_corner_in_lps(as_image):
    shape, spacing, origin = (20, 20, 20), (0.5, 2.0, 3.0), (-10.0, 20.0, -30.0)
    reference = filled_box(shape, (4, 4, 4), (10, 10, 10))
    test = reference.copy()
    test[7, 7, 10:17] = True  # a whisker along x

    result = compare(as_image(reference, spacing, origin), as_image(test, spacing, origin))

    assert result.hd_mm == pytest.approx(7 * 0.5)
    assert result.hd_point_lps == pytest.approx((-10 + 16 * 0.5, 20 + 7 * 2.0, -30 + 7 * 3.0))


@pytest.mark.parametrize("thickness", [2, 3])
def test_shell_has_an_inner_and_an_outer_surface(as_image, ball, thickness):
    """Closing a hollow ball changes distances although the outer surface is shared."""
    shape, center = (33, 33, 33), (16, 16, 16)
    full = ball(shape, center, 12)
    hollow = full & ~ball(shape, center, 12 - thickness)

    result = compare(as_image(full), as_image(hollow))

    # All of the full ball's surface belongs to the shell's surface; only the shell's inner wall is off.
    assert result.msd_reference_to_test_mm == 0.0
    assert result.msd_test_to_reference_mm >= 0.0
    inner_wall = compare(as_image(full), as_image(ball(shape, center, 12) & ~ball(shape, center, 9)))
    assert result.hd_mm <= inner_wall.hd_mm
    assert inner_wall.hd_mm == pytest.approx(3.0, abs=1.0)


def test_concentric_spheres(as_image, ball):
    shape, center = (81, 81, 81), (40, 40, 40)
    reference, test = ball(shape, center, 30), ball(shape, center, 34)

    result = compare(as_image(reference), as_image(test), tolerance_mm=2.5)

    # Surface voxels fill a layer of about 1.4 voxels inside the sphere: the layers are less far apart.
    assert result.msd_mm == pytest.approx(4.0, abs=0.5)
    assert result.hd_mm == pytest.approx(4.0, abs=0.9)
    assert result.volume_ratio == pytest.approx((34 / 30) ** 3, rel=0.01)
    assert result.dice == pytest.approx(2 * 30**3 / (30**3 + 34**3), rel=0.01)
    assert result.surface_dice < 0.02
    assert compare(as_image(reference), as_image(test), tolerance_mm=5.0).surface_dice == 1.0


def test_object_at_the_edge_of_the_image_has_a_surface_there(as_image):
    reference = np.ones((4, 5, 6), dtype=bool)
    test = np.ones((4, 5, 6), dtype=bool)
    test[:, :, -1] = False

    result = compare(as_image(reference), as_image(test))

    assert result.hd_mm == pytest.approx(1.0)
    # The reference's end plane (4 x 5) is 1 mm off. The test's new end plane was inside: its rim already
    # was surface, its 2 x 3 middle was not and is 1 mm off.
    surface_of_reference = 4 * 5 * 6 - 2 * 3 * 4
    surface_of_test = 4 * 5 * 5 - 2 * 3 * 3
    assert result.msd_reference_to_test_mm == pytest.approx(20 / surface_of_reference)
    assert result.msd_test_to_reference_mm == pytest.approx(6 / surface_of_test)


def test_identical_masks(as_image, ball):
    mask = as_image(ball((20, 20, 20), (10, 10, 10), 6))
    for family in ("voxel", "surfel", "mesh"):
        result = compare(mask, mask, tolerance_mm=0.0, family=family)
        assert result.dice == 1.0 and result.hd_mm == 0.0 and result.msd_mm == 0.0
        assert result.surface_dice == 1.0
        assert result.hd_point_lps is None
