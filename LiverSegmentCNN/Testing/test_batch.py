"""Batches: order, outcomes, cancellation, what is found in a folder, what is left there."""

from __future__ import annotations

import csv
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from bundle_factory import write_bright_bundle
from dicom_writing import STUDY, write_series
from synthetic_ct import abdomen

import livercnn
from LiverCoreLib.case_queue import Case
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreLib.masks import read_mask
from LiverSegmentCNNLib.batch import Batch, CaseOutcome
from LiverSegmentCNNLib.batch_folder import TABLE_FILE, FolderBatch
from LiverSegmentCNNLib.folder_scans import NoScans, find_scans
from LiverSegmentCNNLib.options import SegmentOptions


class Steps:
    """A run that takes so many polls, then gives an outcome or raises."""

    def __init__(self, name: str, polls: int, error: LiverCNNError | None = None) -> None:
        self.fraction, self.message = 0.0, "working"
        self.name, self.polls, self.left, self.error = name, polls, polls, error

    def poll(self) -> bool:
        self.left -= 1
        self.fraction = 1 - max(0, self.left) / self.polls
        return self.left <= 0

    def cancel(self) -> None:
        self.left, self.error = 0, Cancelled()

    def result(self) -> CaseOutcome:
        if self.error is not None:
            raise self.error
        return CaseOutcome(self.name, "done", volume_ml=1.0)


def case(name: str, polls: int = 2, error: LiverCNNError | None = None) -> Case:
    return Case(name, lambda: Steps(name, polls, error))


def refuse() -> Steps:
    raise LiverCNNError("There is no such scan.", id="file-not-found")


def statuses(batch: Batch) -> list[tuple[str, str]]:
    return [(one.case, one.status) for one in batch.outcomes]


def test_a_bad_case_does_not_stop_the_rest() -> None:
    bad = LiverCNNError("It is damaged.", id="damaged-file")
    there = CaseOutcome("there", "skipped")
    cases = [case("a"), case("bad", error=bad), Case("gone", refuse), Case("there", lambda: there), case("z")]
    seen = []
    Batch(cases).wait(lambda fraction, message: seen.append((fraction, message)))
    batch = Batch(cases)
    assert [one.status for one in batch.wait()] == ["done", "failed", "failed", "skipped", "done"]
    assert (batch.outcomes[1].error_id, batch.outcomes[1].error) == ("damaged-file", "It is damaged.")
    assert [fraction for fraction, _message in seen] == sorted(fraction for fraction, _message in seen)
    assert (batch.fraction, seen[0][1]) == (1.0, "1 of 5, a: working")
    assert Batch([]).wait() == []


def test_a_cancellation_keeps_what_is_finished() -> None:
    batch = Batch([case("a"), case("b", polls=50), case("c")])
    while len(batch.outcomes) < 1 or batch.current is None:
        batch.poll()
    batch.cancel()
    assert batch.poll()
    assert statuses(batch) == [("a", "done"), ("b", "cancelled"), ("c", "not-run")]


def test_an_interruption_while_waiting_cancels_and_goes_on_to_the_caller() -> None:
    def interrupt(fraction: float, message: str) -> None:
        raise KeyboardInterrupt

    batch = Batch([case("a", polls=50), case("b")])
    with pytest.raises(KeyboardInterrupt):
        batch.wait(interrupt)
    assert statuses(batch) == [("a", "cancelled"), ("b", "not-run")]


def image(shape: tuple[int, int, int] = (4, 5, 6)) -> sitk.Image:
    return sitk.GetImageFromArray(np.zeros(shape, np.int16))


