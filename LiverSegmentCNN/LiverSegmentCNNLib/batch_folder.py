"""Segmenting every scan of a folder into another folder: masks, reports, and a table of outcomes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from LiverCoreLib.case_queue import Case, CaseRun
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import Job, JobCallbacks, JobState
from LiverCoreLib.output import OutputError, atomic_path, check_output

from .batch import Batch, CaseOutcome
from .earlier import earlier_outcome
from .folder_scans import FolderScan, find_scans
from .job import SegmentRequest
from .options import SegmentOptions

TABLE_FILE = "livercnn-batch.csv"
COLUMNS = (
    "case",
    "status",
    "volume_ml",
    "removed_ml",
    "seconds",
    "mask",
    "warnings",
    "error_id",
    "error",
)


class FolderBatch(Batch):
    """The scans of a folder under way. They are looked for in a thread: until then ``total`` is 0.

    Each gives ``NAME.seg.nrrd`` and ``NAME.json`` in the output folder, both or none; the table
    ``livercnn-batch.csv`` there is written anew whenever a scan is over.

    Args:
        folder: Holds scans, in its subfolders too: image files, DICOM series.
        output_folder: Exists.
        options: How to segment.
        queue: Runs the workers.
        redo: Segment again what has a mask in the output folder; otherwise it is skipped.

    Attributes:
        error: LiverCNNError that ended the whole before it began, or None.
        table_problem: Why the table could not be written the last time; empty if it was.
    """

    def __init__(
        self,
        folder: Path,
        output_folder: Path,
        options: SegmentOptions,
        queue: JobQueue,
        *,
        redo: bool = False,
    ) -> None:
        super().__init__(())
        self.error: LiverCNNError | None = None
        self.table_problem = ""
        self._output, self._options, self._queue, self._redo = output_folder, options, queue, redo
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-batch")
        self._finding: Future[list[Case]] | None = self._files.submit(self._find, folder)
        self._writing: Future[None] | None = None
        self._written = 0

    @property
    def table(self) -> Path:
        """The table of outcomes."""
        return self._output / TABLE_FILE

    @property
    def finished(self) -> bool:
        """Whether all cases are over and in the table."""
        if self._finding is not None:
            return False
        return super().finished and self._writing is None and self._written == self.total

    @property
    def message(self) -> str:
        """With what."""
        return "looking for scans" if self._finding is not None else super().message

    @property
    def fraction(self) -> float:
        """How far the whole is, 0 to 1."""
        return 0.0 if self._finding is not None else super().fraction

    def poll(self) -> bool:
        """See what has happened, without waiting, and start the next case. Returns whether all are over."""
        if self._finding is not None:
            if not self._finding.done():
                return False
            self._take_cases(self._finding)
        while not super().finished and self._advance():
            pass
        self._keep_table()
        if self.finished:
            self._files.shutdown()  # idle
        return self.finished

    def wait(self, progress: Callable[[float, str], None] | None = None) -> list[CaseOutcome]:
        """As ``Batch.wait``; raises the error if there is one."""
        outcomes = super().wait(progress)
        if self.error is not None:
            raise self.error
        return outcomes

    def _find(self, folder: Path) -> list[Case]:
        check_output(self.table)
        scans = find_scans(folder, self._stop_finding)
        return [Case(scan.name, self._starter(scan, self._existing(scan))) for scan in scans]

    def _stop_finding(self) -> None:
        if self._cancelled:
            raise Cancelled()

    def _take_cases(self, finding: Future[list[Case]]) -> None:
        self._finding = None
        error = finding.exception()
        if isinstance(error, LiverCNNError):
            self.error = error
        elif error is not None:
            raise error
        else:
            self._cases = tuple(finding.result())

    def _existing(self, scan: FolderScan) -> CaseOutcome | None:
        """What was found earlier, if it is to stay."""
        return None if self._redo else earlier_outcome(scan.name, *self._outputs(scan))

    def _outputs(self, scan: FolderScan) -> tuple[Path, Path]:
        return self._output / f"{scan.name}.seg.nrrd", self._output / f"{scan.name}.json"

    def _starter(
        self, scan: FolderScan, existing: CaseOutcome | None
    ) -> Callable[[], CaseRun | CaseOutcome]:
        def start() -> CaseRun | CaseOutcome:
            if existing is not None:
                return existing
            if scan.problem is not None:
                raise scan.problem
            mask, report = self._outputs(scan)
            request = SegmentRequest(
                **asdict(self._options),
                input=str(scan.path),
                series=scan.series,
                output=str(mask),
                report=str(report),
            )
            return _FileRun(scan.name, request, self._queue)

        return start

    def _keep_table(self) -> None:
        """Have the table written if there is something new, in the thread."""
        if self._writing is not None:
            if not self._writing.done():
                return
            problem = self._writing.exception()
            if problem is not None and not isinstance(problem, OutputError):
                raise problem
            self.table_problem = "" if problem is None else str(problem)
            self._writing = None
        if len(self.outcomes) > self._written:
            self._written = len(self.outcomes)
            self._writing = self._files.submit(write_table, self.table, tuple(self.outcomes))


class _FileRun:
    """One scan in the worker."""

    def __init__(self, name: str, request: SegmentRequest, queue: JobQueue) -> None:
        self.fraction, self.message = 0.0, "starting the worker"
        self._name, self._mask, self._queue = name, request.output, queue
        callbacks = JobCallbacks(progress=self._report_progress)
        self._job: Job = queue.submit("segment", asdict(request), callbacks)

    def poll(self) -> bool:
        self._queue.poll()
        return self._job.finished

    def cancel(self) -> None:
        self._job.cancel()

    def result(self) -> CaseOutcome:
        if self._job.state is not JobState.DONE:
            assert self._job.error is not None
            raise self._job.error
        report = self._job.result
        assert report is not None
        return CaseOutcome.segmented(self._name, report, report["timings_s"]["total"], self._mask)

    def _report_progress(self, fraction: float, message: str) -> None:
        self.fraction, self.message = fraction, message


def write_table(path: Path, outcomes: Sequence[CaseOutcome]) -> None:
    """Write outcomes as CSV, whole or not at all; numbers have all their digits, an empty cell is missing.

    Raises:
        OutputError: If the file cannot be written.
    """
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for outcome in outcomes:
            writer.writerow([_cell(getattr(outcome, name)) for name in COLUMNS])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, tuple) else str(value)
