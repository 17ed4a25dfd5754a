"""Pairs from tables and from patterns of file names, and what is said where they are wrong."""

from __future__ import annotations

import os

import pytest

from LiverMetricsLib.cohort.cohort_error import CohortError
from LiverMetricsLib.many import PairsError, find_pairs, read_pairs


@pytest.fixture
def table(tmp_path):
    def write(text: str):
        path = tmp_path / "pairs.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Empty files by name, in the working folder."""
    monkeypatch.chdir(tmp_path)

    def touch(*names: str) -> None:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()

    return touch


def test_a_table_with_all_columns(table, tmp_path):
    path = table(
        "Reference,Test,case,observer,method,protocol,stage,label,segment,time_s,score,regions\n"
        "ref/a.nii.gz,/data/a.nrrd,a,1,cnn,portal,original,6,liver,12.5,4,dome;tip\n"
    )
    (pair,) = read_pairs(path).pairs
    assert (pair.reference, pair.test) == ("ref/a.nii.gz", "/data/a.nrrd")
    assert pair.reference_path == tmp_path / "ref" / "a.nii.gz"
    assert os.fspath(pair.test_path) == "/data/a.nrrd"
    assert pair.key == ("a", "1", "cnn", "portal", "original")
    assert (pair.label, pair.segment) == (6, "liver")
    assert (pair.time_s, pair.score, pair.regions) == ("12.5", "4", "dome;tip")
    assert pair.line == 2


def test_paths_alone_are_enough_and_name_the_case(table):
    found = read_pairs(table("reference,test\nref/a.nii.gz,out/a.seg.nrrd\nref/b.nrrd,out/b.mha\n"))
    assert [pair.case for pair in found.pairs] == ["ref/a", "ref/b"]
    assert found.notes == ()


def test_semicolons_and_decimal_commas_of_spreadsheets(table):
    (pair,) = read_pairs(table('\ufeffreference;test;time_s;regions\na.nrrd;b.nrrd;12,5;"x;y"\n')).pairs
    assert pair.time_s == "12.5"
    assert pair.regions == "x;y"


def test_a_missing_time_or_score_stays_missing(table):
    first, second = read_pairs(table("reference,test,time_s,score\na,b,NA,\nc,d,1,2\n")).pairs
    assert (first.time_s, first.score, second.time_s, second.score) == ("", "", "1", "2")


def test_columns_that_are_not_used_are_named(table):
    found = read_pairs(table("reference,test,scanner\na.nrrd,b.nrrd,X\n"))
    assert len(found.notes) == 1 and "'scanner'" in found.notes[0]


def test_rows_that_a_cohort_cannot_tell_apart_are_named(table):
    found = read_pairs(table("reference,test,case\na.nrrd,b.nrrd,1\na.nrrd,c.nrrd,1\na.nrrd,c.nrrd,2\n"))
    (note,) = found.notes
    assert "b.nrrd (row 2), c.nrrd (row 3)" in note and "case '1'" in note and "method" in note


@pytest.mark.parametrize(
    ("text", "words", "error_id"),
    [
        ("reference,mask\na,b\n", ["row 1", "'test'"], "no-paths-column"),
        ("reference,test\na.nrrd,\n", ["row 2", "'test'", "empty"], "bad-pairs"),
        ("reference,test\n\na.nrrd,b.nrrd\n,b.nrrd\n", ["row 4", "'reference'"], "bad-pairs"),
        ("reference,test,case\na,b,1\na,b,\n", ["row 3", "'case'"], "bad-pairs"),
        ("reference,test,time_s\na,b,1 min\n", ["row 2", "'time_s'", "1 min"], "bad-pairs"),
        ("reference,test,score\na,b,nan\n", ["row 2", "'score'"], "bad-pairs"),
        ("reference,test,label\na,b,liver\n", ["row 2", "'label'", "segment"], "bad-pairs"),
        ("reference,test,label\na,b,0\n", ["row 2", "'label'"], "bad-pairs"),
        ("reference,test,test\na,b,c\n", ["row 1", "'test'", "2 times"], "bad-pairs"),
    ],
)
def test_wrong_tables_are_refused_by_file_row_and_column(table, text, words, error_id):
    path = table(text)
    with pytest.raises(PairsError) as caught:
        read_pairs(path)
    assert caught.value.id == error_id
    for word in (str(path), *words):
        assert word in str(caught.value)


