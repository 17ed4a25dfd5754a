"""Laws: what must not, or must in a known way, change the result."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from LiverMetricsLib import compare

LENGTHS = (
    "msd_mm", "masd_mm", "msd_test_to_reference_mm", "msd_reference_to_test_mm", "rmsd_mm",
    "hd_mm", "hd95_mm", "hd95_pooled_mm",
)  # fmt: skip
SPACING = (0.8, 1.1, 3.0)
FAMILIES = ("voxel", "surfel", "mesh")


@pytest.fixture(scope="module")
def masks(as_image, ball):
    """Two overlapping lumpy masks on a grid that is not parallel to anything."""
    shape = (12, 30, 34)
    reference = ball(shape, (13, 15, 16), 9, SPACING) | ball(shape, (17, 20, 20), 6, SPACING)
    test = ball(shape, (14, 16, 17), 9, SPACING)
    turn = sitk.Euler3DTransform((0, 0, 0), 0.2, -0.1, 0.3).GetMatrix()
    return [as_image(mask, SPACING, (-40.0, 12.5, 7.0), turn) for mask in (reference, test)]


def numbers(result):
    return {
        f.name: getattr(result, f.name)
        for f in dataclasses.fields(result)
        if isinstance(getattr(result, f.name), float)
    }


def assert_same(result, expected):
    for name, value in numbers(expected).items():
        assert getattr(result, name) == pytest.approx(value, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("family", FAMILIES)
def test_swapping_the_masks_swaps_the_directions(masks, family):
    forth = compare(*masks, tolerance_mm=1.0, family=family)
    back = compare(*reversed(masks), tolerance_mm=1.0, family=family)
    symmetric = ("dice", "msd_mm", "masd_mm", "rmsd_mm", "hd_mm", "hd95_mm", "hd95_pooled_mm", "surface_dice")
    for name in symmetric:
        assert getattr(back, name) == pytest.approx(getattr(forth, name), abs=1e-12), name
    assert back.msd_test_to_reference_mm == pytest.approx(forth.msd_reference_to_test_mm)
    assert back.volume_ratio == pytest.approx(1 / forth.volume_ratio)
    assert back.volume_difference_ml == pytest.approx(-forth.volume_difference_ml)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("flip", [(True, False, False), (False, True, True), (True, True, True)])
def test_storing_the_test_flipped_changes_nothing(masks, family, flip):
    reference, test = masks
    expected = compare(reference, test, tolerance_mm=1.0, family=family)
    flipped = sitk.Flip(test, flip)  # keeps every voxel at its place in the patient

    result = compare(reference, flipped, tolerance_mm=1.0, family=family)

    assert result.geometry == "same-lattice"
    assert_same(result, expected)
    assert result.hd_point_lps == pytest.approx(expected.hd_point_lps)


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_storing_the_test_with_permuted_axes_changes_nothing(masks, order):
    reference, test = masks
    permuted = sitk.PermuteAxes(test, order)
    assert_same(compare(reference, permuted, tolerance_mm=1.0), compare(reference, test, tolerance_mm=1.0))
    assert_same(compare(permuted, reference, tolerance_mm=1.0), compare(test, reference, tolerance_mm=1.0))


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations([0, 1, 2]),
    flip=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    lower=st.tuples(*[st.integers(0, 3)] * 3),
    upper=st.tuples(*[st.integers(0, 3)] * 3),
    pad=st.tuples(*[st.integers(0, 4)] * 3),
    which=st.booleans(),
)
def test_any_storage_of_either_mask_gives_the_same_result(masks, order, flip, lower, upper, pad, which):
    """Cropping background, padding, flipping and permuting in any combination."""
    expected = compare(*masks)
    cropped = sitk.Crop(masks[which], background_only(masks[which], lower), (0, 0, 0))
    stored = sitk.ConstantPad(cropped, pad, upper)
    stored = sitk.PermuteAxes(sitk.Flip(stored, flip), order)
    pair = [stored if index == which else mask for index, mask in enumerate(masks)]

    assert_same(compare(*pair), expected)


def background_only(image, amounts):
    """Amounts to crop at the lower end of (x, y, z), no more than there is background."""
    filled = np.argwhere(sitk.GetArrayViewFromImage(image))
    return [int(min(amount, room)) for amount, room in zip(amounts, filled.min(axis=0)[::-1])]


def test_moving_the_patient_moves_only_the_hausdorff_point(masks):
    expected = compare(*masks)
    moved = []
    for mask in masks:
        copy = sitk.Image(mask)
        copy.SetOrigin([o + step for o, step in zip(mask.GetOrigin(), (100.0, -20.0, 3.3))])
        moved.append(copy)
    result = compare(*moved)
    assert_same(result, expected)
    assert np.subtract(result.hd_point_lps, expected.hd_point_lps) == pytest.approx((100.0, -20.0, 3.3))


@pytest.mark.parametrize("family", FAMILIES)
def test_turning_the_patient_changes_nothing(masks, family):
    straight = []
    for mask in masks:
        copy = sitk.Image(mask)
        copy.SetDirection(np.eye(3).ravel().tolist())
        straight.append(copy)
    assert_same(compare(*straight, family=family), compare(*masks, family=family))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_scaling_the_spacing_scales_lengths_and_volumes(masks, family, factor):
    expected = compare(*masks, tolerance_mm=1.0, family=family)
    scaled = []
    for mask in masks:
        copy = sitk.Image(mask)
        copy.SetSpacing([factor * s for s in mask.GetSpacing()])
        copy.SetOrigin([factor * o for o in mask.GetOrigin()])
        scaled.append(copy)
    result = compare(*scaled, tolerance_mm=factor, family=family)
    for name in LENGTHS:
        assert getattr(result, name) == pytest.approx(factor * getattr(expected, name), rel=1e-9), name
    for name in ("dice", "volume_ratio", "volume_difference_percent", "surface_dice"):
        assert getattr(result, name) == pytest.approx(getattr(expected, name), rel=1e-9), name
    assert result.volume_test_ml == pytest.approx(factor**3 * expected.volume_test_ml, rel=1e-9)


def test_distances_on_sheared_axes_follow_the_steps_in_space(as_image):
    """A direction matrix that is not orthogonal: lengths come from the true steps."""
    shear = np.array([[1.0, 0.6, 0.0], [0.0, 0.8, 0.0], [0.0, 0.0, 1.0]])
    one, other = np.zeros((2, 3, 5, 5), dtype=bool)
    one[1, 1, 1], other[1, 3, 3] = True, True
    result = compare(as_image(one, direction=shear), as_image(other, direction=shear))
    assert result.hd_mm == pytest.approx(math.hypot(2 + 2 * 0.6, 2 * 0.8))
    assert result.volume_test_ml == pytest.approx(0.8e-3)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_the_voxel_type_does_not_matter(masks, kind, as_image):
    reference, test = masks
    cast = sitk.GetImageFromArray(sitk.GetArrayFromImage(test).astype(kind))
    cast.CopyInformation(test)
    assert_same(compare(reference, cast), compare(reference, test))
