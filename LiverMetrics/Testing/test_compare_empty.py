"""Empty masks have defined results, and the reason is told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from LiverMetricsLib import compare

DISTANCES = (
    "msd_mm", "masd_mm", "msd_test_to_reference_mm", "msd_reference_to_test_mm", "rmsd_mm",
    "hd_mm", "hd95_mm", "hd95_pooled_mm",
)  # fmt: skip


@pytest.fixture(scope="module")
def full(as_image, ball):
    return as_image(ball((10, 10, 10), (5, 5, 5), 3))


@pytest.fixture(scope="module")
def empty(as_image):
    return as_image(np.zeros((10, 10, 10), dtype=bool))


@pytest.mark.parametrize("family", ["voxel", "surfel", "mesh"])
def test_an_empty_test_mask(full, empty, family):
    result = compare(full, empty, tolerance_mm=2.0, family=family)
    assert result.status == "test-empty"
    assert (result.dice, result.surface_dice, result.volume_ratio) == (0.0, 0.0, 0.0)
    assert result.volume_difference_percent == -100.0
    assert all(getattr(result, name) == math.inf for name in DISTANCES)
    assert result.hd_point_lps is None
    assert "no voxel of label 1; it is empty" in result.warnings[0]


def test_an_empty_reference(full, empty):
    result = compare(empty, full, tolerance_mm=2.0)
    assert result.status == "reference-empty"
    assert (result.dice, result.surface_dice) == (0.0, 0.0)
    assert math.isnan(result.volume_ratio) and math.isnan(result.volume_difference_percent)
    assert result.volume_difference_ml > 0
    assert all(getattr(result, name) == math.inf for name in DISTANCES)


def test_both_empty(empty):
    result = compare(empty, empty, tolerance_mm=2.0)
    assert result.status == "both-empty"
    for name in (*DISTANCES, "dice", "surface_dice", "volume_ratio", "volume_difference_percent"):
        assert math.isnan(getattr(result, name)), name
    assert result.volume_test_ml == result.volume_reference_ml == result.volume_difference_ml == 0.0


def test_a_label_that_is_not_there_is_named_with_those_that_are(as_image, full):
    organs = np.zeros((10, 10, 10), dtype=np.uint8)
    organs[3:6, 3:6, 3:6] = 6
    organs[7:9, 7:9, 7:9] = 2
    result = compare(as_image(organs), full)
    assert result.status == "reference-empty"
    assert result.warnings == ("The reference has no voxel of label 1; it has 2, 6.",)


def test_without_a_tolerance_there_is_no_surface_dice(full, empty):
    assert compare(full, empty).surface_dice is None
    assert compare(full, full).surface_dice is None
