"""Real CTs are accepted and cropped without loss; real MRs are refused."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import SimpleITK as sitk
from realdata import data_folder, requires_data
from synthetic_ct import card_data

from LiverCoreLib.card import Card
from LiverCoreLib.ct_checks import check_image
from LiverCoreLib.geometry import PatientVolume
from LiverCoreLib.image_checks import UnsupportedImage
from LiverSegmentCNNLib.preprocessing import preprocess

pytestmark = requires_data

SAMPLE = ("ct-btcv/08", "ct-btcv/27", "ct-lits/000", "ct-lits/022", "ct-lits/042")
FULL_RANGE = ("ct-tcia-ccby/C3L-00189", "ct-tcia-ccby/C3N-00249")


def read(case: str, name: str) -> sitk.Image:
    return sitk.ReadImage(str(data_folder() / case / name))


def cases(modality: str) -> list[str]:
    with open(data_folder() / "manifest.csv", newline="") as stream:
        return [row["case"] for row in csv.DictReader(stream) if row["modality"] == modality]


@pytest.mark.parametrize("case", SAMPLE + FULL_RANGE)
def test_cts_are_accepted(case):
    check = check_image(read(case, "ct.nii.gz"))
    assert check.hu_offset == 0
    assert all("thick" in warning for warning in check.warnings)


@pytest.mark.slow
def test_every_ct_is_accepted_and_every_mr_refused():
    for case in cases("CT"):
        if (data_folder() / case / "ct.nii.gz").is_file():
            assert check_image(read(case, "ct.nii.gz")).hu_offset == 0, case
    for case in cases("MR"):
        with pytest.raises(UnsupportedImage) as refused:
            check_image(read(case, "mr.nii.gz"))
        assert refused.value.id == "not-ct", case


@pytest.mark.parametrize("case", ["mr-chaos-t2/08", "mr-chaos-t2/31"])
def test_mrs_are_refused(case):
    with pytest.raises(UnsupportedImage, match="may be an MR"):
        check_image(read(case, "mr.nii.gz"))


@pytest.mark.parametrize("case", FULL_RANGE)
def test_raw_numbers_of_real_cts_are_recognised(case):
    scan = sitk.Cast(read(case, "ct.nii.gz"), sitk.sitkInt32)
    raw = sitk.Cast(sitk.Clamp(scan + 1024, sitk.sitkInt32, 0, 4095), sitk.sitkUInt16)
    assert check_image(raw).hu_offset == -1024


@pytest.mark.parametrize("case", SAMPLE)
def test_no_liver_is_lost_by_the_crop(case):
    prepared = preprocess(read(case, "ct.nii.gz"), Card.from_dict(card_data(spacing_mm=[2.0] * 3)).input)
    labels, value = ("organs.nii.gz", 6) if "btcv" in case else ("liver.nii.gz", None)
    liver = read(case, labels)
    liver = liver == value if value else liver > 0
    geometry = prepared.geometry
    whole = geometry.grid.view(sitk.GetArrayViewFromImage(liver))
    assert whole.sum() == whole[geometry.box].sum()
    assert whole.size > 1.02 * whole[geometry.box].size
    soft = geometry.resample(PatientVolume(liver, geometry.grid, fill=0, offset=0, limits=(0, 1)))
    assert not (soft > 0.5)[~prepared.region].any()
    assert soft.sum() * 0.008 == pytest.approx(whole.sum() * np.prod(liver.GetSpacing()) / 1000, rel=0.002)
