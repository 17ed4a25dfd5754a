"""What is refused before inference, by id, and what is only said."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from synthetic_ct import abdomen, filled, lattice_image

from LiverCoreLib.ct_checks import check_image
from LiverCoreLib.image_checks import UnsupportedImage


@pytest.fixture(scope="module")
def scan() -> sitk.Image:
    return abdomen((100, 80, 40), (3.3, 3.3, 4.0))


def values_of(scan) -> np.ndarray:
    return sitk.GetArrayFromImage(scan).astype(np.float32)


def refusal(image, **options) -> UnsupportedImage:
    with pytest.raises(UnsupportedImage) as caught:
        check_image(image, **options)
    message = str(caught.value)
    assert message.endswith((".", "?"))
    assert "\n" not in message
    return caught.value


def magnetic_resonance(scan, scale=1.0) -> sitk.Image:
    """Like an MR: air is 0 and nothing is negative."""
    values = np.clip(values_of(scan) + 200, 0, 600) * np.random.default_rng(0).uniform(0.5, 1.5)
    return filled(scan, values * scale, np.float32)


# --- accepted ---------------------------------------------------------------------------------------------


def test_a_plain_ct_passes_without_a_word(scan):
    check = check_image(scan)
    assert check.warnings == ()
    assert check.hu_offset == 0


@pytest.mark.parametrize(("low", "high"), [(-125, 275), (-160, 240), (-160, 160), (-200, 1000)])
def test_clipped_cts_pass(scan, low, high):
    assert check_image(sitk.Clamp(scan, sitk.sitkInt16, low, high)).warnings == ()


@pytest.mark.parametrize("padding", [-1024, -2000, -2048, -3024, -32768])
def test_padding_passes(scan, padding):
    values = values_of(scan)
    values[:, :, :25] = padding
    assert check_image(filled(scan, values)).warnings == ()


@pytest.mark.parametrize("pixel", [np.int16, np.int32, np.float32, np.float64])
def test_pixel_types_pass(scan, pixel):
    assert check_image(filled(scan, values_of(scan), pixel)).warnings == ()


def test_clipped_at_the_type_of_a_byte_passes(scan):
    assert check_image(filled(scan, np.clip(values_of(scan), -128, 127), np.int8)).warnings == ()


@pytest.mark.parametrize("padding", [None, -2000])
def test_raw_numbers_are_shifted_with_a_warning(scan, padding):
    values = np.maximum(values_of(scan) + 1024, 0)
    if padding is not None:
        values[:, :, :20] = padding
    check = check_image(filled(scan, values, np.int16))
    assert check.hu_offset == -1024
    assert "1024 was subtracted" in check.warnings[0]


def test_a_few_voxels_that_are_no_numbers_are_only_said(scan):
    values = values_of(scan)
    values[3, 4, :5] = np.nan
    values[3, 5, 0] = np.inf
    (warning,) = check_image(filled(scan, values, np.float32)).warnings
    assert warning.startswith("6 voxels")


def test_a_scan_in_a_void_of_zeros_is_said(scan):
    """ITK reads voxels of a NIfTI file that are no numbers as 0."""
    values = values_of(scan)
    values[values < -500] = 0
    (warning,) = check_image(filled(scan, values, np.float32)).warnings
    assert "reads 0 HU" in warning


def test_thick_slices_are_said():
    (warning,) = check_image(abdomen((100, 80, 20), (3.3, 3.3, 9.0))).warnings
    assert "9 mm" in warning


def test_a_small_field_is_said_to_who_looks_for_the_liver():
    few_slices = abdomen((100, 80, 20), (3.3, 3.3, 3.0))
    (warning,) = check_image(few_slices, whole_liver=True).warnings
    assert "60 mm" in warning
    assert "wants the whole abdomen" in warning
    assert check_image(few_slices).warnings == ()


def test_an_mr_is_no_concern_of_an_mr_model(scan):
    assert check_image(magnetic_resonance(scan), modality="MR").warnings == ()


# --- refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
def test_mr_is_refused(scan, scale):
    assert refusal(magnetic_resonance(scan, scale)).id == "not-ct"


def test_mr_with_a_little_ringing_below_zero_is_refused(scan):
    values = sitk.GetArrayFromImage(magnetic_resonance(scan))
    values.ravel()[::1000] = -150
    assert refusal(filled(scan, values, np.float32)).id == "not-ct"


@pytest.mark.parametrize(("shift", "scale"), [(0, 1 / 1000), (1024, 1 / 4095), (0, 1 / 30)])
def test_normalised_values_are_refused(scan, shift, scale):
    assert refusal(filled(scan, (values_of(scan) + shift) * scale, np.float32)).id == "hu-range"


def test_a_lung_window_without_soft_tissue_is_refused(scan):
    values = np.random.default_rng(0).normal(-800, 100, sitk.GetArrayViewFromImage(scan).shape)
    assert refusal(filled(scan, values)).id == "hu-range"


def test_a_mask_is_refused(scan):
    assert refusal(filled(scan, values_of(scan) > 0, np.uint8)).id == "hu-range"


@pytest.mark.parametrize("value", [0, -1000, 7, -3024])
def test_a_constant_image_is_refused(scan, value):
    error = refusal(filled(scan, np.full_like(values_of(scan), value)))
    assert error.id == "constant-image"
    assert ("without numbers" in str(error)) == (value == 0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_numbers_at_all_are_refused(scan, value):
    assert refusal(filled(scan, np.full_like(values_of(scan), value), np.float32)).id == "not-finite"


@pytest.mark.parametrize(
    ("size", "error_id"),
    [
        ((512, 512, 1), "single-slice"),
        ((512, 800, 2), "localizer"),
        ((2, 512, 800), "localizer"),
        ((100, 80, 4), "too-few-slices"),
    ],
)
def test_too_few_slices_are_refused(size, error_id):
    assert refusal(lattice_image(size, (1, 1, 5))).id == error_id


@pytest.mark.parametrize("spacing", [(0.0008, 0.0008, 0.001), (0.8, 0.8, 50.0), (800, 800, 1000)])
def test_absurd_spacing_is_refused(spacing):
    assert refusal(lattice_image((50, 50, 50), spacing)).id == "implausible-spacing"


@pytest.mark.parametrize("size", [(20, 200, 200), (200, 200, 20), (4000, 100, 100)])
def test_a_field_of_view_that_is_no_abdomen_is_refused(size):
    assert refusal(lattice_image(size, (1, 1, 1))).id == "field-of-view"


def test_colour_and_time_are_refused(scan):
    colour = sitk.Compose([sitk.Cast(scan, sitk.sitkUInt8)] * 3)
    assert refusal(colour).id == "colour-image"
    assert refusal(sitk.JoinSeries([scan, scan])).id == "not-three-dimensional"
    assert refusal(sitk.JoinSeries([scan])).id == "not-three-dimensional"
    assert refusal(scan[:, :, 3]).id == "not-three-dimensional"


def test_complex_values_are_refused(scan):
    real = sitk.Cast(scan, sitk.sitkFloat32)
    assert refusal(sitk.RealAndImaginaryToComplex(real, real)).id == "unsupported-pixel-type"
