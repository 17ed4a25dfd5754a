"""``livercnn standardize`` of DICOM folders: the headers say the protocol, and which series is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from standardizer_bundles import write_shift_bundle

import livercnn
from LiverStandardizeLib.simulation import make_six
from LiverStandardizeLib.simulation.people import Person
from LiverStandardizeLib.simulation.phantom_files import write_phantom
from LiverStandardizeLib.simulation.protocols.six import PROTOCOLS, Settings

torch.set_num_threads(1)

CHILD = Person(6.0, "female", 116.0, 21.0)
SETTINGS = Settings(ir_strength=4)
SHIFT_HU = 20


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    return write_shift_bundle(tmp_path_factory.mktemp("model") / "bundle", shift_hu=SHIFT_HU).path


@pytest.fixture(scope="module")
def scan():
    """A child, small, in all six protocols."""
    return make_six(3, size=(32, 32, 20), person=CHILD, settings=SETTINGS)


@pytest.fixture(scope="module")
def study(scan, tmp_path_factory) -> Path:
    """A folder with a folder of slices per protocol."""
    out = tmp_path_factory.mktemp("dicom")
    write_phantom(scan, out, "phantom-3", settings=SETTINGS, file_format="dicom", picture=False)
    return out


@pytest.fixture
def standardize(bundle, tmp_path):
    """Runs the command on a path, the protocol not stated; gives the exit code."""

    def run(path: Path, *options: str) -> int:
        fixed = ["--model", str(bundle), "--threads", "1", "--device", "cpu", "--progress", "none"]
        report = ["--report", str(tmp_path / "report.json")]
        return livercnn.main(
            ["standardize", str(path), str(tmp_path / "out.nrrd"), *fixed, *report, *options]
        )

    return run


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_headers_say_the_protocol(standardize, scan, study, tmp_path, protocol) -> None:
    assert standardize(study / f"phantom-3_{protocol}") == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["protocol"], report["detection"]["status"]) == (protocol, "detected")
    assert report["passed_through"] == (protocol == "M80")
    before, after = scan.images[protocol], sitk.ReadImage(str(tmp_path / "out.nrrd"))
    assert after.GetSize() == before.GetSize()
    for lattice in ("GetSpacing", "GetOrigin", "GetDirection"):
        np.testing.assert_allclose(getattr(after, lattice)(), getattr(before, lattice)(), atol=1e-6)
    hu = sitk.GetArrayFromImage(before)
    inside = (hu > -200) & (hu < 600)
    change = sitk.GetArrayFromImage(after)[inside] - hu[inside]
    assert inside.any() and (change == (0 if protocol == "M80" else SHIFT_HU)).all()


def test_a_file_stands_for_its_series(standardize, study, tmp_path) -> None:
    assert standardize(study / "phantom-3_IR" / "0001.dcm") == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["detection"]["name"] == "IR, strength 4"


def test_of_several_series_one_must_be_named(standardize, study, tmp_path, capsys) -> None:
    assert standardize(study) == 2
    said = capsys.readouterr().err
    assert "[several-series]" in said
    for name in ("Phantom FBP", "Phantom IR strength 4", "Phantom Optimum Contrast", "40 keV", "80 keV"):
        assert name in said
    assert "--series" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("series", ["4", "40 keV"])
def test_a_series_is_chosen_by_number_or_description(standardize, study, tmp_path, series) -> None:
    assert standardize(study, "--series", series) == 0
    assert json.loads((tmp_path / "report.json").read_text())["protocol"] == "M40"


def test_a_series_that_is_not_there_is_refused(standardize, study, tmp_path, capsys) -> None:
    assert standardize(study, "--series", "70 keV") == 2
    assert "[no-such-series]" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
