"""From a CT to a network's input, and a probability's way back, on volumes with a known ellipsoid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_ct import (
    AIR_HU,
    LIVER_CENTRE,
    LIVER_RADII,
    abdomen,
    card_data,
    dice,
    filled,
    liver_of,
    mask_array,
)

from LiverCoreLib.card import Card, InputContract
from LiverSegmentCNNLib.median import median3
from LiverSegmentCNNLib.preprocessing import ModelInput, normalise, pad_value, preprocess
from LiverSegmentCNNLib.restoring import restore

ORDERS = list(itertools.permutations(range(3)))


def contract(**changes) -> InputContract:
    return Card.from_dict(card_data(**changes)).input


def rearranged(image: sitk.Image, order, flips) -> sitk.Image:
    """The same patient with its voxels stored in another order."""
    return sitk.Flip(sitk.PermuteAxes(image, order), [bool(flip) for flip in flips])


def turned(image: sitk.Image, degrees: float, axis=(0, 0, 1)) -> sitk.Image:
    """The same patient scanned on a grid turned by some degrees."""
    transform = sitk.VersorTransform(axis, np.radians(degrees))
    direction = np.reshape(transform.GetMatrix(), (3, 3))
    size, spacing = np.asarray(image.GetSize()) * 1.2, np.asarray(image.GetSpacing())
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize([int(n) for n in size])
    resampler.SetOutputSpacing(spacing.tolist())
    resampler.SetOutputDirection(direction.ravel().tolist())
    resampler.SetOutputOrigin((-direction @ ((size.astype(int) - 1) / 2 * spacing)).tolist())
    resampler.SetDefaultPixelValue(AIR_HU)
    return resampler.Execute(image)


def true_probability(prepared: ModelInput) -> np.ndarray:
    """The ellipsoid as a perfect network would give it: soft over about one model voxel."""
    z, y, x = (np.arange(n) * step for n, step in zip(prepared.array.shape, prepared.geometry.spacing_mm))
    where = np.stack(np.meshgrid(z, y, x, indexing="ij"), axis=-1)[..., ::-1] + prepared.geometry.origin_lps
    radius = np.sqrt((((where - LIVER_CENTRE) / LIVER_RADII) ** 2).sum(axis=-1))
    return (1 / (1 + np.exp((radius - 1) * LIVER_RADII.min() / 0.7))).astype(np.float32)


@pytest.fixture(scope="module")
def scan() -> sitk.Image:
    return abdomen((110, 90, 60), (3.0, 3.0, 3.0))


@pytest.fixture(scope="module")
def prepared(scan) -> ModelInput:
    return preprocess(scan, contract())


@settings(max_examples=12)
@given(st.sampled_from(ORDERS), st.tuples(*[st.booleans()] * 3))
def test_storage_order_does_not_matter(scan, prepared, order, flips):
    again = preprocess(rearranged(scan, order, flips), contract())
    np.testing.assert_array_equal(again.array, prepared.array)
    np.testing.assert_array_equal(again.region, prepared.region)
    np.testing.assert_allclose(again.geometry.origin_lps, prepared.geometry.origin_lps, atol=1e-9)


def test_input_is_as_the_card_says(scan, prepared):
    array = prepared.array
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert prepared.region.dtype == bool
    assert prepared.region.shape == array.shape
    assert array.min() == pytest.approx((-150 - 50) / 200)
    assert prepared.pad_value == pytest.approx(-1.0)
    assert array.max() < 0.6  # liver at 110 HU, noise of 5
    assert (sitk.GetArrayViewFromImage(scan) == AIR_HU).any()


def test_body_box_leaves_air_out_and_keeps_all_slices(scan, prepared):
    assert prepared.geometry.box[0] == slice(0, 60)
    widths = [(part.stop - part.start) * 3.0 for part in prepared.geometry.box]
    assert 240 <= widths[1] <= 256  # the body is 220 x 300 mm; 10 mm of margin, one coarse step
    assert 320 <= widths[2] <= 330
    no_crop = preprocess(scan, contract(crop="none"))
    assert no_crop.array.shape == (60, 90, 110)


def test_a_region_covers_the_body_and_not_the_air_far_away(prepared):
    assert prepared.region[true_probability(prepared) > 0.1].all()
    assert not prepared.region[:, 0, 0].any()


@pytest.mark.parametrize("hu", [-850, -125])
def test_a_region_leaves_out_the_inside_of_lungs_and_no_liver(scan, prepared, hu):
    values = sitk.GetArrayFromImage(scan)
    lung = values[:, 30:60, 70:95] != AIR_HU  # at the body's side, away from the liver
    values[:, 30:60, 70:95][lung] = hu
    again = preprocess(filled(scan, values), contract())
    assert again.region[true_probability(again) > 0.1].all()
    assert np.count_nonzero(again.region) < np.count_nonzero(prepared.region) - 0.5 * np.count_nonzero(lung)


@pytest.mark.parametrize("padding", [-1024, -2048, -3024])
def test_padding_counts_as_air(scan, prepared, padding):
    values = sitk.GetArrayFromImage(scan)
    values[:, :, :3] = padding  # beside the body
    again = preprocess(filled(scan, values), contract())
    assert again.geometry.box == prepared.geometry.box
    np.testing.assert_allclose(again.array, prepared.array, atol=0.05)


@pytest.mark.parametrize(("low", "high"), [(-125, 275), (-160, 240)])
def test_clipped_scans_find_the_same_body(scan, prepared, low, high):
    clipped = preprocess(sitk.Clamp(scan, sitk.sitkInt16, low, high), contract())
    assert clipped.geometry.box == prepared.geometry.box
    inside = prepared.array > -0.6
    np.testing.assert_allclose(clipped.array[inside], prepared.array[inside], atol=0.35)


def test_empty_slices_do_not_cut_the_body_off(scan, prepared):
    values = sitk.GetArrayFromImage(scan)
    values[25:30] = -1024
    again = preprocess(filled(scan, values), contract())
    assert again.geometry.box == prepared.geometry.box
    np.testing.assert_array_equal(again.region[:22], prepared.region[:22])
    np.testing.assert_array_equal(again.region[33:], prepared.region[33:])


def test_voxels_that_are_no_numbers_are_empty_space(scan, prepared):
    values = sitk.GetArrayFromImage(scan).astype(np.float32)
    values[:3] = np.nan
    values[5, 5, 5] = np.inf
    again = preprocess(filled(scan, values, np.float32), contract())
    assert np.isfinite(again.array).all()
    np.testing.assert_allclose(again.array[:2], -1.0)
    np.testing.assert_allclose(again.array[6:], prepared.array[6:], atol=1e-5)


def test_offset_makes_raw_numbers_hounsfield_units(scan, prepared):
    raw = filled(scan, np.maximum(sitk.GetArrayFromImage(scan) + 1024, 0), np.uint16)
    again = preprocess(raw, contract(), hu_offset=-1024.0)
    np.testing.assert_allclose(again.array, prepared.array, atol=1e-5)


def test_median_is_taken_before_the_window(scan):
    card_input = contract(spacing_mm=[4.0, 4.0, 4.0])
    hu = preprocess(scan, contract(spacing_mm=[4.0] * 3, hu_window=[-1024, 1500], offset_hu=0, scale_hu=1))
    filtered = preprocess(scan, contract(spacing_mm=[4.0] * 3, median_filter_voxels=3))
    expected = normalise(median3(torch.from_numpy(hu.array)).numpy(), card_input)
    np.testing.assert_allclose(filtered.array, expected, atol=1e-5)


def test_nothing_above_air_keeps_the_whole_volume():
    values = np.random.default_rng(0).integers(-1000, -900, (20, 30, 30))
    image = filled(sitk.Image(30, 30, 20, sitk.sitkInt16), values)
    found = preprocess(image, contract(spacing_mm=[2.0] * 3))
    assert found.geometry.box == (slice(0, 20), slice(0, 30), slice(0, 30))


def test_the_image_is_only_read(scan):
    before = sitk.GetArrayFromImage(scan)
    preprocess(scan, contract())
    np.testing.assert_array_equal(before, sitk.GetArrayViewFromImage(scan))


def test_model_grid_as_an_image_lies_on_the_patient(scan, prepared):
    image = prepared.geometry.image(prepared.array)
    there = sitk.Resample(sitk.Cast(scan, sitk.sitkFloat32), image, sitk.Transform(), sitk.sitkLinear, AIR_HU)
    expected = normalise(sitk.GetArrayFromImage(there), contract())
    inner = true_probability(prepared) > 0.999
    np.testing.assert_allclose(prepared.array[inner], expected[inner], atol=0.1)


def test_pad_value_is_clipped_by_the_window():
    assert pad_value(contract(hu_window=[-200, 200], offset_hu=0, scale_hu=1000)) == pytest.approx(-0.2)


# --- there and back ---------------------------------------------------------------------------------------


@settings(max_examples=6)
@given(
    st.sampled_from(ORDERS),
    st.tuples(*[st.booleans()] * 3),
    st.sampled_from([(2.0, 2.0, 3.0), (2.5, 2.5, 5.0), (4.0, 2.0, 3.0)]),
    st.sampled_from([2.0, 3.0, 4.0]),
)
def test_there_and_back(order, flips, spacing, target):
    size = [int(extent / step) for extent, step in zip((310, 230, 140), spacing)]
    image = rearranged(abdomen(size, spacing, noise_hu=0), order, flips)
    prepared = preprocess(image, contract(spacing_mm=[target] * 3))
    part = restore(true_probability(prepared), prepared.geometry, 0.5)
    back = mask_array(part.image(part.mask))
    assert dice(back, liver_of(image)) > 0.985


@pytest.mark.parametrize("degrees", [0.8, 5, 30, 45])
@pytest.mark.parametrize("axis", [(0, 0, 1), (1, 0, 0), (1, 1, 1)])
def test_there_and_back_on_a_turned_grid(scan, degrees, axis):
    image = turned(scan, degrees, axis)
    prepared = preprocess(image, contract())
    assert prepared.geometry.grid.is_oblique == (degrees > 1)
    part = restore(true_probability(prepared), prepared.geometry, 0.5, keep_probability=True)
    assert dice(mask_array(part.image(part.mask)), liver_of(image)) > 0.98
    probability = sitk.GetArrayFromImage(part.image(part.probability))
    np.testing.assert_array_equal(probability > 0.5, mask_array(part.image(part.mask)))


def test_a_turned_scan_shows_the_network_the_same_patient(scan, prepared):
    again = preprocess(turned(scan, 20), contract())
    one, two = (item.geometry.image(item.array) for item in (prepared, again))
    there = sitk.GetArrayFromImage(sitk.Resample(two, one, sitk.Transform(), sitk.sitkLinear, -1.0))
    inner = sitk.GetArrayFromImage(one) > -0.3
    inner[:2] = inner[-2:] = False
    assert np.abs(there - prepared.array)[inner].mean() < 0.03


def test_no_liver_gives_an_empty_mask_on_the_whole_grid(scan, prepared):
    nothing = np.zeros(prepared.array.shape, np.float32)
    part = restore(nothing, prepared.geometry, 0.5, keep_probability=True)
    for image in (part.image(part.mask), part.image(part.probability)):
        assert image.GetSize() == scan.GetSize()
        assert image.GetDirection() == scan.GetDirection()
        assert not sitk.GetArrayViewFromImage(image).any()
    assert part.image(part.mask).GetPixelID() == sitk.sitkUInt8
    assert part.image(part.probability).GetPixelID() == sitk.sitkFloat32


@pytest.mark.parametrize("degrees", [0, 20])
def test_liver_everywhere_fills_the_box(scan, degrees):
    image = turned(scan, degrees)
    prepared = preprocess(image, contract(crop="none"))
    part = restore(np.ones(prepared.array.shape, np.float32), prepared.geometry, 0.5)
    assert mask_array(part.image(part.mask)).all()


def test_a_low_threshold_is_not_cut_by_the_box(prepared):
    faint = np.full(prepared.array.shape, 0.02, np.float32)
    part = restore(faint, prepared.geometry, 0.015)
    assert part.mask.all()
    assert part.mask.size == np.prod([side.stop - side.start for side in prepared.geometry.box])


def test_slabs_on_the_way_back_change_nothing(prepared, monkeypatch):
    from LiverSegmentCNNLib import resampling

    probability = true_probability(prepared)
    whole = restore(probability, prepared.geometry, 0.5)
    monkeypatch.setattr(resampling, "SLAB_VOXELS", 1)
    np.testing.assert_array_equal(restore(probability, prepared.geometry, 0.5).mask, whole.mask)
