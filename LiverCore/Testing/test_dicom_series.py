"""Which of the DICOM series in a folder is meant, and what is said where it is not clear."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest
from dicom_writing import STUDY, refusal, slice_pixels, values, write_series

from LiverCoreLib.images import read_volume


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


def test_copies_of_files_are_left_out(tmp_path):
    paths = write_series(tmp_path)
    shutil.copy(paths[0], tmp_path / "copy.dcm")
    volume = read_volume(tmp_path)
    assert volume.image.GetDepth() == 5
    assert volume.warnings == ("1 DICOM files are copies of others and were left out.",)
