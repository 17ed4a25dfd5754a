"""standardize_volume: the same lattice, nothing lost outside the window, and the same answer each time."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from standardizer_bundles import write_near_identity_bundle, write_shift_bundle
from standardizer_scans import AIR_HU, BONE_HU, scan

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.image_checks import UnsupportedImage
from LiverCoreLib.model_error import ModelError
from LiverStandardizeLib import StandardizerModel, load_standardizer, standardize_volume
from LiverStandardizeLib.dense_bone import ENERGY_KEV, slope
from LiverStandardizeLib.hu_window import FADE_BELOW_HU, HuWindow, RangeCount
from LiverStandardizeLib.protocol.detect import protocol_of_headers
from LiverStandardizeLib.protocol.names import UnknownProtocol
from LiverStandardizeLib.protocol.refusals import DerivedMap
from LiverStandardizeLib.simulation import make_six

SHIFT_HU = 20.0


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def shift(tmp_path_factory) -> StandardizerModel:
    folder = tmp_path_factory.mktemp("shift") / "bundle"
    return load_standardizer(write_shift_bundle(folder, shift_hu=SHIFT_HU).path)


@pytest.fixture(scope="module")
def noisy(tmp_path_factory) -> StandardizerModel:
    """A network that changes every pixel by its surroundings, within 51 pixels."""
    folder = tmp_path_factory.mktemp("random") / "bundle"
    return load_standardizer(write_near_identity_bundle(folder, change_hu=20.0).path)


def values_of(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(image).astype(int)


def with_values(image: sitk.Image, values: np.ndarray, pixel=np.int16) -> sitk.Image:
    result = sitk.GetImageFromArray(values.astype(pixel))
    result.CopyInformation(image)
    return result


def assert_same_lattice(image: sitk.Image, other: sitk.Image) -> None:
    assert image.GetSize() == other.GetSize()
    assert image.GetSpacing() == other.GetSpacing()
    assert image.GetOrigin() == other.GetOrigin()
    assert image.GetDirection() == other.GetDirection()


def test_tissue_is_changed_and_the_rest_kept(shift) -> None:
    image = scan()
    before = values_of(image)
    result = standardize_volume(image, model=shift, protocol="M40")
    after = values_of(result.image)
    assert_same_lattice(result.image, image)
    assert result.image.GetPixelID() == sitk.sitkInt16
    np.testing.assert_array_equal(values_of(image), before)  # the input is only read
    inside = (before >= -200) & (before <= 600)
    np.testing.assert_array_equal(after[inside], before[inside] + SHIFT_HU)
    air = before <= -200 - FADE_BELOW_HU
    np.testing.assert_array_equal(after[air], before[air])
    bone = before > 600
    expected = 600 + SHIFT_HU + slope("M40", "M80") * (before[bone] - 600)
    np.testing.assert_allclose(after[bone], expected, atol=0.51)
    assert (result.protocol, result.target_protocol, result.passed_through) == ("M40", "M80", False)
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize("slope_above", [0.35, 1.0, 1.7])
def test_hu_run_on_beyond_the_window_without_a_step(slope_above) -> None:
    window = HuWindow(-200.0, 600.0, 200.0, 400.0)
    hu = np.arange(-1100.0, 1300.0, dtype=np.float32)
    after = window.blended(hu, window.normalized(hu) - 0.25, slope_above)  # 100 HU less, as 40 to 80 keV does
    steps = np.diff(after)
    assert steps.max() <= max(slope_above, 1.0 + 100.0 / FADE_BELOW_HU) + 1e-3
    assert (steps > 0).all()  # the order of values is kept
    assert after[hu == 300] == 200
    assert after[hu == 600] == 500
    assert after[hu == 1200] == pytest.approx(500 + slope_above * 600)
    assert after[hu == -1000] == -1000


def test_dense_bone_goes_from_protocol_to_protocol_as_in_a_simulated_scan() -> None:
    """The slope of HU at 80 keV against those of each protocol, in the bones of a scan without noise."""
    images = make_six(3, noise=False, size=(128, 128, 16), spacing_mm=(3.0, 3.0, 12.0)).images
    target = values_of(images["M80"])
    bone = (target > 200) & (target < 1500)
    for name, image in images.items():
        fitted = np.polyfit(values_of(image)[bone], target[bone], 1)[0]
        assert slope(name, "M80") == pytest.approx(fitted, rel=0.1)
    assert slope("M80", "M40") == pytest.approx(1 / slope("M40", "M80"))
    assert slope(None, "M80") == 1.0
    assert set(ENERGY_KEV) == set(images)


@pytest.mark.parametrize("filler", [-1024, -2048, -3024])
def test_padding_is_kept(noisy, filler) -> None:
    image = scan()
    values = values_of(image)
    values[:, :6] = filler
    result = standardize_volume(with_values(image, values), model=noisy, protocol="M60")
    assert (values_of(result.image)[:, :6] == filler).all()


def test_what_is_outside_is_counted_and_warned_of(shift) -> None:
    count = RangeCount()
    count.add(np.array([-1000.0, -300, -200, 0, 600, 601, 2000, -3024]), HuWindow(-200.0, 600.0, 200, 400))
    assert (count.tissue, count.below, count.above) == (6, 1, 2)
    assert count.percent == 50.0
    image = scan()
    quiet = standardize_volume(image, model=shift, protocol="M40")
    assert not [text for text in quiet.warnings if "outside" in text]
    metal = values_of(image)
    metal[:, 30:50, 20:60] = 3000
    loud = standardize_volume(with_values(image, metal), model=shift, protocol="M40")
    assert loud.outside_range_percent > 10
    assert loud.outside_range["above_percent"] > 10
    assert any("outside the -200 to 600 HU" in text for text in loud.warnings)
    inserted = values_of(loud.image)[metal == 3000]
    assert (np.abs(inserted - (600 + SHIFT_HU + slope("M40", "M80") * 2400)) < 1).all()


@pytest.mark.parametrize(("order", "signs"), [
    (order, signs) for order, signs in zip(
        itertools.cycle(itertools.permutations(range(3))), itertools.product((1, -1), repeat=3))
])  # fmt: skip
def test_stored_orientation_changes_nothing(noisy, order, signs) -> None:
    """The same patient, stored along other axes, gives the same HU at the same places."""
    image = scan(size=(60, 52, 6), spacing=(4.0, 4.0, 6.0))
    expected = standardize_volume(image, model=noisy, protocol="M40").image
    stored = sitk.PermuteAxes(image, order)
    stored = sitk.Flip(stored, [sign < 0 for sign in signs], False)
    result = standardize_volume(stored, model=noisy, protocol="M40")
    assert_same_lattice(result.image, stored)
    back = sitk.Flip(result.image, [sign < 0 for sign in signs], False)
    back = sitk.PermuteAxes(back, [int(place) for place in np.argsort(order)])
    np.testing.assert_array_equal(values_of(back), values_of(expected))


def test_tilted_slices_stay_on_their_voxels(noisy) -> None:
    image = scan()
    tilt = np.radians(20)
    turned = sitk.Image(image)
    turned.SetDirection([1, 0, 0, 0, np.cos(tilt), -np.sin(tilt), 0, np.sin(tilt), np.cos(tilt)])
    result = standardize_volume(turned, model=noisy, protocol="M40")
    assert_same_lattice(result.image, turned)
    straight = standardize_volume(image, model=noisy, protocol="M40")
    np.testing.assert_array_equal(values_of(result.image), values_of(straight.image))
    assert any("20 degrees off" in text for text in result.warnings)


@pytest.mark.parametrize("size", [(97, 83, 5), (64, 64, 7), (101, 66, 9)])
def test_any_matrix_and_number_of_slices(noisy, size) -> None:
    image = scan(size=size, spacing=(3.0, 3.0, 8.0))
    result = standardize_volume(image, model=noisy, protocol="M40")
    assert_same_lattice(result.image, image)
    assert (values_of(result.image) != values_of(image)).any()


def test_pixels_that_are_not_square_are_said(noisy) -> None:
    result = standardize_volume(scan(spacing=(2.0, 4.0, 8.0)), model=noisy, protocol="M40")
    assert any("not square" in text for text in result.warnings)


def test_batch_and_threads_change_nothing(noisy) -> None:
    image = scan(size=(97, 83, 8))
    expected = values_of(standardize_volume(image, model=noisy, protocol="M40", threads=1).image)
    for batch, threads in ((1, 2), (3, 1), (8, 1), (8, 2), (20, 1)):
        result = standardize_volume(image, model=noisy, protocol="M40", batch=batch, threads=threads)
        np.testing.assert_array_equal(values_of(result.image), expected)
    assert torch.get_num_threads() == 1


def test_a_smaller_field_of_view_changes_nothing_inside(noisy) -> None:
    """Cropped by multiples of 4 pixels: beyond the network's reach from the cut, HU stay."""
    image = scan(size=(256, 200, 6), spacing=(1.2, 1.2, 8.0))
    cropped = sitk.RegionOfInterest(image, (208, 160, 6), (24, 20, 0))
    whole = values_of(standardize_volume(image, model=noisy, protocol="M40").image)[:, 20:180, 24:232]
    part = values_of(standardize_volume(cropped, model=noisy, protocol="M40").image)
    reach = noisy.network.reach_pixels
    inner = (slice(None), slice(reach, -reach), slice(reach, -reach))
    differences = np.abs(whole[inner] - part[inner])
    assert differences.max() <= 1  # one pixel in ten thousand lies where the last bit decides the rounding
    assert differences.mean() < 1e-4
    assert np.abs(whole - part).max() > 1  # at the cut it does see something else