def test_scans_are_found_and_named_by_their_place(tmp_path: Path) -> None:
    for name in ("a.nii.gz", "a.nrrd", "old.seg.nrrd", "deep/er/b.mha", ".hidden/c.mha"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(image(), str(tmp_path / name))
    for name in ("notes.txt", "deep/report.json", "empty.dcm"):
        (tmp_path / name).write_text("no image")
    write_series(tmp_path / "p1" / "s", number=7)
    for number in (2, 3):
        write_series(tmp_path / "p2", number=number)
    write_series(tmp_path / "p2", number=1, heights=(0.0,))  # a single picture is no scan
    scans = find_scans(tmp_path)
    found = {scan.name: (scan.path.relative_to(tmp_path).as_posix(), scan.series) for scan in scans}
    assert found == {
        "a.nii.gz": ("a.nii.gz", None),
        "a.nrrd": ("a.nrrd", None),
        "deep_er_b": ("deep/er/b.mha", None),
        "p1_s": ("p1/s", f"{STUDY}.7"),
        "p2_2": ("p2", f"{STUDY}.2"),
        "p2_3": ("p2", f"{STUDY}.3"),
    }


def test_a_folder_without_scans_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoScans):
            find_scans(folder)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> SegmentOptions:
    folder = tmp_path_factory.mktemp("models") / "bright-ct"
    write_bright_bundle(folder, spacing_mm=[4.0, 4.0, 4.0])
    return SegmentOptions(str(folder), device="cpu", threads=1)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two scans, a damaged one, an MR-like one, and what is no scan; and a place for results."""
    scans, results = tmp_path / "scans", tmp_path / "results"
    scans.mkdir()
    results.mkdir()
    sitk.WriteImage(abdomen((60, 50, 30), (5.0, 5.0, 5.0)), str(scans / "a.nii.gz"))
    sitk.WriteImage(abdomen((56, 50, 30), (5.0, 5.0, 5.0)), str(scans / "b.mha"))
    (scans / "damaged.nii.gz").write_bytes((scans / "a.nii.gz").read_bytes()[:4000])
    (scans / "notes.txt").write_text("no image")
    return scans, results


def batch_of(folders: tuple[Path, Path], options: SegmentOptions, **more: Any) -> FolderBatch:
    return FolderBatch(*folders, options, JobQueue(JobRunner()), **more)


def rows(results: Path) -> list[dict[str, str]]:
    with open(results / TABLE_FILE, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_a_folder_gives_masks_reports_and_a_table(folders: Any, options: SegmentOptions) -> None:
    _scans, results = folders
    batch = batch_of(folders, options)
    batch.wait()
    assert statuses(batch) == [("a", "done"), ("b", "done"), ("damaged", "failed")]
    names = ["a.json", "a.seg.nrrd", "b.json", "b.seg.nrrd", TABLE_FILE]
    assert sorted(path.name for path in results.iterdir()) == names
    report = json.loads((results / "a.json").read_text())
    voxels = np.count_nonzero(sitk.GetArrayFromImage(read_mask(results / "a.seg.nrrd")))
    assert voxels * 0.125 == pytest.approx(report["volume_ml"])
    table = rows(results)
    assert [(row["case"], row["status"]) for row in table] == statuses(batch)
    assert float(table[0]["volume_ml"]) == report["volume_ml"]
    assert table[2]["error_id"] == "damaged-file"
    assert table[0]["mask"] == str(results / "a.seg.nrrd")

    before = (results / "a.seg.nrrd").stat().st_mtime_ns
    (results / "b.json").write_text("{torn")
    again = batch_of(folders, options)
    began = time.monotonic()
    again.wait()
    assert statuses(again) == [("a", "skipped"), ("b", "skipped"), ("damaged", "failed")]
    assert (again.outcomes[0].volume_ml, again.outcomes[1].volume_ml) == (report["volume_ml"], None)
    assert time.monotonic() - began < 30
    anew = batch_of(folders, options, redo=True)
    while not anew.outcomes:
        anew.poll()
        time.sleep(0.01)
    anew.cancel()
    anew.wait()
    assert statuses(anew)[0] == ("a", "done")
    assert (results / "a.seg.nrrd").stat().st_mtime_ns > before
    assert {status for _name, status in statuses(anew)[1:]} <= {"cancelled", "not-run"}
    assert [row["status"] for row in rows(results)] == [status for _name, status in statuses(anew)]
    assert not [path for path in results.iterdir() if path.name.startswith(".")]


def test_what_cannot_begin_is_an_error(folders: Any, options: SegmentOptions, tmp_path: Path) -> None:
    scans, results = folders
    expected = {
        (scans, tmp_path / "nowhere"): "no-such-folder",
        (tmp_path / "nowhere", results): "no-scans",
        (results, results): "no-scans",
    }
    for where, error_id in expected.items():
        with pytest.raises(LiverCNNError) as caught:
            batch_of(where, options).wait()
        assert caught.value.id == error_id
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        results.chmod(0o500)
        with pytest.raises(LiverCNNError) as caught:
            batch_of(folders, options).wait()
        results.chmod(0o700)
        assert caught.value.id == "folder-not-writable"


def test_a_table_that_cannot_be_written_does_not_stop_the_batch(
    folders: Any, options: SegmentOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverCoreLib.output import OutputError
    from LiverSegmentCNNLib import batch_folder

    def refuse_table(path: Path, outcomes: Any) -> None:
        raise OutputError("The table is open in another program; close it.", id="write-failed")

    monkeypatch.setattr(batch_folder, "write_table", refuse_table)
    only_damaged = tmp_path / "damaged"
    only_damaged.mkdir()
    (folders[0] / "damaged.nii.gz").rename(only_damaged / "damaged.nii.gz")
    batch = FolderBatch(only_damaged, folders[1], options, JobQueue(JobRunner()))
    assert [one.status for one in batch.wait()] == ["failed"]
    assert batch.table_problem.startswith("The table is open")


@pytest.mark.slow
def test_the_command_segments_a_folder(
    folders: Any, options: SegmentOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    scans, results = folders
    (scans / "b.mha").unlink()
    arguments = ["segment-folder", str(scans), str(results), "--model", str(options.model), "--threads", "1"]
    assert livercnn.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "2 scans: 1 segmented, 0 without a liver, 0 skipped, 1 failed." in printed
    assert "Failed: damaged: " in printed
    (scans / "a.nii.gz").unlink()
    assert livercnn.main(arguments) == 2
    assert "[nothing-segmented]" in capsys.readouterr().err
