"""DICOM files of our own: read back by GDCM, their private blocks and sequences, what is refused."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.dicom_encoding import (
    CT_IMAGE_STORAGE,
    PrivateElement,
    data_set,
    decimal_text,
    dicom_file,
    uid_from,
)

PIXELS = np.arange(12, dtype="<u2").reshape(3, 4)
SLICE = {
    "SpecificCharacterSet": "ISO_IR 100",
    "SOPClassUID": CT_IMAGE_STORAGE,
    "SOPInstanceUID": uid_from("one slice"),
    "Modality": "CT",
    "PatientBirthDate": None,
    "ConvolutionKernel": ["Br40", "3"],
    "ImagePositionPatient": [-191.36760333818, 1 / 3, 49.4368771753714],
    "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    "PixelSpacing": [0.7, 0.8],
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "Rows": 3,
    "Columns": 4,
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "RescaleIntercept": -1024,
    "RescaleSlope": 1,
    "PixelData": PIXELS.tobytes(),
}


def test_gdcm_reads_every_value_back(tmp_path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(dicom_file(SLICE))
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    image = reader.Execute()
    assert np.array_equal(sitk.GetArrayFromImage(image)[0], PIXELS.astype(int) - 1024)
    assert image.GetSpacing()[:2] == (0.8, 0.7)
    assert image.GetOrigin() == pytest.approx((-191.36760333818, 1 / 3, 49.4368771753714), abs=1e-12)
    for tag, text in {
        "0008|0018": SLICE["SOPInstanceUID"],
        "0010|0030": "",
        "0018|1210": "Br40\\3",
        "0028|1052": "-1024",
    }.items():
        assert reader.GetMetaData(tag).strip(" \0") == text


def test_elements_rise_and_lengths_are_even() -> None:
    written = data_set({"SeriesNumber": 5, "Modality": "CT", "PatientID": "abc"})
    assert written == (
        b"\x08\x00\x60\x00CS\x02\x00CT" + b"\x10\x00\x20\x00LO\x04\x00abc " + b"\x20\x00\x11\x00IS\x02\x005 "
    )


def test_a_sequence_holds_items_of_stated_length() -> None:
    energy = b"\x18\x00\x7c\x93FD\x08\x00" + struct.pack("<d", 60.0)
    item = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(energy)) + energy
    wanted = b"\x18\x00\x64\x93SQ\0\0" + struct.pack("<I", len(item)) + item
    sequence = [{"MonoenergeticEnergyEquivalent": 60.0}]
    assert data_set({"MultienergyCTCharacteristicsSequence": sequence}) == wanted


def test_each_vendor_gets_a_block_of_its_own() -> None:
    written = data_set(
        {},
        [
            PrivateElement("B", 0x0053, 0x75, "SH", "80"),
            PrivateElement("A", 0x0053, 0x40, "SH", "x"),
            PrivateElement("A", 0x7005, 0x0B, "SH", "y"),
        ],
    )
    assert written == (
        b"\x53\x00\x10\x00LO\x02\x00A "
        b"\x53\x00\x11\x00LO\x02\x00B "
        b"\x53\x00\x40\x10SH\x02\x00x "
        b"\x53\x00\x75\x11SH\x02\x0080"
        b"\x05\x70\x10\x00LO\x02\x00A "
        b"\x05\x70\x0b\x10SH\x02\x00y "
    )


@pytest.mark.parametrize("number", [0.0, 1.5, -191.36760333818012, 1e-17 / 3, -1234567.8901234567, 384 / 7])
def test_a_decimal_fits_and_is_as_exact_as_can_be(number: float) -> None:
    text = decimal_text(number)
    assert len(text) <= 16
    assert float(text) == pytest.approx(number, rel=1e-9)


def test_a_uid_belongs_to_its_text() -> None:
    assert uid_from("a") == uid_from("a") != uid_from("b")
    assert uid_from("a").startswith("2.25.")
    assert len(uid_from("a")) <= 44


@pytest.mark.parametrize(
    "data",
    [
        {"Nonsense": "1"},
        {"PatientAge": "0035Y"},
        {"ImageType": ["DERIVED", "vmi"]},
        {"SeriesDescription": "back\\slash"},
        {"StudyID": "longer than sixteen characters"},
        {"PatientName": "Zoë"},
    ],
)
def test_what_a_type_cannot_hold_is_refused(data) -> None:
    with pytest.raises(ValueError, match=r".+"):
        data_set(data)