def test_a_patient_moved_by_four_pixels_is_the_same_patient(noisy) -> None:
    image = scan(size=(200, 180, 6), spacing=(1.5, 1.5, 8.0))
    moved = with_values(image, np.roll(values_of(image), (4, -8), axis=(1, 2)))
    here = values_of(standardize_volume(image, model=noisy, protocol="M40").image)
    there = values_of(standardize_volume(moved, model=noisy, protocol="M40").image)
    reach = noisy.network.reach_pixels + 8
    inner = (slice(None), slice(reach, -reach), slice(reach, -reach))
    np.testing.assert_array_equal(np.roll(there, (-4, 8), axis=(1, 2))[inner], here[inner])


def test_the_target_protocol_passes_through_unless_forced(shift) -> None:
    image = scan(fat_hu=-85)
    result = standardize_volume(image, model=shift, protocol="M80")
    assert result.passed_through
    assert "passed through" in result.warnings[0]
    np.testing.assert_array_equal(values_of(result.image), values_of(image))
    forced = standardize_volume(image, model=shift, protocol="M80", force=True)
    assert not forced.passed_through
    assert (values_of(forced.image) != values_of(image)).any()


def test_a_wrong_protocol_shows_in_the_fat(shift) -> None:
    dark = scan(fat_hu=-180)  # 40 keV
    stated = standardize_volume(dark, model=shift, protocol="M80")
    assert any("fat at -1" in text and "M80 was stated" in text for text in stated.warnings)
    right = standardize_volume(dark, model=shift, protocol="M40")
    assert not any("fat at" in text for text in right.warnings)
    headers = protocol_of_headers({"SeriesDescription": "Monoenergetic Plus 40 keV"})
    detected = standardize_volume(scan(), model=shift, detection=headers)
    assert any("is what the headers say" in text for text in detected.warnings)


