"""Temporary files outside a job's folder are known, in memory and in the journal, until they are renamed."""

from __future__ import annotations

import pytest

from LiverCoreLib import scratch


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(scratch, "_tracked", set())
    monkeypatch.setattr(scratch, "_journal", None)


def test_tracked_files_are_removed_and_untracked_ones_are_not(tmp_path):
    half, done = tmp_path / ".livercnn-a.nrrd", tmp_path / ".livercnn-b.nrrd"
    for path in (half, done):
        scratch.track(path)
        path.write_text("x")
    scratch.untrack(done)
    scratch.remove_tracked()

    assert (half.exists(), done.exists()) == (False, True)


def test_a_file_that_was_never_made_is_no_error(tmp_path):
    scratch.track(tmp_path / ".livercnn-a.nrrd")
    scratch.remove_tracked()


def test_only_our_own_names_can_be_tracked(tmp_path):
    with pytest.raises(ValueError, match=r"\.livercnn-"):
        scratch.track(tmp_path / "thesis.tex")


def test_the_journal_outlives_the_process(tmp_path):
    half = tmp_path / ".livercnn-ä\n.nrrd"
    scratch.keep_journal(tmp_path / "scratch.jsonl")
    scratch.track(half)
    half.write_text("x")
    scratch.remove_journalled(tmp_path / "scratch.jsonl")

    assert not half.exists()


@pytest.mark.parametrize("content", ["", '"torn', "3\n[]\nnull\n", '"precious.txt"\n', "\x00\xff\n"])
def test_a_journal_of_nonsense_removes_nothing(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "precious.txt").write_text("x")
    (tmp_path / "scratch.jsonl").write_text(content, encoding="latin-1")
    scratch.remove_journalled(tmp_path / "scratch.jsonl")
    scratch.remove_journalled(tmp_path / "nowhere.jsonl")

    assert (tmp_path / "precious.txt").exists()
