"""Many pairs from the command line: the table, pairs that fail, and going on after a stop."""

from __future__ import annotations

import csv

import pytest
import SimpleITK as sitk

import livercnn
from LiverCoreLib.errors import Cancelled
from LiverMetricsLib import compare
from LiverMetricsLib.arguments import InvalidArgument
from LiverMetricsLib.cohort import read_cohort
from LiverMetricsLib.many import Pair, compare_many, find_pairs

pytest.importorskip("joblib", reason="the extra 'parallel' is not installed")


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def run(capsys, *arguments):
    """Exit code, stdout and stderr."""
    code = livercnn.main(["compare", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def out(tmp_path):
    return tmp_path / "cohort.csv"


def write_table(folder, names, header="reference,test,case,method,time_s,score,regions"):
    lines = [f"ref/{name}.nii.gz,out/{name}.nii.gz,{name},cnn,12,4,dome;tip" for name in names]
    path = folder / "pairs.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_table_of_pairs_becomes_a_cohort(mask_files, tmp_path, out, capsys):
    names = mask_files(3)
    table = write_table(tmp_path, names)
    code, printed, errors = run(capsys, "--pairs", table, "--out", out, "--jobs", 2, "--tolerance", 1)
    assert (code, errors) == (0, "")
    assert f"3 pairs: 3 measured, 0 taken over from an earlier run, 0 failed. Wrote {out}." in printed

    rows = rows_of(out)
    assert [row["case"] for row in rows] == names
    images = [sitk.ReadImage(str(tmp_path / folder / f"{names[1]}.nii.gz")) for folder in ("ref", "out")]
    expected = compare(*images, tolerance_mm=1.0)
    for name in ("dice", "msd_mm", "hd95_mm", "surface_dice", "volume_difference_percent"):
        assert float(rows[1][name]) == getattr(expected, name)
    assert rows[1]["mask"] == f"out/{names[1]}.nii.gz" and rows[1]["reference"] == f"ref/{names[1]}.nii.gz"
    assert (rows[1]["status"], rows[1]["definitions_version"]) == ("ok", "1.0")
    assert "18-neighbourhood" in rows[1]["neighbourhood"]

    cohort = read_cohort(out)
    assert cohort.rows[2].case == names[2] and cohort.rows[2].method == "cnn"
    assert cohort.rows[2].values["dice"] == float(rows[2]["dice"])
    assert cohort.rows[2].values["time_s"] == 12 and cohort.rows[2].regions == ("dome", "tip")


def test_one_bad_pair_never_stops_the_rest(mask_files, tmp_path, out, capsys):
    names = mask_files(4)
    (tmp_path / "out" / f"{names[1]}.nii.gz").write_bytes(b"no mask")
    (tmp_path / "ref" / f"{names[2]}.nii.gz").unlink()
    code, printed, errors = run(capsys, "--pairs", write_table(tmp_path, names), "--out", out, "--jobs", 2)
    assert (code, errors) == (0, "")
    assert "4 pairs: 2 measured, 0 taken over from an earlier run, 2 failed" in printed
    assert f"Failed: out/{names[1]}.nii.gz (row 3): out/{names[1]}.nii.gz is not a NIfTI image" in printed
    rows = rows_of(out)
    assert [row["status"] for row in rows] == ["ok", "failed", "failed", "ok"]
    assert [row["error_id"] for row in rows] == ["", "unreadable-image", "file-not-found", ""]
    assert rows[2]["error"].startswith(f"ref/{names[2]}.nii.gz does not exist")
    assert rows[1]["dice"] == ""
    assert [row.values.get("dice") is not None for row in read_cohort(out).rows] == [True, False, False, True]


def test_only_what_changed_or_failed_is_measured_again(mask_files, tmp_path, out, capsys):
    names = mask_files(4)
    table = write_table(tmp_path, names)
    good = (tmp_path / "out" / f"{names[0]}.nii.gz").read_bytes()
    (tmp_path / "out" / f"{names[0]}.nii.gz").write_bytes(b"no mask")
    assert (
        "3 measured, 0 taken over from an earlier run, 1 failed"
        in run(capsys, "--pairs", table, "--out", out, "--jobs", 1)[1]
    )
    before = rows_of(out)

    (tmp_path / "out" / f"{names[0]}.nii.gz").write_bytes(good)
    other = (tmp_path / "out" / f"{names[2]}.nii.gz").read_bytes()
    (tmp_path / "out" / f"{names[3]}.nii.gz").write_bytes(other)
    assert (
        "2 measured, 2 taken over from an earlier run, 0 failed"
        in run(capsys, "--pairs", table, "--out", out, "--jobs", 1)[1]
    )
    after = rows_of(out)
    assert after[1:3] == before[1:3]
    assert after[0]["status"] == "ok" and after[3]["dice"] != before[3]["dice"]

    assert "0 measured, 4 taken over" in run(capsys, "--pairs", table, "--out", out)[1]
    assert rows_of(out) == after


def test_none_measured_is_an_error_and_a_table(mask_files, tmp_path, out, capsys):
    names = mask_files(2)
    code, printed, errors = run(
        capsys, "--pairs", write_table(tmp_path, names), "--out", out, "--label", 7, "--jobs", 1
    )
    assert code == 2 and errors.count("\n") == 1 and "[nothing-measured]" in errors
    assert "0 measured" in printed and "[no-such-label]" in printed
    assert [row["error_id"] for row in rows_of(out)] == ["no-such-label"] * 2


def test_patterns_of_file_names(mask_files, tmp_path, out, capsys, monkeypatch):
    names = mask_files(3)
    (tmp_path / "out" / f"{names[0]}.nii.gz").rename(tmp_path / "out" / "stray.nii.gz")
    monkeypatch.chdir(tmp_path)
    patterns = ["--references", "ref/{case}.nii.gz", "--tests", "out/{case}.nii.gz"]
    code, printed, _ = run(capsys, *patterns, "--out", out, "--jobs", 2)
    assert code == 0
    assert f"Note: No partner for ref/{names[0]}.nii.gz." in printed
    assert "Note: No partner for out/stray.nii.gz." in printed
    assert [row["mask"] for row in rows_of(out)] == [f"out/{name}.nii.gz" for name in names[1:]]


def test_a_stopped_run_keeps_what_is_finished_and_goes_on(mask_files, tmp_path, out):
    mask_files(4)
    pairs = find_pairs(f"{tmp_path}/ref/{{case}}.nii.gz", f"{tmp_path}/out/{{case}}.nii.gz").pairs

    def stop_at_half(fraction, message):
        if fraction >= 0.5:
            raise Cancelled()

    with pytest.raises(Cancelled):
        compare_many(pairs, out, jobs=1, progress=stop_at_half)
    assert len(rows_of(out)) == 2
    fractions = []
    summary = compare_many(pairs, out, jobs=1, progress=lambda fraction, message: fractions.append(fraction))
    assert (summary.recalled, summary.measured, summary.failed) == (2, 2, ())
    assert fractions == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert len(rows_of(out)) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "REFERENCE, TEST"),
        (["a.nrrd"], "TEST"),
        (["a.nrrd", "--pairs", "p.csv", "--out", "o.csv"], "not both; found a.nrrd"),
        (["--pairs", "p.csv"], "--out COHORT.csv"),
        (["--pairs", "p.csv", "--references", "r", "--out", "o.csv"], "--pairs does not go with"),
        (["--references", "r/{case}.nrrd", "--out", "o.csv"], "--references and --tests go together"),
        (["--tests", "r/{case}.nrrd", "--out", "o.csv"], "--references and --tests go together"),
        (["--pairs", "p.csv", "--out", "o.csv", "--json", "x.json"], "--json is for two masks"),
        (["--pairs", "p.csv", "--out", "o.csv", "--label", "1", "--label", "2"], "one --label"),
        (["--pairs", "p.csv", "--out", "o.csv", "--jobs", "2", "--dask", "tcp://h:1"], "--jobs is for this"),
        (["a.nrrd", "b.nrrd", "--out", "o.csv"], "--out goes with many pairs"),
        (["a.nrrd", "b.nrrd", "--jobs", "2"], "--jobs goes with many pairs"),
        (["a.nrrd", "b.nrrd", "--dask", "tcp://h:1"], "--dask goes with many pairs"),
    ],
)
def test_options_that_do_not_go_together(capsys, arguments, words):
    code, printed, errors = run(capsys, *arguments)
    assert (code, printed) == (2, "") and errors.count("\n") == 1
    assert words in errors and "[wrong-arguments]" in errors


