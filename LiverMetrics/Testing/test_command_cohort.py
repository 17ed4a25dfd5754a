"""``livercnn cohort`` from the outside: a table in, tables out, one plain line where it cannot."""

from __future__ import annotations

import csv

import pytest

import livercnn
from LiverMetricsLib.cohort import analyse, read_cohort
from LiverMetricsLib.cohort.writing import TABLE_IDS

HEADER = "case,observer,method,protocol,stage,dice,volume_test_ml,volume_reference_ml,time_s,score,regions\n"


@pytest.fixture
def table(tmp_path):
    """A table that fills every kind of result but overlap between observers."""
    lines = [
        f"P{case},{observer},{method},{protocol},{stage},0.9{case}{place},"
        f"{1500 + 100 * case + 10 * place + number},{1510 + 90 * case},{300 + 7 * case * place},"
        f"{3 + place / 2},IVC"
        for case in range(4)
        for place, observer in enumerate(("a", "b"))
        for number, method in enumerate(("manual", "cnn", "corrected"))
        for protocol in ("FBP", "M40")
        for stage in ("original", "standardized")
    ]
    path = tmp_path / "cohort.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def error_line(capsys, *arguments):
    """Exit code and the one line on stderr."""
    code = livercnn.main(["cohort", *map(str, arguments)])
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1, captured.err
    return code, captured.err


def test_tables_are_written_and_those_of_an_earlier_run_replaced(table, tmp_path, capsys):
    out = tmp_path / "new" / "results"
    assert livercnn.main(["cohort", str(table), "--out", str(out), "--no-report"]) == 0
    printed = capsys.readouterr().out
    assert "96 rows, 4 cases" in printed and "no report.html, as asked" in printed
    analysis = analyse(read_cohort(table))
    names = {path.stem for path in (out / "tables").glob("*.csv")}
    assert names == {one.id for one in analysis.tables} == set(TABLE_IDS) - {"inter-observer-overlap"}
    with open(out / "tables" / "descriptives.csv", encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == [column.key for column in analysis.table("descriptives").columns]
    assert float(rows[1][rows[0].index("mean")]) == analysis.table("descriptives").column("mean")[0]
    about = (out / "tables" / "about.txt").read_text(encoding="utf-8")
    assert "definitions 1.0" in about and "regression.csv: Regression of volumes" in about
    assert "no case counts twice" in " ".join(about.split())
    assert not (out / "report.html").exists()

    table.write_text("case,dice\nP1,0.9\nP2,0.8\n", encoding="utf-8")
    assert livercnn.main(["cohort", str(table), "--out", str(out), "--no-report"]) == 0
    assert [path.name for path in (out / "tables").glob("*.csv")] == ["descriptives.csv"]


def test_a_bad_table_is_one_line_and_leaves_nothing(tmp_path, capsys):
    path, out = tmp_path / "bad.csv", tmp_path / "out"
    path.write_text("case,dice\nP1,0.9\nP2,good\n", encoding="utf-8")
    code, line = error_line(capsys, path, "--out", out, "--no-report")
    assert code == 2 and "bad.csv, row 3, column 'dice': 'good'" in line
    assert "[text-in-number-column]" in line and not out.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--reference-method", "truth"], "[no-such-method]"),
        (["--confidence", "95"], "[invalid-sample]"),
        (["--correction", "fdr"], "invalid choice"),
    ],
)
def test_wrong_arguments_are_one_line(table, tmp_path, capsys, arguments, words):
    code, line = error_line(capsys, table, "--out", tmp_path / "out", "--no-report", *arguments)
    assert code == 2 and words in line and not (tmp_path / "out").exists()


def test_a_missing_extra_is_said_before_the_work(table, tmp_path, capsys, monkeypatch):
    from LiverCoreLib import extras

    monkeypatch.setattr(extras, "missing_packages", lambda packages: ("jinja2",))
    code, line = error_line(capsys, table, "--out", tmp_path / "out")
    assert code == 2 and 'pip install "slicer-livercnn[report]"' in line and "--no-report" in line
    assert not (tmp_path / "out").exists()


def test_results_do_not_go_over_the_input(table, tmp_path, capsys):
    inside = tmp_path / "out" / "tables" / "time.csv"
    inside.parent.mkdir(parents=True)
    inside.write_bytes(table.read_bytes())
    code, line = error_line(capsys, inside, "--out", tmp_path / "out", "--no-report")
    assert code == 2 and "[same-file]" in line and inside.exists()


def test_a_file_where_the_folder_should_be(table, capsys):
    code, line = error_line(capsys, table, "--out", table, "--no-report")
    assert code == 2 and "[not-a-folder]" in line
