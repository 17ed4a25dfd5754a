"""``livercnn phantom``: the files it makes, and what ``--verify`` prints (its figures: the slow test)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import SimpleITK as sitk
import torch

import livercnn
from LiverCoreLib import extras
from LiverCoreLib.images import read_volume
from LiverCoreLib.output import OutputError
from LiverStandardizeLib.command_phantom import FORMATS, SEXES, WORDINGS
from LiverStandardizeLib.protocol import detect_protocol
from LiverStandardizeLib.protocol.names import PROTOCOLS
from LiverStandardizeLib.simulated_arguments import PHASES
from LiverStandardizeLib.simulation import checks, contrast, make_abdomen, people, phantom_files, wordings
from LiverStandardizeLib.simulation.body import fitting_spacing_mm
from LiverStandardizeLib.simulation.checks import Check, all_checks
from LiverStandardizeLib.simulation.people import draw_adult
from LiverStandardizeLib.simulation.protocols import six

torch.set_num_threads(1)

SMALL = ["--size", "64", "--slices", "16", "--progress", "none"]

GOOD = Check("water", "image", 0.25, -1.0, 1.0, "HU", "definition")
BAD = Check("iodine", "projection", 9.5, -5.0, 5.0, "HU", "NIST")


@pytest.fixture
def verify(monkeypatch, capsys):
    """Run the command with given figures; gives its exit code and what it printed."""

    def run(figures, *arguments):
        monkeypatch.setattr(all_checks, "run_checks", lambda progress=None: figures)
        code = livercnn.main(["phantom", "--verify", "--progress", "none", *arguments])
        return code, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("measured", "passed"), [(-1.0, True), (1.0, True), (1.01, False), (math.nan, False), (math.inf, False)]
)
def test_a_figure_passes_within_its_range(measured, passed):
    assert Check("", "", measured, -1.0, 1.0, "", "").passed is passed


def test_all_in_range_ends_with_0(verify):
    code, printed = verify([GOOD, GOOD])
    assert code == 0
    assert "0.25 HU" in printed
    assert "-1 to 1" in printed
    assert "2 of 2 in their range" in printed


def test_one_out_of_range_ends_with_1(verify):
    code, printed = verify([GOOD, BAD])
    assert code == 1
    (line,) = [line for line in printed.splitlines() if "iodine" in line]
    assert line.endswith("OUT OF RANGE")
    assert "1 of 2 in their range" in printed


def test_json_holds_every_figure(verify):
    code, printed = verify([GOOD, BAD], "--json")
    assert code == 1
    assert [row["passed"] for row in json.loads(printed)] == [True, False]


# --- files ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Seed 2 in all six protocols."""
    out = tmp_path_factory.mktemp("phantom") / "new" / "folder"
    assert livercnn.main(["phantom", str(out), "--seed", "2", "--ir-strength", "4", *SMALL]) == 0
    return out


def test_there_is_an_image_with_tags_per_protocol_labels_and_a_picture(folder) -> None:
    wanted = {f"phantom-2_{name}{suffix}" for name in PROTOCOLS for suffix in (".nii.gz", ".json")}
    wanted |= {"phantom-2_labels.nii.gz", "phantom-2_details.nii.gz", "phantom-2.png"}
    assert {path.name for path in folder.iterdir()} == wanted
    picture = sitk.ReadImage(str(folder / "phantom-2.png"))
    assert picture.GetWidth() > picture.GetHeight() > 400


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_detection_names_every_protocol_without_doubt(folder, protocol) -> None:
    path = folder / f"phantom-2_{protocol}.nii.gz"
    found = detect_protocol(path, use_hu=False)
    assert (found.protocol, found.status, found.conflicts) == (protocol, "detected", ())
    assert found.confidence >= (0.8 if protocol == "OPT" else 0.95)
    assert found.strength == (4 if protocol == "IR" else None)
    assert found.energy_kev == (float(protocol[1:]) if protocol.startswith("M") else None)
    image = read_volume(path).image
    assert image.GetPixelID() == sitk.sitkInt16
    wanted = fitting_spacing_mm(draw_adult(2), (64, 64, 16))
    assert image.GetSpacing() == pytest.approx(wanted, rel=1e-6)  # NIfTI holds single precision


def test_labels_are_exact_and_tags_say_what_was_simulated(folder) -> None:
    drawn = make_abdomen(2, size=(64, 64, 16)).labels
    written = sitk.ReadImage(str(folder / "phantom-2_labels.nii.gz"))
    assert sitk.Hash(written) == sitk.Hash(drawn)
    tags = json.loads((folder / "phantom-2_M40.json").read_text(encoding="utf-8"))
    assert tags["SlicerLiverCNN"]["phase"] == "portal"
    assert 0.5 < tags["SlicerLiverCNN"]["iodine_mg_ml"]["liver"] < 3.5
    assert "simulated" in tags["Manufacturer"]


