"""Reading DICOM: order, grid, values, attributes; what the values mean; damaged files."""

from __future__ import annotations

import hashlib
import shutil
import struct

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_writing import STUDY, patch, refusal, slice_pixels, values, write_series

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.image_checks import voxel_to_patient
from LiverCoreLib.images import read_volume


def test_a_series_is_read_in_order_of_position(tmp_path):
    heights = [3.0 * k for k in range(5)]
    paths = write_series(tmp_path, heights=heights[::-1])  # the file order says the opposite
    volume = read_volume(tmp_path)
    assert volume.format == "DICOM"
    assert volume.modality == "CT"
    assert volume.series_description == "Abdomen portal 3.0"
    assert volume.warnings == ()
    assert volume.image.GetPixelID() == sitk.sitkInt16
    np.testing.assert_allclose(volume.image.GetSpacing(), (0.7, 0.8, 3.0))
    np.testing.assert_allclose(volume.image.GetOrigin(), (-100, -50, 20))
    np.testing.assert_array_equal(values(volume), [slice_pixels(k) for k in (4, 3, 2, 1, 0)])
    joined = b"".join(path.read_bytes() for path in paths[::-1])
    assert volume.sha256 == hashlib.sha256(joined).hexdigest()


def test_one_file_stands_for_its_series(tmp_path):
    paths = write_series(tmp_path)
    write_series(tmp_path, number=5, description="other")
    renamed = paths[2].rename(tmp_path / "IM00003")
    volume = read_volume(renamed)
    assert volume.series_description == "Abdomen portal 3.0"
    assert volume.image.GetSize() == (8, 6, 5)


def test_subfolders_and_other_files_are_looked_through(tmp_path):
    write_series(tmp_path / "export" / "S4")
    (tmp_path / "README.txt").write_text("exported by a PACS")
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM" + bytes(20))
    assert read_volume(tmp_path).image.GetSize() == (8, 6, 5)


@pytest.mark.parametrize(
    "orientation",
    [
        (1, 0, 0, 0, 1, 0),
        (0, 1, 0, 0, 0, -1),
        (1, 0, 0, 0, 0, -1),
        (-1, 0, 0, 0, -1, 0),
        (0.8, 0.6, 0, 0, 0, -1),
    ],
)
def test_orientation_and_position_of_every_voxel(tmp_path, orientation):
    write_series(tmp_path, orientation=orientation)
    image = read_volume(tmp_path).image
    normal = np.cross(orientation[:3], orientation[3:])
    expected = np.eye(4)
    expected[:3, 0] = np.array(orientation[:3]) * 0.7
    expected[:3, 1] = np.array(orientation[3:]) * 0.8
    expected[:3, 2] = normal * 3.0
    expected[:3, 3] = (-100, -50, 20)
    np.testing.assert_allclose(voxel_to_patient(image), expected, atol=1e-6)
    theirs = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(tmp_path)))
    np.testing.assert_allclose(voxel_to_patient(image), voxel_to_patient(theirs), atol=1e-5)
    np.testing.assert_array_equal(sitk.GetArrayViewFromImage(image), sitk.GetArrayViewFromImage(theirs))


def test_attributes_of_the_protocol_are_kept_and_none_of_the_patient(tmp_path):
    write_series(
        tmp_path,
        ConvolutionKernel=("Br40d", "3"),
        KVP="120",
        PatientName="Doe^Jane",
    )
    volume = read_volume(tmp_path)
    assert volume.tags["ConvolutionKernel"] == "Br40d\\3"
    assert volume.tags["KVP"] == "120"
    assert volume.tags["ImageType"] == "ORIGINAL\\PRIMARY\\AXIAL"
    assert "Doe" not in str(volume.tags)
    assert volume.image.GetMetaDataKeys() == ()


def test_unsigned_pixels_are_rescaled(tmp_path):
    write_series(tmp_path, RescaleIntercept=-1024, RescaleSlope=1)
    volume = read_volume(tmp_path)
    assert volume.image.GetPixelID() == sitk.sitkInt16
    np.testing.assert_array_equal(values(volume), [slice_pixels(k) for k in range(5)])


