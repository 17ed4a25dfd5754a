"""Erosion and dilation against scipy, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LiverSegmentCNNLib.morphology import bounding_box, dilate, erode, reach_voxels

spacings = st.tuples(*[st.sampled_from([0.7, 1.0, 2.5, 5.0])] * 3)
radii = st.sampled_from([0.0, 1.0, 2.0, 3.7])


def random_mask(seed: int, shape=(9, 14, 17), density=0.6) -> np.ndarray:
    noise = np.random.default_rng(seed).random(shape)
    return ndimage.uniform_filter(noise, 3) > np.quantile(ndimage.uniform_filter(noise, 3), 1 - density)


def ellipsoid(radius_mm, spacing_mm) -> np.ndarray:
    reach = reach_voxels(radius_mm, spacing_mm)
    z, y, x = np.ogrid[tuple(slice(-n, n + 1) for n in reach)]
    distance = (z * spacing_mm[0]) ** 2 + (y * spacing_mm[1]) ** 2 + (x * spacing_mm[2]) ** 2
    return distance <= radius_mm**2 + 1e-6


@settings(max_examples=40)
@given(st.integers(0, 1000), radii, spacings)
def test_agree_with_scipy(seed, radius_mm, spacing_mm):
    mask = random_mask(seed)
    structure = ellipsoid(radius_mm, spacing_mm)
    eroded = ndimage.binary_erosion(mask, structure, border_value=1)
    dilated = ndimage.binary_dilation(mask, structure)
    np.testing.assert_array_equal(erode(mask, radius_mm, spacing_mm), eroded)
    np.testing.assert_array_equal(dilate(mask, radius_mm, spacing_mm), dilated)


@settings(max_examples=20)
@given(st.integers(0, 1000), radii, spacings)
def test_laws(seed, radius_mm, spacing_mm):
    mask = random_mask(seed)
    eroded, dilated = erode(mask, radius_mm, spacing_mm), dilate(mask, radius_mm, spacing_mm)
    assert not (eroded & ~mask).any()
    assert not (mask & ~dilated).any()
    np.testing.assert_array_equal(eroded, ~dilate(~mask, radius_mm, spacing_mm))
    opened = dilate(eroded, radius_mm, spacing_mm)
    assert not (opened & ~mask).any()
    np.testing.assert_array_equal(dilate(erode(opened, radius_mm, spacing_mm), radius_mm, spacing_mm), opened)


def test_a_radius_larger_than_the_array_is_no_error():
    mask = np.zeros((3, 4, 5), bool)
    mask[1, 1, 1] = True
    assert dilate(mask, 50.0, (1, 1, 1)).all()
    assert not erode(mask, 50.0, (1, 1, 1)).any()


def test_input_is_left_alone():
    mask = random_mask(3)
    before = mask.copy()
    erode(mask, 2, (1, 1, 1))
    dilate(mask, 2, (1, 1, 1))
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize(
    ("margin", "expected"), [((0, 0, 0), (2, 5)), ((1, 1, 1), (1, 6)), ((9, 9, 9), (0, 8))]
)
def test_bounding_box_stays_in_the_array(margin, expected):
    mask = np.zeros((8, 8, 8), bool)
    mask[2, 2, 2] = mask[4, 4, 4] = True
    assert bounding_box(mask, margin) == (slice(*expected),) * 3
