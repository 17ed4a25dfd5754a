"""Masks on different grids: followed exactly, refused, or resampled with a warning."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from LiverMetricsLib import GeometryMismatch, InvalidArgument, UnsupportedMask, compare, compare_labels


@pytest.fixture(scope="module")
def mask(as_image, ball):
    spacing = (0.9, 0.9, 2.5)
    return as_image(ball((16, 40, 40), (18, 18, 20), 12, spacing), spacing, (-100.0, -50.0, 10.0))


def changed(image, **settings):
    copy = sitk.Image(image)
    for name, value in settings.items():
        getattr(copy, f"Set{name}")(value)
    return copy


def test_the_same_grid_is_named(mask):
    assert compare(mask, mask).geometry == "same-grid"


def test_a_crop_elsewhere_is_compared_where_it_lies(mask):
    crop = sitk.RegionOfInterest(mask, (25, 25, 10), (0, 0, 0))
    result = compare(mask, crop)
    full, part = sitk.GetArrayFromImage(mask), np.zeros((16, 40, 40), dtype=np.uint8)
    part[:10, :25, :25] = full[:10, :25, :25]
    assert result.geometry == "same-lattice"
    assert result.dice == pytest.approx(2 * part.sum() / (part.sum() + full.sum()))


def test_whole_voxel_offsets_are_followed_and_not_ignored(mask):
    """Arrays are equal, places are not: three voxels along x."""
    moved = changed(mask, Origin=(-100.0 + 3 * 0.9, -50.0, 10.0))
    result = compare(mask, moved)
    assert result.geometry == "same-lattice"
    assert result.dice < 0.95
    assert result.hd_mm == pytest.approx(2.7)


def test_rounding_in_headers_is_the_same_lattice(mask):
    """Spacing rounded to six digits and an origin written as float32."""
    noisy = changed(mask, Spacing=(0.9000004, 0.8999996, 2.5), Origin=(-100.00001, -50.0, 10.000001))
    assert compare(mask, noisy).dice == 1.0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"Spacing": (0.9, 0.9, 5.0)}, "spacing is 0.9 x 0.9 x 5 mm instead of 0.9 x 0.9 x 2.5 mm"),
        ({"Origin": (-99.7, -50.0, 10.0)}, "shifted by"),
        ({"Direction": sitk.Euler3DTransform((0, 0, 0), 0, 0, 0.1).GetMatrix()}, "turned by 5.73 degrees"),
    ],
)
def test_another_lattice_is_refused_with_what_differs(mask, settings, words):
    with pytest.raises(GeometryMismatch, match=words) as caught:
        compare(mask, changed(mask, **settings))
    assert caught.value.id == "geometry-mismatch"


def test_two_thousandths_of_a_voxel_are_too_much(mask):
    with pytest.raises(GeometryMismatch):
        compare(mask, changed(mask, Origin=(-100.0 + 0.002 * 0.9, -50.0, 10.0)))
    compare(mask, changed(mask, Origin=(-100.0 + 0.0005 * 0.9, -50.0, 10.0)))


def test_resampling_puts_the_reference_on_the_test_grid_and_says_so(as_image, ball):
    fine, coarse = (1.0, 1.0, 1.0), (1.5, 1.5, 3.0)
    reference = as_image(ball((48, 48, 48), (24, 24, 24), 15, fine), fine)
    test = as_image(ball((16, 32, 32), (24, 24, 24), 15, coarse), coarse)

    result = compare(reference, test, geometry="resample")

    assert result.geometry == "resampled"
    assert "nearest neighbour" in result.warnings[0] and "spacing" in result.warnings[0]
    assert result.dice > 0.97
    # Volumes are those of each mask's own grid, not of the resampled one.
    assert result.volume_reference_ml == pytest.approx(sitk.GetArrayViewFromImage(reference).sum() / 1000)
    assert result.volume_test_ml == pytest.approx(sitk.GetArrayViewFromImage(test).sum() * 6.75 / 1000)


def test_resampling_equals_simpleitk_on_the_whole_grid(as_image, ball):
    """The box-wise resampling is the plain nearest-neighbour filter, where both have a say."""
    spacing = (1.0, 1.1, 2.0)
    reference = as_image(ball((30, 40, 40), (20, 22, 30), 13, spacing), spacing, (3.0, 1.0, -4.0))
    turn = sitk.Euler3DTransform((0, 0, 0), 0.1, 0.2, -0.3).GetMatrix()
    test = as_image(np.zeros((40, 50, 60)), (1.3, 1.3, 2.2), (-10.0, 0.0, -10.0), turn)
    whole = sitk.Resample(reference, test, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    assert sitk.GetArrayViewFromImage(whole).sum() > 1000

    result = compare(reference, whole, geometry="resample")

    assert result.dice == 1.0 and result.hd_mm == 0.0


def test_resampling_keeps_what_lies_outside_the_test_grid(as_image, ball):
    """A reference half outside the test's field of view is not cut by resampling."""
    reference = as_image(ball((40, 40, 40), (20, 20, 20), 10))
    test = as_image(ball((20, 40, 40), (20, 20, 20), 10), origin=(0.25, 0.25, 0.25))
    result = compare(reference, test, geometry="resample")
    assert result.dice < 0.75
    assert result.hd_mm > 8


