"""The protocol study on exams in which a difference was planted, with real bundles from end to end."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from experiment_exams import M40_SHIFT_HU, write_exam

import livercnn

pytestmark = pytest.mark.slow

EXAMS = ("one", "two", "three")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A segmenter that calls liver what is brighter than 70 HU, and two standardizers that add known HU."""
    from bundle_factory import write_bright_bundle
    from standardizer_bundles import write_shift_bundle

    folder = tmp_path_factory.mktemp("models")
    write_bright_bundle(folder / "bright-ct")
    write_shift_bundle(folder / "minus", model_id="minus", shift_hu=-M40_SHIFT_HU)
    write_shift_bundle(folder / "plus", model_id="plus", shift_hu=5.0)
    return folder


@pytest.fixture(scope="module")
def exams(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    for seed, name in enumerate(EXAMS):
        write_exam(folder / name, seed)
    return folder


def study(out: Path, exams: Path, models: Path, *more: str) -> int:
    arguments = ["experiments", "protocols", str(out), "--folder", str(exams), "--phantoms", "0"]
    arguments += ["--lesion-phantoms", "0", "--no-controls", "--device", "cpu", "--threads", "1"]
    arguments += ["--model", str(models / "bright-ct"), "--standardizer", str(models / "minus")]
    return livercnn.main([*arguments, *more])


@pytest.fixture(scope="module")
def done(tmp_path_factory, exams, models):
    out = tmp_path_factory.mktemp("study")
    assert study(out, exams, models) == 0
    return out


def cells(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def dice_of(rows, protocol, stage, reference):
    return [
        float(row["dice"])
        for row in rows
        if (row["protocol"], row["stage"], row["reference"]) == (protocol, stage, reference)
    ]


def test_the_planted_difference_comes_out(done):
    rows = cells(done / "cohort-own.csv")
    assert {row["method"] for row in rows} == {"bright-ct"}
    assert max(dice_of(rows, "M40", "original", "M80 mask")) < 0.5  # the whole body is called liver
    assert dice_of(rows, "M40", "standardized: minus", "M80 mask") == [1.0] * 3  # + 60 - 60 HU: the M80 image
    assert dice_of(rows, "FBP", "original", "M80 mask") == [1.0] * 3  # FBP is M80 here
    assert dice_of(rows, "FBP", "standardized: minus", "M80 mask") == [0.0] * 3  # 50 HU: no liver is seen
    assert not dice_of(rows, "M80", "original", "M80 mask")  # nothing is compared with itself
    truth = dice_of(rows, "M80", "original", "true liver")
    assert len(truth) == 3 and min(truth) > 0.9


def test_hu_noise_and_crop_are_those_that_were_planted(done):
    rows = {
        (row["case"], row["standardizer"], row["protocol"]): row for row in cells(done / "images-own.csv")
    }
    for exam in EXAMS:
        assert float(rows[exam, "", "M40"]["bias_hu"]) == M40_SHIFT_HU
        assert float(rows[exam, "minus", "M40"]["bias_hu"]) == pytest.approx(0, abs=0.1)
        assert float(rows[exam, "minus", "FBP"]["bias_hu"]) == pytest.approx(-M40_SHIFT_HU, abs=0.1)
        assert float(rows[exam, "minus", "M40"]["noise_ratio"]) == pytest.approx(1, abs=0.02)
        assert float(rows[exam, "minus", "M40"]["crop_difference_hu"]) == pytest.approx(0, abs=1e-3)


def test_the_tables_are_those_of_lee(done):
    table = cells(done / "statistics" / "own-m80-mask" / "tables" / "standardization-measures.csv")
    (line,) = [row for row in table if row["measure"] == "Dice" and row["protocol"] == "M40"]
    assert (line["stage"], float(line["standardized_mean"]), int(line["n"])) == (
        "standardized: minus",
        1.0,
        3,
    )
    table = cells(done / "statistics" / "own-m80-mask" / "tables" / "standardization-concordance.csv")
    assert float(next(r for r in table if r["protocol"] == "M40")["standardized_ccc"]) == pytest.approx(1)


def test_the_page_says_that_doing_nothing_wins_where_it_does(done):
    page = (done / "report.html").read_text(encoding="utf-8")
    assert "it fails on M40, as the segmenter of Lee et al. 2023" in page
    assert "most on M40" in page and "it lowers it most on FBP (1.000 to 0.000)" in page
    assert "A simple control wins: no standardization" in page and "FBP 1.000 against 0.000" in page
    assert "3 exams say little" in page
    for table in (
        "Dice against the M80 mask (as table 2",
        "(as table 3)",
        "(as table 4)",
        "(as figures 4 and 5)",
    ):
        assert table in page
    assert 'id="table-own-targets"' in page and "Figure 1" in page


def test_what_was_measured_is_not_measured_again(done, exams, models, capsys):
    before = (done / "journal.jsonl").read_bytes()
    assert study(done, exams, models) == 0
    assert "own: 3 measured (3 of them by an earlier run), 0 failed" in capsys.readouterr().out
    assert (done / "journal.jsonl").read_bytes() == before
    assert study(done, exams, models, "--standardizer", str(models / "plus")) == 0
    added = (done / "journal.jsonl").read_bytes()[len(before) :].splitlines()
    keys = [json.loads(line)["key"] for line in added]
    assert len(keys) == 6 and {key["standardizer"]["network"] for key in keys} == {"plus"}


def test_a_bad_exam_costs_itself(tmp_path, models, capsys):
    for seed, name in enumerate(("good", "cut")):
        write_exam(tmp_path / "exams" / name, seed)
    path = tmp_path / "exams" / "cut" / "M40.nii.gz"
    path.write_bytes(path.read_bytes()[:2000])
    assert study(tmp_path / "out", tmp_path / "exams", models) == 0
    said = capsys.readouterr().out
    assert "own: 1 measured (0 of them by an earlier run), 1 failed" in said and "Failed: cut:" in said
    assert {row["case"] for row in cells(tmp_path / "out" / "cohort-own.csv")} == {"good"}
    assert "[damaged-file]" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_stopped_it_goes_on(tmp_path, exams, models):
    from livercnn_training.experiments.study import StudyRequest, run_study
    from LiverCoreLib.errors import Cancelled

    def stop(fraction: float, message: str) -> None:
        if message.startswith("two"):
            raise Cancelled()

    request = StudyRequest(
        tmp_path / "out", (str(models / "bright-ct"),), controls=False, phantoms=0, own=exams, threads=1
    )
    with pytest.raises(Cancelled):
        run_study(request, stop)
    assert not (tmp_path / "out" / "report.html").exists()
    outcome = run_study(request, lambda fraction, message: None)
    recalled = {one.plan.name: one.recalled for one in outcome.kinds[0].results}
    assert recalled == {"one": True, "three": True, "two": False}  # sorted by name, "two" is the last


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--phantoms", "0"], "There are no exams"),
        (["--phantoms", "0", "--folder", "nowhere"], "nowhere is no folder"),
        (["--phantoms", "-1"], "must be a whole number from 0 on"),
        (["--phantoms", "1", "--model", "no-such-model"], "[model-not-found]"),
        (["--phantoms", "1", "--standardizer", "unet3d-ct"], "[wrong-task]"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, capsys, arguments, said):
    assert livercnn.main(["experiments", "protocols", str(tmp_path / "out"), "--no-network", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and len(error.splitlines()) == 1
    assert not (tmp_path / "out" / "report.html").exists()


def test_own_exams_need_the_target_and_one_grid(tmp_path, models, capsys):
    write_exam(tmp_path / "exams" / "one", 0)
    (tmp_path / "exams" / "one" / "M80.nii.gz").unlink()
    assert study(tmp_path / "out", tmp_path / "exams", models) == 2
    assert "lacks M80.nii.gz" in capsys.readouterr().err


def test_images_on_different_grids_are_refused():
    import SimpleITK as sitk
    from experiment_exams import abdomen

    from livercnn_training.experiments.exams import Exam
    from livercnn_training.experiments.experiment_error import ExperimentError

    image, liver = abdomen(0)
    shifted = sitk.Image(image)
    shifted.SetOrigin((1.0, 0.0, 0.0))
    with pytest.raises(ExperimentError, match="M40 and M80 lie on different grids"):
        Exam("one", {"M80": image, "M40": shifted}, liver)