@pytest.mark.parametrize("with_types", [True, False])
def test_attributes_younger_than_gdcm(tmp_path, with_types):
    paths = write_series(tmp_path, compress=with_types)  # compressed files are written with explicit types
    if with_types:
        acquisition = struct.pack("<HH2sH", 0x0018, 0x9361, b"CS", 4) + b"YES "
        energy = struct.pack("<HH2sHd", 0x0018, 0x937C, b"FD", 8, 60.0)
        study = struct.pack("<HH2s", 0x0020, 0x000D, b"UI")
    else:
        acquisition = struct.pack("<HHI", 0x0018, 0x9361, 4) + b"YES "
        energy = struct.pack("<HHId", 0x0018, 0x937C, 8, 60.0)
        study = struct.pack("<HHI", 0x0020, 0x000D, len(STUDY) + len(STUDY) % 2)
    patch(paths, study, acquisition + energy + study)
    volume = read_volume(tmp_path)
    assert volume.tags["MultienergyCTAcquisition"] == "YES"
    assert volume.tags["MonoenergeticEnergyEquivalent"] == "60"
    np.testing.assert_array_equal(values(volume), [slice_pixels(k) for k in range(5)])


def test_rescaling_that_differs_between_slices(tmp_path):
    paths = write_series(tmp_path)
    slope = struct.pack("<HHI", 0x0028, 0x1053, 2)
    patch(paths[3:4], slope + b"1 ", slope + b".5")
    expected = np.array([slice_pixels(k) * (0.5 if k == 3 else 1.0) for k in range(5)])
    np.testing.assert_allclose(values(read_volume(tmp_path)), expected)


def test_progress_and_cancelling(tmp_path):
    write_series(tmp_path)
    fractions = []
    read_volume(tmp_path, progress=lambda fraction, message: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0

    def cancel(fraction, message):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_volume(tmp_path, progress=cancel)


@pytest.mark.parametrize(("character_set", "encoding"), [("ISO_IR 100", "latin-1"), ("ISO_IR 192", "utf-8")])
def test_descriptions_keep_their_letters(tmp_path, character_set, encoding):
    paths = write_series(tmp_path, description="Leber ven??s", SpecificCharacterSet=character_set)
    letters = "ö".encode(encoding)
    patch(paths, b"Leber ven??s", b"Leber ven" + letters + b" " * (2 - len(letters)) + b"s")
    description = read_volume(tmp_path).series_description
    assert description is not None
    assert description.replace(" s", "s") == "Leber venös"


# What the values mean


def test_other_modalities(tmp_path):
    write_series(tmp_path, Modality="PT")
    error = refusal(tmp_path)
    assert error.id == "unsupported-modality"
    assert "PT" in str(error)


def test_magnetic_resonance_is_read(tmp_path):
    write_series(tmp_path, Modality="MR")
    assert read_volume(tmp_path).modality == "MR"


def test_derived_maps_and_projections_warn(tmp_path):
    write_series(tmp_path, ImageType=("DERIVED", "PRIMARY", "AXIAL", "IODINE"))
    (warning,) = read_volume(tmp_path).warnings
    assert "derived map (IODINE)" in warning
    shutil.rmtree(tmp_path)
    write_series(tmp_path, ImageType=("DERIVED", "SECONDARY", "AXIAL", "MIP"))
    (warning,) = read_volume(tmp_path).warnings
    assert "is a projection" in warning


def test_padding_is_reported(tmp_path):
    def padded(index):
        pixels = slice_pixels(index)
        pixels[0, 0] = -3024
        return pixels

    write_series(tmp_path, pixels=padded)
    (warning,) = read_volume(tmp_path).warnings
    assert "padded with -3024" in warning


# Folders and damaged files


def test_a_folder_without_dicom(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    assert refusal(tmp_path).id == "no-dicom"


def test_a_damaged_slice_is_missing_and_said_so(tmp_path, capfd):
    paths = write_series(tmp_path)
    paths[-1].write_bytes(paths[-1].read_bytes()[:-40])
    volume = read_volume(tmp_path)
    assert volume.image.GetDepth() == 4
    assert "1 of 5 DICOM files hold no readable image" in volume.warnings[0]
    paths[2].write_bytes(paths[2].read_bytes()[:-40])
    assert refusal(tmp_path).id == "missing-slices"
    for path in paths:
        path.write_bytes(path.read_bytes()[:300])
    assert refusal(tmp_path).id == "unreadable-image"
    assert capfd.readouterr() == ("", "")


def test_a_scan_without_rescaling_warns(tmp_path):
    paths = write_series(tmp_path)
    for element in (0x1052, 0x1053):
        patch(paths, struct.pack("<HH", 0x0028, element), struct.pack("<HH", 0x0028, element + 0x0800))
    (warning,) = read_volume(tmp_path).warnings
    assert "no rescale intercept" in warning