def test_fields_of_view_that_do_not_meet_are_warned_about(mask):
    far = changed(mask, Origin=(-100.0 + 900, -50.0, 10.0))
    result = compare(mask, far)
    assert result.dice == 0.0
    assert any("do not overlap" in warning for warning in result.warnings)
    assert result.hd_mm == pytest.approx(900.0, abs=40)


def test_several_labels_at_once(as_image):
    voxels = np.zeros((6, 8, 10), dtype=np.uint8)
    voxels[1:4, 1:5, 1:5] = 2
    voxels[2:5, 5:8, 6:9] = 6
    other = voxels.copy()
    other[1, :, :] = 0
    results = compare_labels(as_image(voxels), as_image(other), {"spleen": 2, "liver": 6, "kidney": 3})
    assert list(results) == ["spleen", "liver", "kidney"]
    assert results["liver"].dice == 1.0
    assert results["spleen"].dice == pytest.approx(2 * 32 / (48 + 32))
    assert results["kidney"].status == "both-empty"
    assert list(compare_labels(as_image(voxels), as_image(other), [2, 6])) == ["2", "6"]


def test_the_label_may_differ_between_the_masks(as_image):
    voxels = np.zeros((4, 5, 6), dtype=np.uint8)
    voxels[1:3, 1:4, 1:4] = 6
    result = compare(as_image(voxels), as_image(voxels == 6), label=6, test_label=1)
    assert result.dice == 1.0 and (result.label, result.test_label) == (6, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"label": 0}, "label is a whole number other than 0"),
        ({"label": 1.5}, "label is a whole number"),
        ({"tolerance_mm": -1.0}, "at least 0"),
        ({"tolerance_mm": float("nan")}, "at least 0"),
        ({"geometry": "loose"}, "one of strict, resample"),
        ({"family": "pixel"}, "one of voxel, surfel"),
    ],
)
def test_arguments_out_of_range_are_refused(mask, arguments, words):
    with pytest.raises(InvalidArgument, match=words):
        compare(mask, mask, **arguments)


def test_images_that_are_no_labelmaps_are_refused(mask):
    with pytest.raises(UnsupportedMask, match="2 dimensions"):
        compare(mask, mask[:, :, 3])
    with pytest.raises(UnsupportedMask, match="vector"):
        compare(sitk.Compose(mask, mask), mask)
    with pytest.raises(TypeError, match="ndarray"):
        compare(mask, sitk.GetArrayFromImage(mask))
