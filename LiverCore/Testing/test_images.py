"""Reading NIfTI, NRRD and MetaImage: geometry kept, damage and oddities named in one plain sentence."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from realdata import data_folder, requires_data

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.image_checks import voxel_to_patient
from LiverCoreLib.image_writing import write_image
from LiverCoreLib.images import UnsupportedImage, read_volume
from LiverCoreLib.output import OutputError

SUFFIXES = [".nii", ".nii.gz", ".nrrd", ".mha"]


@pytest.fixture
def scan() -> sitk.Image:
    """A small int16 image with different sizes, spacings and noise, so that nothing compresses away."""
    values = np.random.default_rng(0).integers(-1000, 1500, (9, 11, 13)).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((0.7, 0.8, 2.5))
    image.SetOrigin((-120.5, 33.25, 700.125))
    return image


def refusal(path, **options) -> UnsupportedImage:
    """Read what must be refused; every refusal is one plain sentence that names the file."""
    with pytest.raises(UnsupportedImage) as caught:
        read_volume(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert Path(path).name in message
    return caught.value


def write_nifti(path, *, sform=None, qform=None, pixdim=(1, 1, 2), slope=1.0, intercept=0.0, qfac=1.0):
    """Write a 4 x 5 x 6 int16 NIfTI-1 with any header: sform is 3 x 4, qform is (b, c, d, x, y, z)."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 4, 5, 6, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 4, 16)
    struct.pack_into("<4f", header, 76, qfac, *pixdim)
    struct.pack_into("<fff", header, 108, 352, slope, intercept)
    header[123] = 2
    if qform is not None:
        struct.pack_into("<h", header, 252, 1)
        struct.pack_into("<6f", header, 256, *qform)
    if sform is not None:
        struct.pack_into("<h", header, 254, 1)
        struct.pack_into("<12f", header, 280, *np.asarray(sform, dtype=float).ravel())
    header[344:348] = b"n+1\0"
    path.write_bytes(bytes(header) + np.arange(120, dtype="<i2").tobytes())
    return path


STRAIGHT = np.array([[1, 0, 0, 10], [0, 1, 0, 20], [0, 0, 2, 30]], dtype=float)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_voxels_type_and_grid_are_kept(tmp_path, scan, suffix):
    path = tmp_path / f"scan{suffix}"
    write_image(scan, path)
    volume = read_volume(path)
    assert volume.image.GetPixelID() == sitk.sitkInt16
    np.testing.assert_array_equal(sitk.GetArrayViewFromImage(volume.image), sitk.GetArrayViewFromImage(scan))
    np.testing.assert_allclose(voxel_to_patient(volume.image), voxel_to_patient(scan), rtol=1e-6, atol=1e-6)
    assert volume.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert volume.path == path
    assert volume.format == {".nrrd": "NRRD", ".mha": "MetaImage"}.get(suffix, "NIfTI")
    assert volume.modality is None
    assert volume.warnings == ()
    assert volume.image.GetMetaDataKeys() == ()


@st.composite
def grids(draw):
    """Sizes, anisotropic spacing, any origin, and axes permuted, flipped and turned."""
    size = draw(st.tuples(*[st.integers(2, 6)] * 3))
    spacing = draw(st.tuples(*[st.floats(0.3, 9.0)] * 3))
    origin = draw(st.tuples(*[st.floats(-500, 500)] * 3))
    permutation = draw(st.permutations([0, 1, 2]))
    flips = draw(st.tuples(*[st.sampled_from([-1, 1])] * 3))
    angles = draw(st.tuples(*[st.one_of(st.just(0.0), st.floats(-3.1, 3.1))] * 3))
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[first, first] = step[second, second] = np.cos(angle)
        step[second, first], step[first, second] = np.sin(angle), -np.sin(angle)
        turn = step @ turn
    direction = turn @ np.eye(3)[permutation] * flips
    return size, spacing, origin, direction


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grids())
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_grid_survives_writing_and_reading(tmp_path, suffix, grid):
    size, spacing, origin, direction = grid
    image = sitk.GetImageFromArray(np.arange(np.prod(size), dtype=np.int16).reshape(size[::-1]))
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction.ravel())
    path = tmp_path / f"grid{suffix}"
    write_image(image, path)
    read = read_volume(path).image
    np.testing.assert_array_equal(sitk.GetArrayViewFromImage(read), sitk.GetArrayViewFromImage(image))
    # NIfTI stores single precision: 1e-6 of the largest coordinate; the others are exact to rounding.
    scale = 1.0 + np.abs(voxel_to_patient(image)).max()
    tolerance = 1e-6 * scale if "nii" in suffix else 1e-9 * scale
    np.testing.assert_allclose(voxel_to_patient(read), voxel_to_patient(image), rtol=0, atol=tolerance)


