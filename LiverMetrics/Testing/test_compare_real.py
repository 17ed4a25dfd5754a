"""A real liver outline: volumes as in the data's own table, and the same result however it is stored."""

from __future__ import annotations

import csv

import pytest
import SimpleITK as sitk
from realdata import data_folder, requires_data

from LiverMetricsLib import compare

pytestmark = requires_data

CASE = "ct-btcv/05"


@pytest.fixture(scope="module")
def row():
    with (data_folder() / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        return next(row for row in csv.DictReader(stream) if row["case"] == CASE)


@pytest.fixture(scope="module")
def labels(row):
    return sitk.ReadImage(str(data_folder() / CASE / row["labels"]))


def test_volume_is_that_of_the_table(labels, row):
    label = int(row["liver_label"])
    result = compare(labels, labels, label=label, tolerance_mm=1.0)
    assert result.volume_reference_ml == pytest.approx(float(row["liver_ml"]), abs=0.06)
    assert (result.dice, result.hd_mm, result.surface_dice) == (1.0, 0.0, 1.0)


def test_storage_does_not_matter(labels, row):
    """A smoothed outline, flipped, permuted and cropped, against the one in the file."""
    label = int(row["liver_label"])
    liver = labels == label
    other = sitk.BinaryMorphologicalOpening(liver, (2, 2, 1))
    expected = compare(labels, other, label=label, test_label=1)
    assert 0.95 < expected.dice < 1.0 and expected.hd_mm > 1.0
    stored = sitk.PermuteAxes(
        sitk.Flip(sitk.Crop(other, (9, 4, 1), (3, 5, 0)), (True, True, False)), (2, 0, 1)
    )
    result = compare(labels, stored, label=label, test_label=1)
    for name in ("dice", "msd_mm", "hd_mm", "hd95_mm", "volume_ratio"):
        assert getattr(result, name) == pytest.approx(getattr(expected, name), abs=1e-9), name
    assert result.hd_point_lps == pytest.approx(expected.hd_point_lps, abs=1e-6)