def test_options_may_stand_between_the_two_masks(mask_files, tmp_path, capsys):
    (name,) = mask_files(1)
    code, printed, _ = run(
        capsys, tmp_path / "ref" / f"{name}.nii.gz", "--label", 1, tmp_path / "out" / f"{name}.nii.gz"
    )
    assert code == 0 and "Dice" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jobs", "0"], "[invalid-argument]"),
        (["--family", "pixels"], "invalid choice"),
        (["--label", "0"], "[invalid-argument]"),
        (["--out", "cohort.txt"], "[unsupported-output-format]"),
        (["--out", "no/such/folder.csv"], "[no-such-folder]"),
    ],
)
def test_wrong_values_are_refused_at_once(mask_files, tmp_path, out, capsys, arguments, words):
    table = write_table(tmp_path, mask_files(1))
    code, _, errors = run(capsys, "--pairs", table, "--out", out, *arguments)
    assert code == 2 and errors.count("\n") == 1 and words in errors
    assert not out.exists()


def test_the_table_of_pairs_is_never_replaced(mask_files, tmp_path, capsys):
    table = write_table(tmp_path, mask_files(1))
    before = table.read_bytes()
    code, _, errors = run(capsys, "--pairs", table, "--out", tmp_path / "." / "pairs.csv")
    assert code == 2 and "[same-file]" in errors
    assert table.read_bytes() == before


def test_no_pairs_at_all_are_refused(out):
    with pytest.raises(InvalidArgument, match="no pairs"):
        compare_many([], out)


@pytest.mark.parametrize(
    ("absent", "options", "extra"),
    [("joblib", {}, "parallel"), ("distributed", {"dask": "tcp://127.0.0.1:1"}, "cluster")],
)
def test_an_extra_that_is_not_installed_is_named(out, monkeypatch, absent, options, extra):
    from LiverCoreLib import extras

    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == absent else object())
    with pytest.raises(extras.MissingPackage, match=rf'pip install "slicer-livercnn\[{extra}\]"') as caught:
        compare_many([Pair("a.nrrd", "b.nrrd")], out, **options)
    assert caught.value.id == "missing-package" and absent in str(caught.value)
    assert not out.exists()