def test_a_mhd_with_its_raw_file(tmp_path, scan):
    sitk.WriteImage(scan, str(tmp_path / "a.mhd"))
    volume = read_volume(tmp_path / "a.mhd")
    assert volume.image.GetSize() == scan.GetSize()
    both = (tmp_path / "a.mhd").read_bytes() + (tmp_path / "a.raw").read_bytes()
    assert volume.sha256 == hashlib.sha256(both).hexdigest()
    (tmp_path / "a.raw").rename(tmp_path / "b.raw")
    error = refusal(tmp_path / "a.mhd")
    assert error.id == "file-not-found"
    assert "a.raw" in str(error)


def test_a_trailing_axis_of_one_is_no_fourth_dimension(tmp_path, scan):
    for suffix in (".nii.gz", ".nrrd"):
        path = tmp_path / f"one{suffix}"
        sitk.WriteImage(sitk.JoinSeries([scan]), str(path))
        assert read_volume(path).image.GetSize() == scan.GetSize()


def test_progress_runs_from_0_to_1_and_may_cancel(tmp_path, scan):
    write_image(scan, tmp_path / "a.nrrd")
    seen = []
    read_volume(tmp_path / "a.nrrd", progress=lambda fraction, message: seen.append((fraction, message)))
    assert seen[0] == (0.0, "Reading a.nrrd")
    assert seen[-1][0] == 1.0

    def cancel(fraction, message):
        raise Cancelled

    with pytest.raises(Cancelled):
        read_volume(tmp_path / "a.nrrd", progress=cancel)


# What cannot be read


def test_missing_and_unknown_inputs(tmp_path):
    assert refusal(tmp_path / "none.nii.gz").id == "file-not-found"
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    assert refusal(tmp_path / "a.jpg").id == "unsupported-format"
    if os.path.exists("/dev/null"):
        assert refusal("/dev/null").id == "unsupported-format"


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".mhd"])
def test_a_text_file_under_an_image_name(tmp_path, suffix):
    path = tmp_path / f"notes{suffix}"
    path.write_text("Dear colleague,\n" * 100)
    assert refusal(path).id == "unreadable-image"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.touch()
    assert refusal(path).id == "empty-file"


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("share", [0.999, 0.6, 0.3])
def test_a_cut_off_file(tmp_path, scan, suffix, compress, share, capfd):
    path = tmp_path / f"a{suffix}"
    sitk.WriteImage(scan, str(path), compress)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path).id in {"damaged-file", "unreadable-image"}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_a_changed_byte_in_compressed_data(tmp_path, scan, suffix, capfd):
    path = tmp_path / f"a{suffix}"
    sitk.WriteImage(scan, str(path), True)
    content = bytearray(path.read_bytes())
    content[-200] ^= 0x10
    path.write_bytes(bytes(content))
    assert refusal(path).id == "damaged-file"
    assert capfd.readouterr() == ("", "")