def test_one_protocol_as_nrrd_without_a_picture(tmp_path, capsys) -> None:
    wanted = ["--protocols", "M60", "--format", "nrrd", "--phase", "unenhanced", "--no-picture", "--json"]
    assert livercnn.main(["phantom", str(tmp_path), *wanted, *SMALL]) == 0
    told = json.loads(capsys.readouterr().out)
    names = ["phantom-0_M60.json", "phantom-0_M60.nrrd", "phantom-0_labels.nrrd", "phantom-0_details.nrrd"]
    assert told["files"] == [str(tmp_path / name) for name in names]
    assert (told["seed"], told["phase"], told["iodine_mg_ml"]["liver"]) == (0, "unenhanced", 0.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert detect_protocol(tmp_path / "phantom-0_M60.nrrd", use_hu=False).name == "M60"


def test_a_person_of_ones_choice_is_drawn_and_stated(tmp_path, capsys) -> None:
    wanted = [
        "--age",
        "0.5",
        "--sex",
        "female",
        "--bmi",
        "16",
        "--protocols",
        "M80",
        "--no-picture",
        "--json",
    ]
    assert livercnn.main(["phantom", str(tmp_path), *wanted, *SMALL]) == 0
    person = json.loads(capsys.readouterr().out)["person"]
    assert (person["age_years"], person["sex"], person["bmi"]) == (0.5, "female", 16.0)
    tags = json.loads((tmp_path / "phantom-0_M80.json").read_text(encoding="utf-8"))
    assert (tags["PatientAge"], tags["PatientSex"]) == ("006M", "F")
    assert tags["PatientSize"] == pytest.approx(person["height_cm"] / 100, abs=0.001)
    assert tags["PatientWeight"] == pytest.approx(person["weight_kg"], abs=0.01)
    image = sitk.ReadImage(str(tmp_path / "phantom-0_M80.nii.gz"))
    assert 120 < image.GetSpacing()[0] * image.GetSize()[0] < 220


def test_only_a_sex_or_a_bmi_gives_an_adult(tmp_path, capsys) -> None:
    wanted = ["--bmi", "33", "--protocols", "M80", "--no-picture", "--json"]
    assert livercnn.main(["phantom", str(tmp_path), *wanted, *SMALL]) == 0
    person = json.loads(capsys.readouterr().out)["person"]
    assert 20 <= person["age_years"] <= 50
    assert person["bmi"] == 33.0


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch, capsys) -> None:
    def full(scan, path):
        raise OutputError("There is no space left.", id="disk-full")

    monkeypatch.setattr(phantom_files, "draw_picture", full)
    out = tmp_path / "a" / "b"
    assert livercnn.main(["phantom", str(out), "--protocols", "FBP", *SMALL]) == 2
    assert capsys.readouterr().err.endswith("[disk-full]\n")
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_there_are_replaced_and_others_stay(tmp_path) -> None:
    other, old = tmp_path / "notes.txt", tmp_path / "phantom-0_FBP.json"
    other.write_text("mine")
    old.write_text("old")
    arguments = ["--protocols", "FBP", "--no-picture", *SMALL]
    assert livercnn.main(["phantom", str(tmp_path), *arguments]) == 0
    assert other.read_text() == "mine"
    assert json.loads(old.read_text())["ReconstructionAlgorithm"] == "FILTER_BACK_PROJ"


def test_a_missing_matplotlib_is_told_before_the_work(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(extras, "missing_packages", tuple)
    assert livercnn.main(["phantom", str(tmp_path / "out"), *SMALL]) == 2
    printed = capsys.readouterr().err
    assert "--no-picture" in printed
    assert printed.endswith("[missing-package]\n")
    assert list(tmp_path.iterdir()) == []


def test_the_command_offers_what_the_library_has() -> None:
    assert PROTOCOLS == six.PROTOCOLS
    assert PHASES == contrast.PHASES
    assert SEXES == people.SEXES
    assert FORMATS == phantom_files.FORMATS
    assert WORDINGS == wordings.WORDINGS


@pytest.mark.parametrize(
    ("arguments", "says", "error_id"),
    [
        ([], "OUT --verify is required", "wrong-arguments"),
        (["out", "--verify"], "not allowed", "wrong-arguments"),
        (["out", "--seed", "-1"], "from 0 to", "wrong-arguments"),
        (["out", "--seed", "x"], "from 0 to", "wrong-arguments"),
        (["out", "--size", "20"], "from 64 to 512", "wrong-arguments"),
        (["out", "--slices", "9999"], "from 16 to 400", "wrong-arguments"),
        (["out", "--ir-strength", "6"], "from 1 to 5", "wrong-arguments"),
        (["out", "--protocols", "M50"], "invalid choice: 'M50'", "wrong-arguments"),
        (["out", "--phase", "arterial"], "invalid choice: 'arterial'", "wrong-arguments"),
        (["out", "--age", "60"], "0 to 50 years old, not 60", "impossible-person"),
        (["out", "--age", "nan"], "0 to 50 years old", "impossible-person"),
        (["out", "--age", "old"], "invalid float value", "wrong-arguments"),
        (["out", "--sex", "unknown"], "invalid choice: 'unknown'", "wrong-arguments"),
        (["out", "--age", "3", "--bmi", "40"], "BMI can be", "impossible-person"),
        (["out", "--bmi", "-1"], "BMI can be", "impossible-person"),
        (["out", "--format", "mhd"], "invalid choice: 'mhd'", "wrong-arguments"),
        (["a-file"], "is a file; give a folder", "not-a-folder"),
        (["a-file/out"], "is a file; give a folder", "not-a-folder"),
        (["out", "--wording", "acme"], "invalid choice: 'acme'", "wrong-arguments"),
        (["out", "--wording", "ge", "--protocols", "OPT"], "leave OPT out", "no-such-reconstruction"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(tmp_path, monkeypatch, capsys, arguments, says, error_id) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").write_text("")
    assert livercnn.main(["phantom", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert printed.err.endswith(f"[{error_id}]\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


# --- figures ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_simulation_is_what_it_should_be():
    seen = []
    figures = checks.run_checks(lambda fraction, message: seen.append(fraction))
    assert [check for check in figures if not check.passed] == []
    assert {"tables", "image", "projection"} <= {check.engine for check in figures}
    assert seen == sorted(seen)
    assert 0 <= seen[0] < seen[-1] <= 1
