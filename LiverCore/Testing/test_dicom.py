"""Real DICOM files, written slice by slice through GDCM: series are found, checked and read in order."""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.image_checks import voxel_to_patient
from LiverCoreLib.images import LoadedVolume, UnsupportedImage, read_volume

STUDY = "1.2.826.0.1.3680043.10.1"
TAGS = {
    "SpecificCharacterSet": "0008|0005",
    "ImageType": "0008|0008",
    "SOPInstanceUID": "0008|0018",
    "AcquisitionTime": "0008|0032",
    "Modality": "0008|0060",
    "SeriesDescription": "0008|103e",
    "PatientName": "0010|0010",
    "KVP": "0018|0060",
    "EchoTime": "0018|0081",
    "GantryDetectorTilt": "0018|1120",
    "ConvolutionKernel": "0018|1210",
    "SeriesInstanceUID": "0020|000e",
    "StudyInstanceUID": "0020|000d",
    "SeriesNumber": "0020|0011",
    "AcquisitionNumber": "0020|0012",
    "InstanceNumber": "0020|0013",
    "ImagePositionPatient": "0020|0032",
    "ImageOrientationPatient": "0020|0037",
    "TemporalPositionIdentifier": "0020|0100",
    "RescaleIntercept": "0028|1052",
    "RescaleSlope": "0028|1053",
    "RescaleType": "0028|1054",
}


def slice_pixels(index: int, rows: int = 6, columns: int = 8) -> np.ndarray:
    """HU that name their slice: 100 x index + position in the slice."""
    return (100 * index + np.arange(rows * columns).reshape(rows, columns)).astype(np.int16)