def test_bytes_behind_compressed_data_and_several_members_are_fine(tmp_path, scan):
    sitk.WriteImage(scan, str(tmp_path / "a.nii"))
    content = (tmp_path / "a.nii").read_bytes()
    (tmp_path / "two.nii.gz").write_bytes(gzip.compress(content[:1000]) + gzip.compress(content[1000:]))
    (tmp_path / "padded.nii.gz").write_bytes(gzip.compress(content) + bytes(512))
    for name in ("two.nii.gz", "padded.nii.gz"):
        read = read_volume(tmp_path / name).image
        np.testing.assert_array_equal(sitk.GetArrayViewFromImage(read), sitk.GetArrayViewFromImage(scan))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_no_grey_value_volume(tmp_path, scan, suffix):
    colour = sitk.GetImageFromArray(np.zeros((4, 5, 6, 3), np.uint8), isVector=True)
    vector = sitk.GetImageFromArray(np.zeros((4, 5, 6, 3), np.float32), isVector=True)
    cases = {
        "colour-image": colour,
        "vector-image": vector,
        "single-slice": scan[:, :, :1],
    }
    if suffix != ".mha":
        cases["not-three-dimensional"] = sitk.JoinSeries([scan, scan])
    for error_id, image in cases.items():
        path = tmp_path / f"{error_id}{suffix}"
        sitk.WriteImage(image, str(path))
        assert refusal(path).id == error_id
    path = tmp_path / f"flat{suffix}"
    sitk.WriteImage(scan[:, :, 0], str(path))
    assert refusal(path).id == "not-three-dimensional"


def test_a_segmentation_is_no_scan(tmp_path, scan):
    write_image(sitk.Cast(scan > 0, sitk.sitkUInt8), tmp_path / "a.nrrd", metadata={"Segment0_ID": "liver"})
    assert refusal(tmp_path / "a.nrrd").id == "segmentation-given"


def test_series_is_for_dicom(tmp_path, scan):
    write_image(scan, tmp_path / "a.nrrd")
    assert refusal(tmp_path / "a.nrrd", series="4").id == "no-such-series"


def test_a_nrrd_with_its_data_elsewhere(tmp_path):
    (tmp_path / "a.nrrd").write_text(
        "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nencoding: raw\nendian: little\n"
        "data file: a.raw\n\n"
    )
    (tmp_path / "a.raw").write_bytes(bytes(16))
    assert refusal(tmp_path / "a.nrrd").id == "detached-data"


def test_a_header_that_claims_a_whole_planet(tmp_path):
    (tmp_path / "a.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 30000 30000 30000\nencoding: raw\nendian: little\n\n"
    )
    assert refusal(tmp_path / "a.nrrd").id == "too-large"


# NIfTI says where a voxel lies up to three times


def test_a_plain_nifti_has_no_warnings(tmp_path):
    volume = read_volume(write_nifti(tmp_path / "a.nii", sform=STRAIGHT, qform=(0, 0, 0, 10, 20, 30)))
    assert volume.warnings == ()
    assert volume.image.GetOrigin() == (-10, -20, 30)  # RAS in the file, LPS here


def test_a_nifti_without_orientation_warns(tmp_path):
    volume = read_volume(write_nifti(tmp_path / "a.nii"))
    assert len(volume.warnings) == 1
    assert "states no orientation" in volume.warnings[0]


@pytest.mark.parametrize("qform", [(0, 0, 0, 50, 20, 30), (0, 0, 0.3, 10, 20, 30)])
def test_two_positions_warn_and_say_which_is_used(tmp_path, qform):
    volume = read_volume(write_nifti(tmp_path / "a.nii", sform=STRAIGHT, qform=qform))
    assert len(volume.warnings) == 1
    assert re.search(r"differ by up to [\d.]+ voxels; the sform is used", volume.warnings[0])
    np.testing.assert_allclose(volume.image.GetOrigin(), (-10, -20, 30))


@pytest.mark.parametrize(
    "quaternion", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, 0.5, 0.5), (0.1, -0.4, 0.7)]
)
@pytest.mark.parametrize("qfac", [1.0, -1.0])
def test_our_reading_of_the_qform_agrees_with_itk(tmp_path, quaternion, qfac):
    from LiverCoreLib.nifti import read_nifti_header

    path = write_nifti(tmp_path / "a.nii", qform=(*quaternion, 10, 20, 30), qfac=qfac)
    volume = read_volume(path)
    np.testing.assert_allclose(
        read_nifti_header(path).qform_lps, voxel_to_patient(volume.image), rtol=0, atol=1e-5
    )


def test_two_voxel_sizes_are_refused(tmp_path):
    wider = STRAIGHT * [[2, 1, 1, 1]]
    error = refusal(write_nifti(tmp_path / "a.nii", sform=wider))
    assert error.id == "contradictory-spacing"
    assert "1 x 1 x 2 mm" in str(error)
    assert "2 x 1 x 2 mm" in str(error)


