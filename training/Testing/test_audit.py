"""The audit of a data set, on small scans with known faults."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pytest
import SimpleITK as sitk

from livercnn_training import command_audit
from livercnn_training.data.audit import audit_case, duplicates, likeness, thumbnail
from livercnn_training.data.cases import Case

SIZE = (40, 60, 70)  # z, y, x


def write_case(
    folder,
    name,
    *,
    seed=0,
    hu=None,
    liver=None,
    origin=(0.0, 0.0, 0.0),
    spacing=(4.0, 4.0, 4.0),
    split="train",
):
    """A body with a liver on the patient's right, and its label."""
    z, y, x = np.indices(SIZE)
    random = np.random.default_rng(seed)
    if hu is None:
        body = ((y - 30) / 26) ** 2 + ((x - 35) / 32) ** 2 < 1
        hu = np.where(body, 40.0, -1000.0)
        for _ in range(12):  # organs, elsewhere in each patient
            c = random.uniform((5, 12, 10), (35, 48, 60))
            hu[body & (((z - c[0]) ** 2 + (y - c[1]) ** 2 + (x - c[2]) ** 2) < random.uniform(20, 90))] = (
                random.uniform(-90, 140)
            )
    if liver is None:
        liver = ((z - 20) ** 2 + (y - 28) ** 2 + (x - 20) ** 2) < 12**2
    folder = folder / name
    folder.mkdir(parents=True)
    image = sitk.GetImageFromArray(np.asarray(hu, np.float32))
    image.SetSpacing(spacing)
    label = sitk.GetImageFromArray(liver.astype(np.uint8))
    label.SetSpacing(spacing)
    label.SetOrigin(origin)
    sitk.WriteImage(image, str(folder / "ct.nii.gz"))
    sitk.WriteImage(label, str(folder / "liver.nii.gz"))
    return Case(f"set/{name}", folder / "ct.nii.gz", folder / "liver.nii.gz", (1,), split, "CT")


def kinds(case):
    return [found.kind for found in audit_case(case).findings]


def values_of(case):
    return sitk.GetArrayFromImage(sitk.ReadImage(str(case.image)))


def test_a_sound_case_has_no_findings(tmp_path):
    assert kinds(write_case(tmp_path, "a")) == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"origin": (3.0, 0.0, 0.0)}, ["label-grid"]),
        ({"liver": np.zeros((40, 60, 71), bool)}, ["label-grid"]),
        ({"liver": np.zeros(SIZE, bool)}, ["label-absent"]),
        ({"spacing": (0.1, 4.0, 4.0)}, ["spacing", "label-volume"]),
        ({"hu": np.full(SIZE, 7.0)}, ["constant"]),
        ({"hu": np.random.default_rng(0).uniform(0.1, 0.9, SIZE)}, ["not-hounsfield"]),
        ({"hu": np.full(SIZE, np.nan)}, ["constant"]),  # ITK reads NaN in NIfTI as 0
    ],
)
def test_each_fault_is_named(tmp_path, fault, expected):
    found = kinds(write_case(tmp_path, "a", **fault))
    assert found[: len(expected)] == expected


def test_a_mirrored_scan_is_seen(tmp_path):
    z, y, x = np.indices(SIZE)
    left = ((z - 20) ** 2 + (y - 28) ** 2 + (x - 50) ** 2) < 12**2
    (found,) = audit_case(write_case(tmp_path, "a", liver=left)).findings
    assert found.kind == "mirrored"
    assert "left of the body's middle" in found.text


def test_an_unreadable_file_is_a_finding(tmp_path):
    case = write_case(tmp_path, "a")
    case.image.write_text("no image")
    assert kinds(case) == ["unreadable"]


def test_a_copy_is_found_however_it_is_stored(tmp_path):
    one = write_case(tmp_path, "one", seed=1)
    values = values_of(one)
    noisy = np.clip(values + np.random.default_rng(9).normal(0, 10, values.shape), -160, 240)
    copy = write_case(tmp_path, "copy", hu=noisy[::-1, :, ::-1], spacing=(3.0, 3.0, 5.0), split="validation")
    stranger = write_case(tmp_path, "stranger", seed=2)
    (found,) = duplicates([audit_case(case) for case in (one, copy, stranger)])
    assert (found.case, found.kind) == ("set/one", "duplicate")
    assert "set/copy" in found.text
    assert "both sides of the split" in found.text


def test_likeness_is_one_for_itself_and_small_for_strangers(tmp_path):
    images = [sitk.ReadImage(str(write_case(tmp_path, str(n), seed=n).image)) for n in range(2)]
    a, b = (thumbnail(image) for image in images)
    assert likeness(a, a) == pytest.approx(1, abs=1e-4)
    assert likeness(a, b) < 0.93
    assert thumbnail(sitk.Image([5, 6, 7], sitk.sitkInt16)).shape == (
        32,
        32,
        32,
    )  # smaller than the thumbnail


def test_the_command_prints_and_writes(tmp_path, capsys):
    write_case(tmp_path / "data", "one", seed=1)
    write_case(tmp_path / "data", "two", seed=1)
    out = tmp_path / "findings.json"
    args = argparse.Namespace(folders=[str(tmp_path / "data")], sets="", json=str(out))
    assert command_audit.run(args, None) == 0
    printed = capsys.readouterr().out
    assert "data/one: duplicate: The same scan as data/two" in printed
    assert "Cases: 2; findings: 1." in printed
    assert json.loads(out.read_text())["findings"][0]["kind"] == "duplicate"