def write_slice(
    path: Path, pixels: np.ndarray, *, spacing=(0.7, 0.8), compress: bool = False, **tags: Any
) -> Path:
    """Write one DICOM file; ``spacing`` is (between columns, between rows), the rest attributes."""
    image = sitk.GetImageFromArray(pixels, isVector=pixels.ndim == 3)
    image.SetSpacing(spacing)
    for keyword, value in tags.items():
        text = "\\".join(map(str, value)) if isinstance(value, tuple) else str(value)
        image.SetMetaData(TAGS[keyword], text)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.SetUseCompression(compress)
    writer.SetImageIO("GDCMImageIO")
    writer.SetFileName(str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.Execute(image)
    return path


def write_series(
    folder: Path,
    *,
    number: int = 4,
    heights=tuple(3.0 * k for k in range(5)),
    orientation=(1, 0, 0, 0, 1, 0),
    origin=(-100.0, -50.0, 20.0),
    description="Abdomen portal 3.0",
    first_file: int = 0,
    pixels=slice_pixels,
    **tags: Any,
) -> list[Path]:
    """Write a CT series whose slices lie at ``heights`` along the normal above ``origin``."""
    normal = np.cross(orientation[:3], orientation[3:])
    paths = []
    for index, height in enumerate(heights):
        defaults = {
            "Modality": "CT",
            "ImageType": ("ORIGINAL", "PRIMARY", "AXIAL"),
            "StudyInstanceUID": STUDY,
            "SeriesInstanceUID": f"{STUDY}.{number}",
            "SOPInstanceUID": f"{STUDY}.{number}.{first_file + index + 1}",
            "SeriesNumber": number,
            "InstanceNumber": first_file + index + 1,
            "SeriesDescription": description,
            "ImagePositionPatient": tuple(np.round(np.asarray(origin) + height * normal, 6)),
            "ImageOrientationPatient": tuple(np.round(orientation, 9)),
        }
        here = {key: value(index) if callable(value) else value for key, value in tags.items()}
        name = f"{number}_{first_file + index:03d}.dcm"
        paths.append(write_slice(folder / name, pixels(index), **{**defaults, **here}))
    return paths


def patch(paths: list[Path], old: bytes, new: bytes) -> None:
    """Change what GDCM does not write: replace bytes that occur once in each file."""
    for path in paths:
        content = path.read_bytes()
        assert content.count(old) == 1
        path.write_bytes(content.replace(old, new))


def refusal(path, **options) -> UnsupportedImage:
    with pytest.raises(UnsupportedImage) as caught:
        read_volume(path, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    return caught.value


def values(volume: LoadedVolume) -> np.ndarray:
    return sitk.GetArrayFromImage(volume.image)


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


# Which series


@pytest.fixture
def two_series(tmp_path):
    write_series(tmp_path, number=4, description="Abdomen portal 3.0")
    write_series(tmp_path, number=5, description="Abdomen arterial 3.0", heights=(0.0, 3.0, 6.0))
    return tmp_path


def test_several_series_are_listed(two_series):
    error = refusal(two_series)
    assert error.id == "several-series"
    assert "--series" in str(error)
    assert "4 'Abdomen portal 3.0' (CT, 5 slices)" in str(error)
    assert "5 'Abdomen arterial 3.0' (CT, 3 slices)" in str(error)


@pytest.mark.parametrize("wanted", [5, "5", f"{STUDY}.5", "arterial", "ARTERIAL 3"])
def test_a_series_is_chosen_by_number_uid_or_description(two_series, wanted):
    assert read_volume(two_series, series=wanted).image.GetDepth() == 3


def test_a_choice_that_fits_none_or_several(two_series):
    error = refusal(two_series, series="venous")
    assert error.id == "no-such-series"
    assert "Abdomen portal 3.0" in str(error)
    error = refusal(two_series, series="abdomen")
    assert error.id == "ambiguous-series"
    assert f"{STUDY}.4 is 4" in str(error)


def test_a_localizer_beside_the_scan_is_passed_over_and_named(tmp_path):
    write_series(tmp_path, number=1, heights=(0.0, 9.0), ImageType=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    write_series(tmp_path, number=2)
    volume = read_volume(tmp_path)
    assert volume.image.GetDepth() == 5
    (warning,) = volume.warnings
    assert "left out: 1 " in warning
    assert "localizer, 2 slices" in warning


def test_localizer_pictures_inside_the_series_of_the_scan(tmp_path):
    write_series(tmp_path, number=2)
    write_series(
        tmp_path,
        number=2,
        first_file=50,
        heights=(0.0,),
        orientation=(1, 0, 0, 0, 0, -1),
        ImageType=("ORIGINAL", "PRIMARY", "LOCALIZER"),
    )
    volume = read_volume(tmp_path, series="2")
    assert volume.image.GetDepth() == 5


def test_only_a_localizer(tmp_path):
    write_series(tmp_path, ImageType=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    assert refusal(tmp_path).id == "localizer"


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        ("AcquisitionNumber", "acquisition number"),
        ("TemporalPositionIdentifier", "temporal position"),
        ("EchoTime", "echo time"),
    ],
)
def test_volumes_at_the_same_place_in_one_series(tmp_path, keyword, name):
    heights = [3.0 * (k % 5) for k in range(10)]
    paths = write_series(tmp_path, heights=heights, **{keyword: lambda k: 1 + k // 5})
    error = refusal(tmp_path)
    assert error.id == "several-volumes"
    assert re.search(rf"4:1 \({name} 1, 5 slices\); 4:2 \({name} 2, 5 slices\)", str(error))
    np.testing.assert_array_equal(
        values(read_volume(tmp_path, series="4:2")), [slice_pixels(k) for k in range(5, 10)]
    )
    np.testing.assert_array_equal(values(read_volume(paths[1])), [slice_pixels(k) for k in range(5)])
    assert refusal(tmp_path, series="4:3").id == "no-such-series"


@pytest.mark.parametrize(("character_set", "encoding"), [("ISO_IR 100", "latin-1"), ("ISO_IR 192", "utf-8")])
def test_descriptions_keep_their_letters(tmp_path, character_set, encoding):
    paths = write_series(tmp_path, description="Leber ven??s", SpecificCharacterSet=character_set)
    letters = "ö".encode(encoding)
    patch(paths, b"Leber ven??s", b"Leber ven" + letters + b" " * (2 - len(letters)) + b"s")
    description = read_volume(tmp_path).series_description
    assert description is not None
    assert description.replace(" s", "s") == "Leber venös"


def test_copies_of_files_are_left_out(tmp_path):
    paths = write_series(tmp_path)
    shutil.copy(paths[0], tmp_path / "copy.dcm")
    volume = read_volume(tmp_path)
    assert volume.image.GetDepth() == 5
    assert volume.warnings == ("1 DICOM files are copies of others and were left out.",)


# Slices that make no volume


def test_gantry_tilt(tmp_path):
    for index in range(6):
        write_series(
            tmp_path,
            first_file=index,
            heights=(3.0 * index,),
            origin=(0.0, 3.0 * index * np.tan(np.radians(15)), 0.0),
            GantryDetectorTilt=15,
            SeriesInstanceUID=STUDY,
        )
    error = refusal(tmp_path)
    assert error.id == "gantry-tilt"
    assert "15.0 degrees" in str(error)


def test_slices_shifted_sideways(tmp_path):
    for index in range(6):
        write_series(
            tmp_path, first_file=index, heights=(3.0 * index,), origin=(5.0 if index == 3 else 0.0, 0.0, 0.0)
        )
    assert refusal(tmp_path).id == "shifted-slices"


def test_missing_slices(tmp_path):
    write_series(tmp_path, heights=(0, 3, 6, 15, 18, 21))
    error = refusal(tmp_path)
    assert error.id == "missing-slices"
    assert "lacks about 2 slice(s): after slice 3 of 6" in str(error)
    assert error.details["missing"] == 2


def test_doubled_slices(tmp_path):
    write_series(tmp_path, heights=(0, 3, 6, 6, 9))
    assert refusal(tmp_path).id == "doubled-slices"


def test_uneven_slices(tmp_path):
    write_series(tmp_path, heights=(0, 3, 6, 10, 14, 18))
    assert refusal(tmp_path).id == "uneven-slices"


def test_positions_rounded_by_the_scanner_are_fine(tmp_path):
    heights = [round(0.625 * k, 1) for k in range(40)]
    write_series(tmp_path, heights=heights)
    volume = read_volume(tmp_path)
    assert volume.image.GetSpacing()[2] == pytest.approx(0.625, abs=0.002)
    assert volume.warnings == ()


def test_slightly_uneven_slices_warn(tmp_path):
    write_series(tmp_path, heights=(0, 3, 6, 9.5, 12, 15))
    (warning,) = read_volume(tmp_path).warnings
    assert "varies (2.5 to 3.5 mm); 3 mm is used" in warning


def test_mixed_orientation(tmp_path):
    write_series(tmp_path)
    write_series(tmp_path, first_file=50, orientation=(1, 0, 0, 0, 0, -1))
    assert refusal(tmp_path).id == "mixed-orientation"


def test_mixed_sizes(tmp_path):
    write_series(tmp_path)
    write_series(tmp_path, first_file=5, heights=(15.0,), pixels=lambda k: slice_pixels(k, rows=9))
    error = refusal(tmp_path)
    assert error.id == "mixed-slice-sizes"
    assert "8 x 6 and 8 x 9" in str(error)


def test_a_single_slice(tmp_path):
    write_series(tmp_path, heights=(0.0,))
    assert refusal(tmp_path).id == "single-slice"


@pytest.mark.parametrize("element", [0x0032, 0x0037])
def test_slices_without_position_or_orientation(tmp_path, element):
    paths = write_series(tmp_path)
    patch(paths, struct.pack("<HH", 0x0020, element), struct.pack("<HH", 0x0020, element + 1))
    assert refusal(tmp_path).id == "no-slice-positions"


def test_a_scan_without_rescaling_warns(tmp_path):
    paths = write_series(tmp_path)
    for element in (0x1052, 0x1053):
        patch(paths, struct.pack("<HH", 0x0028, element), struct.pack("<HH", 0x0028, element + 0x0800))
    (warning,) = read_volume(tmp_path).warnings
    assert "no rescale intercept" in warning


def test_multi_frame(tmp_path):
    image = sitk.GetImageFromArray(np.zeros((4, 6, 8), np.int16))
    image.SetMetaData(TAGS["Modality"], "CT")
    sitk.WriteImage(image, str(tmp_path / "a.dcm"))
    assert refusal(tmp_path).id == "multi-frame"


def test_colour_pictures(tmp_path):
    write_series(tmp_path, Modality="OT", pixels=lambda k: np.zeros((6, 8, 3), np.uint8))
    assert refusal(tmp_path).id == "colour-image"


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
