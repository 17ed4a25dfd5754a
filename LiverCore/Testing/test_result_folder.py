"""Folders of results: whole or not at all, series replaced whole, what is not ours left alone."""

from __future__ import annotations

import pytest

from LiverCoreLib.output import OutputError
from LiverCoreLib.result_folder import check_folder, finished_together


def write(folder, *names) -> None:
    with finished_together(folder) as work:
        for name in names:
            (work / name).parent.mkdir(exist_ok=True)
            (work / name).write_text("new")


def listed(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_folder_is_made_and_other_files_stay(tmp_path) -> None:
    out = tmp_path / "a" / "b"
    write(out, "one.txt")
    (out / "mine.txt").write_text("mine")
    write(out, "one.txt", "series/1.dcm")
    assert listed(tmp_path) == ["a/b/mine.txt", "a/b/one.txt", "a/b/series/1.dcm"]


def test_a_shorter_series_leaves_nothing_of_a_longer_one(tmp_path) -> None:
    write(tmp_path, "series/1.dcm", "series/2.dcm")
    write(tmp_path, "series/1.dcm")
    assert listed(tmp_path) == ["series/1.dcm"]


@pytest.mark.parametrize("other", ["series/notes.txt", "series/deeper/2.dcm"])
def test_a_folder_with_other_things_is_left_alone(tmp_path, other) -> None:
    (tmp_path / other).parent.mkdir(parents=True)
    (tmp_path / other).write_text("mine")
    with pytest.raises(OutputError) as caught:
        write(tmp_path, "a.txt", "series/1.dcm")
    assert caught.value.id == "folder-in-the-way"
    assert listed(tmp_path) == [other]


def test_a_folder_where_a_file_is_to_be_is_left_alone(tmp_path) -> None:
    (tmp_path / "report").mkdir()
    with pytest.raises(OutputError) as caught:
        write(tmp_path, "report")
    assert caught.value.id == "folder-in-the-way"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_failure_leaves_nothing(tmp_path, error) -> None:
    out = tmp_path / "a"
    with pytest.raises(error), finished_together(out) as work:
        (work / "one.txt").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_told_before_the_work(tmp_path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for out in (taken, taken / "deeper"):
        with pytest.raises(OutputError) as caught:
            check_folder(out)
        assert caught.value.id == "not-a-folder"
    check_folder(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == [taken]