def test_a_few_slices_are_enough(shift) -> None:
    image = scan(size=(96, 80, 6))
    said = standardize_volume(image, model=shift, protocol="M40").warnings
    assert not any("covers only" in text for text in said)


def test_one_energy_is_a_caution(shift) -> None:
    headers = {"ConvolutionKernel": "B30f", "KVP": "120", "SeriesDescription": "Abdomen 3.0"}
    result = standardize_volume(scan(), model=shift, detection=protocol_of_headers(headers))
    assert result.protocol == "FBP"
    assert any("two energies (120 kV is stated)" in text for text in result.warnings)
    mixed = protocol_of_headers({**headers, "SeriesDescription": "DE_Abdomen F_0.5"})
    quiet = standardize_volume(scan(), model=shift, detection=mixed)
    assert not any("two energies" in text for text in quiet.warnings)


def test_what_is_not_certain_is_said(shift) -> None:
    unknown = standardize_volume(scan(), model=shift)
    assert unknown.protocol is None
    assert not unknown.passed_through
    assert any("state it if you know it" in text for text in unknown.warnings)
    other = protocol_of_headers({"SeriesDescription": "Monoenergetic Plus 70 keV"})
    result = standardize_volume(scan(), model=shift, detection=other)
    assert any("none of the protocols" in text for text in result.warnings)