def test_shear_is_refused_unless_it_is_a_trace(tmp_path, capfd):
    sheared = STRAIGHT.copy()
    sheared[0, 2] = 0.6
    assert refusal(write_nifti(tmp_path / "a.nii", sform=sheared)).id == "sheared-geometry"
    sheared[0, 2] = 0.002
    volume = read_volume(write_nifti(tmp_path / "b.nii", sform=sheared))
    np.testing.assert_allclose(volume.image.GetSpacing(), (1, 1, 2), atol=1e-6)
    assert "ITK_NIFTI_SFORM_PERMISSIVE" not in os.environ
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("factor", [0.0, np.nan])
def test_a_nifti_without_position_is_refused(tmp_path, factor, capfd):
    assert refusal(write_nifti(tmp_path / "a.nii", sform=STRAIGHT * factor)).id == "bad-geometry"
    assert capfd.readouterr() == ("", "")


def test_a_sheared_nrrd_is_refused(tmp_path):
    (tmp_path / "a.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 2 2\n"
        b"space directions: (1,0,0) (0,1,0) (0.5,0,2)\nkinds: domain domain domain\nendian: little\n"
        b"encoding: raw\nspace origin: (0,0,0)\n\n" + bytes(16)
    )
    assert refusal(tmp_path / "a.nrrd").id == "sheared-geometry"


def test_a_nrrd_without_orientation_warns(tmp_path):
    (tmp_path / "a.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nspacings: 1 1 2\nendian: little\n"
        b"encoding: raw\n\n" + bytes(16)
    )
    volume = read_volume(tmp_path / "a.nrrd")
    assert volume.image.GetSpacing() == (1, 1, 2)
    assert "states no orientation" in volume.warnings[0]


def test_rescaled_values(tmp_path):
    volume = read_volume(write_nifti(tmp_path / "a.nii", sform=STRAIGHT, slope=1.0, intercept=-1024.0))
    assert volume.image[0, 0, 0] == -1024


def test_padding_is_reported(tmp_path, scan):
    values = sitk.GetArrayFromImage(scan)
    values[:, 0, 0] = -3024
    padded = sitk.GetImageFromArray(values)
    write_image(padded, tmp_path / "a.nii.gz")
    (warning,) = read_volume(tmp_path / "a.nii.gz").warnings
    assert "padded with -3024" in warning


def test_nan_is_left_to_the_checks_of_intensity(tmp_path):
    values = np.full((3, 4, 5), np.nan, np.float32)
    write_image(sitk.GetImageFromArray(values), tmp_path / "a.nrrd")
    assert np.isnan(sitk.GetArrayViewFromImage(read_volume(tmp_path / "a.nrrd").image)).all()


# Writing


def test_metadata_of_the_image_is_not_written(tmp_path, scan):
    scan.SetMetaData("0010|0010", "Doe^Jane")
    write_image(scan, tmp_path / "a.nrrd", metadata={"model": "tiny"})
    assert b"Doe" not in (tmp_path / "a.nrrd").read_bytes()
    assert b"model:=tiny" in (tmp_path / "a.nrrd").read_bytes()
    assert scan.GetMetaData("0010|0010") == "Doe^Jane"


@pytest.mark.parametrize("name", ["a.mhd", "a.jpg", "a", "a.nhdr"])
def test_formats_that_cannot_be_written(tmp_path, scan, name):
    with pytest.raises(OutputError) as caught:
        write_image(scan, tmp_path / name)
    assert caught.value.id == "unsupported-output-format"
    assert os.listdir(tmp_path) == []


# Real scans


@requires_data
@pytest.mark.parametrize("case", ["ct-tcia-ccby/C3L-00189", "ct-tcia-ccby/C3N-00249"])
def test_real_scans_read_without_surprises(case):
    folder = data_folder()
    assert folder is not None
    volume = read_volume(folder / case / "ct.nii.gz")
    assert volume.image.GetSize()[:2] == (512, 512)
    assert volume.image.GetPixelID() == sitk.sitkInt16
    assert [warning for warning in volume.warnings if "padded with -3024" not in warning] == []
