"""DICOM slices that make no even, right-angled volume are refused; what is slightly off warns."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_writing import STUDY, TAGS, patch, refusal, slice_pixels, write_series

from LiverCoreLib.images import read_volume


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


def test_multi_frame(tmp_path):
    image = sitk.GetImageFromArray(np.zeros((4, 6, 8), np.int16))
    image.SetMetaData(TAGS["Modality"], "CT")
    sitk.WriteImage(image, str(tmp_path / "a.dcm"))
    assert refusal(tmp_path).id == "multi-frame"


def test_colour_pictures(tmp_path):
    write_series(tmp_path, Modality="OT", pixels=lambda k: np.zeros((6, 8, 3), np.uint8))
    assert refusal(tmp_path).id == "colour-image"
