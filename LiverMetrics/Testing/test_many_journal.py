"""The journal: what is taken over from an earlier run, and what is not."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import pytest

from LiverCoreLib.output import OutputError
from LiverMetricsLib.many import Settings
from LiverMetricsLib.many.journal import Journal, journal_path
from LiverMetricsLib.many.pair import Pair
from LiverMetricsLib.many.task import measure, task_of

LONG_AGO_NS = 1_600_000_000_000_000_000


@pytest.fixture
def tasks(tmp_path, mask_files):
    """Two pairs whose files were written long ago."""
    pairs = [Pair(f"ref/{name}.nii.gz", f"out/{name}.nii.gz", tmp_path) for name in mask_files(2)]
    for path in tmp_path.glob("*/*.nii.gz"):
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return [task_of(number, pair, Settings()) for number, pair in enumerate(pairs)]


@pytest.fixture
def journal_file(tmp_path, tasks):
    """The journal of both pairs."""
    path = journal_path(tmp_path / "cohort.csv")
    with Journal(path) as journal:
        for task in tasks:
            journal.add(task, measure(task))
    return path


def recalled(path, tasks):
    with Journal(path) as journal:
        return [journal.recall(task) for task in tasks]


def test_it_lies_beside_the_table_and_keeps_paths_as_they_were_given(journal_file, tmp_path):
    assert journal_file == tmp_path / "cohort.csv.journal.jsonl"
    text = journal_file.read_text(encoding="ascii")
    assert text.count("\n") == 2 and '"ref/case00.nii.gz"' in text and str(tmp_path) not in text


def test_what_did_not_change_is_taken_over_whole(journal_file, tasks):
    for task, outcome in zip(tasks, recalled(journal_file, tasks)):
        assert outcome == replace(measure(task), measured_ns=outcome.measured_ns)


def test_a_file_that_changed_is_measured_again(journal_file, tasks):
    shutil.copyfile(tasks[1].test, tasks[0].test)
    first, second = recalled(journal_file, tasks)
    assert first is None and second is not None


def test_a_change_that_leaves_size_and_time_is_seen_where_the_time_is_fresh(tmp_path, tasks):
    """An uncompressed mask keeps its size, and a coarse clock the time."""
    task = tasks[0]
    path = tmp_path / "journal"
    with Journal(path) as journal:
        before = task.test.stat()
        os.utime(task.test)  # now: within the clock's grain of when it is measured
        fresh = task.test.stat().st_mtime_ns
        journal.add(task, measure(task))
    data = bytearray(task.test.read_bytes())
    data[5] ^= 1  # gzip's own time stamp: other content, same mask
    task.test.write_bytes(data)
    os.utime(task.test, ns=(fresh, fresh))
    assert task.test.stat().st_size == before.st_size
    assert recalled(path, [task]) == [None]


def test_a_file_that_was_only_touched_or_copied_is_not_measured_again(journal_file, tasks):
    os.utime(tasks[0].test)
    assert recalled(journal_file, tasks)[0] is not None


def test_a_file_that_is_gone_is_measured_again_to_say_so(journal_file, tasks):
    tasks[0].reference.unlink()
    assert recalled(journal_file, tasks)[0] is None


@pytest.mark.parametrize(
    "settings",
    [
        Settings(tolerance_mm=2.0),
        Settings(family="surfel"),
        Settings(geometry="resample"),
        Settings(label=2),
        Settings(test_label=2),
        Settings(segment="liver"),
    ],
)
def test_other_settings_are_measured_again(journal_file, tasks, settings):
    assert recalled(journal_file, [replace(task, settings=settings) for task in tasks]) == [None, None]


def test_a_label_of_its_own_is_measured_again(journal_file, tasks):
    task = replace(tasks[0], pair=replace(tasks[0].pair, label=3))
    assert recalled(journal_file, [task]) == [None]


def test_failures_are_tried_again(tmp_path, tasks):
    tasks[0].test.write_bytes(b"no mask")
    path = tmp_path / "journal"
    with Journal(path) as journal:
        outcome = measure(tasks[0])
        journal.add(tasks[0], outcome)
    assert outcome.error_id == "unreadable-image" and outcome.error.startswith("out/case00.nii.gz")
    assert recalled(path, tasks) == [None, None]


def test_cut_at_every_byte_it_loses_the_last_line_only_and_goes_on(journal_file, tasks):
    whole = journal_file.read_bytes()
    first_line = whole.index(b"\n") + 1
    outcome = measure(tasks[1])
    for length in range(first_line, len(whole), 7):
        journal_file.write_bytes(whole[:length])
        assert [one is not None for one in recalled(journal_file, tasks)] == [True, length >= len(whole) - 1]
        with Journal(journal_file) as journal:
            journal.add(tasks[1], outcome)
        assert None not in recalled(journal_file, tasks)


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"version": 1, "key": {}, "comparison": 3}',
        b'{"version": 99, "key": {}, "comparison": {}}',
        b"",
    ],
)
def test_lines_of_another_kind_are_skipped(journal_file, tasks, line):
    journal_file.write_bytes(line + b"\n" + journal_file.read_bytes() + line)
    assert None not in recalled(journal_file, tasks)


def test_an_entry_with_damaged_values_is_measured_again(journal_file, tasks):
    text = journal_file.read_text(encoding="ascii")
    for old, new in (('"dice":', '"dyce":'), ('"sizes":[', '"sizes":["x",'), ('"measured_ns":', '"when":')):
        journal_file.write_text(text.replace(old, new), encoding="ascii")
        assert recalled(journal_file, tasks) == [None, None]


def test_a_journal_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "journal").mkdir()
    with pytest.raises(OutputError, match="journal"):
        Journal(tmp_path / "journal")