def test_a_table_that_is_none(table, tmp_path):
    with pytest.raises(CohortError, match=r"nowhere\.csv"):
        read_pairs(tmp_path / "nowhere.csv")
    with pytest.raises(CohortError, match="no rows"):
        read_pairs(table("reference,test\n"))


def test_placeholders_become_columns_and_join_the_files(here):
    here("ref/a.nii.gz", "ref/b.nii.gz", "out/cnn/a.seg.nrrd", "out/cnn/b.seg.nrrd", "out/hand/a.seg.nrrd")
    found = find_pairs("ref/{case}.nii.gz", "out/{method}/{case}.seg.nrrd")
    assert [(pair.reference, pair.test, pair.case, pair.method) for pair in found.pairs] == [
        ("ref/a.nii.gz", "out/cnn/a.seg.nrrd", "a", "cnn"),
        ("ref/b.nii.gz", "out/cnn/b.seg.nrrd", "b", "cnn"),
        ("ref/a.nii.gz", "out/hand/a.seg.nrrd", "a", "hand"),
    ]
    assert found.notes == ()


def test_files_without_a_partner_are_named(here):
    here("ref/a.nrrd", "ref/c.nrrd", "out/a.nrrd", "out/b.nrrd", "out/.hidden.nrrd")
    found = find_pairs("ref/{case}.nrrd", "out/{case}.nrrd")
    assert [pair.case for pair in found.pairs] == ["a"]
    assert found.notes == ("No partner for ref/c.nrrd.", "No partner for out/b.nrrd.")


def test_a_placeholder_that_is_there_twice_means_the_same(here):
    here("a/a.nrrd", "a/b.nrrd", "out/a.nrrd")
    (pair,) = find_pairs("{case}/{case}.nrrd", "out/{case}.nrrd").pairs
    assert pair.reference == "a/a.nrrd"


def test_several_observers_of_a_reference_and_one_reference_for_all(here):
    here("ref/1/a.nrrd", "ref/2/a.nrrd", "out/a.nrrd", "out/b.nrrd")
    found = find_pairs("ref/{observer}/{case}.nrrd", "out/{case}.nrrd")
    assert [(pair.observer, pair.case) for pair in found.pairs] == [("1", "a"), ("2", "a")]
    single = find_pairs("ref/1/a.nrrd", "out/{method}.nrrd")
    assert [(pair.method, pair.case) for pair in single.pairs] == [("a", "ref/1/a"), ("b", "ref/1/a")]


def test_an_absolute_pattern(here, tmp_path):
    here("ref/a.nrrd", "out/a.nrrd")
    (pair,) = find_pairs(f"{tmp_path}/ref/{{case}}.nrrd", f"{tmp_path}/out/{{case}}.nrrd").pairs
    assert pair.reference == str(tmp_path / "ref" / "a.nrrd")


@pytest.mark.parametrize(
    ("references", "tests", "words", "error_id"),
    [
        ("ref/{patient}.nrrd", "out/{case}.nrrd", "{patient}; there is {case}", "bad-pattern"),
        ("ref/{case.nrrd", "out/{case}.nrrd", "brace", "bad-pattern"),
        ("ref/{case}.nrrd", "out/{method}.nrrd", "share no placeholder", "bad-pattern"),
        ("ref/{case}.nii", "out/{case}.nrrd", "No file fits ref/{case}.nii", "no-pairs"),
        ("nowhere/{case}.nrrd", "out/{case}.nrrd", "No file fits", "no-pairs"),
        ("ref/{case}.nrrd", "other/{case}.nrrd", "None of the 1 files", "no-pairs"),
        ("ref/{case}.nrrd", "two/{case}_{method}.nrrd", "in two ways", "bad-pattern"),
    ],
)
def test_wrong_patterns_are_refused(here, references, tests, words, error_id):
    here("ref/a.nrrd", "out/a.nrrd", "other/b.nrrd", "two/a_b_c.nrrd")
    with pytest.raises(PairsError) as caught:
        find_pairs(references, tests)
    assert words in str(caught.value) and caught.value.id == error_id