def test_a_guess_from_hu_is_not_passed_through(shift) -> None:
    result = standardize_volume(scan(fat_hu=-72), model=shift, detection=protocol_of_headers({}))
    assert not result.passed_through


def test_derived_maps_are_refused_even_if_a_protocol_is_stated(shift) -> None:
    headers = {"ImageType": "DERIVED\\SECONDARY\\AXIAL\\MAT_SPECIFIC", "Modality": "CT"}
    stated = protocol_of_headers(headers, protocol="M80")
    with pytest.raises(DerivedMap, match="map of one material"):
        standardize_volume(scan(), model=shift, protocol="M80", detection=stated)
    forced = standardize_volume(scan(), model=shift, protocol="M40", detection=stated, force=True)
    assert any("map of one material" in text for text in forced.warnings)


def test_a_wrong_word_for_the_protocol(shift) -> None:
    with pytest.raises(UnknownProtocol):
        standardize_volume(scan(), model=shift, protocol="M70")


def colour() -> sitk.Image:
    return sitk.Compose([sitk.Cast(scan(), sitk.sitkUInt8)] * 3)


def flat() -> sitk.Image:
    return with_values(scan(), np.zeros((8, 80, 96)))


def magnetic_resonance() -> sitk.Image:
    return with_values(scan(), np.random.default_rng(0).integers(0, 900, (8, 80, 96)))


def time_series() -> sitk.Image:
    return sitk.JoinSeries([scan(), scan()])


@pytest.mark.parametrize(
    ("make", "error_id"),
    [
        (colour, "colour-image"),
        (flat, "constant-image"),
        (magnetic_resonance, "not-ct"),
        (time_series, "not-three-dimensional"),
        (lambda: scan(size=(256, 256, 3)), "localizer"),
    ],
)
def test_what_is_no_ct_is_refused(shift, make, error_id) -> None:
    with pytest.raises(UnsupportedImage) as caught:
        standardize_volume(make(), model=shift)
    assert caught.value.id == error_id


def test_numbers_that_are_none_and_too_large(shift) -> None:
    image = scan()
    values = values_of(image).astype(np.float32)
    values[0, 40, 40], values[1, 40, 40], values[2, 40, 40] = np.nan, np.inf, 1e6
    result = standardize_volume(with_values(image, values, np.float32), model=shift, protocol="M40")
    after = values_of(result.image)
    assert (after[0, 40, 40], after[1, 40, 40], after[2, 40, 40]) == (-1024, -1024, 32767)
    assert any("NaN" in text for text in result.warnings)
    assert any("16 bits" in text for text in result.warnings)


def test_raw_numbers_are_made_hounsfield_units(shift) -> None:
    image = scan(noise_hu=3)
    raw = with_values(image, np.maximum(values_of(image) + 1024, 0), np.uint16)
    result = standardize_volume(raw, model=shift, protocol="M40")
    expected = standardize_volume(image, model=shift, protocol="M40")
    np.testing.assert_array_equal(values_of(result.image), values_of(expected.image))


def test_cancelling_stops_between_slices(shift) -> None:
    def progress(fraction: float, message: str) -> None:
        if message.startswith("3 of "):
            raise Cancelled()

    with pytest.raises(Cancelled):
        standardize_volume(scan(), model=shift, protocol="M40", progress=progress)


def test_a_model_with_another_task_is_refused() -> None:
    with pytest.raises(ModelError) as caught:
        standardize_volume(scan(), model="unet3d-ct")
    assert caught.value.id == "wrong-task"


def test_bundles_are_verified(tmp_path: Path) -> None:
    from LiverCoreLib.registry import verify_model

    write_near_identity_bundle(tmp_path / "bundle")
    verified = verify_model(tmp_path / "bundle")
    assert verified.golden_difference is not None
    assert verified.golden_difference <= 1e-3


def test_bone_stays_by_its_line_and_air_what_it_is(noisy) -> None:
    after = values_of(standardize_volume(scan(noise_hu=1), model=noisy, protocol="M40").image)
    before = values_of(scan(noise_hu=1))
    expected = 600 + slope("M40", "M80") * (before - 600)
    assert np.abs(after - expected)[before > BONE_HU - 50].max() < 3 * 60
    assert (after[before < AIR_HU + 50] == before[before < AIR_HU + 50]).all()
