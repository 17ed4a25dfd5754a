"""Analysing a cohort from a program that must not wait: a window, above all.

Rows are written and results are read in a thread, the statistics run in a worker process; the program polls
from a timer::

    analysis = BackgroundCohort(JobRunner(), CohortRequest(table="/data/cohort.csv"))
    while not analysis.poll():
        ...
    results = analysis.outcome().results
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_errors import reported_error
from LiverCoreLib.jobs import Job, JobCallbacks, JobRunner, JobState

from .cohort_job import CohortRequest
from .cohort_results import CohortResults

_WRITTEN, _ANALYSED = 0.05, 0.95  # fractions of the whole at which the stages end
_WAIT_S = 0.02

Rows = Callable[[], "list[Mapping[str, object]]"]


@dataclass(frozen=True)
class BackgroundOutcome:
    """What came of it. text: the results as JSON, to be kept. tables: folder of CSV files, or None. page:
    the report, or None.
    """

    results: CohortResults
    text: str
    tables: Path | None
    page: Path | None


class BackgroundCohort:
    """One analysis under way. It starts when it is made; its temporary files go with its end.

    Args:
        runner: Starts the worker.
        request: What to analyse and where tables and report go; without ``rows`` and ``results``, which this
            class sees to.
        rows: Gives the rows in the place of a table; called in a thread, once.
        source: What to call the rows in messages.
        folder: Where its temporary folder is made; None is the system's.

    Attributes:
        fraction, message: How far it is, 0 to 1, and with what.
    """

    def __init__(
        self,
        runner: JobRunner,
        request: CohortRequest,
        rows: Rows | None = None,
        source: str = "rows",
        folder: Path | None = None,
    ) -> None:
        self.fraction, self.message = 0.0, "handing over the table"
        self._runner = runner
        self._cancelled = False
        self._job: Job | None = None
        self._outcome: BackgroundOutcome | None = None
        self._error: LiverCNNError | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="livercnn-cohort-", dir=folder))
        given = None if rows is None else str(self._folder / "rows.json")
        self._request = replace(request, rows=given, results=str(self._folder / "results.json"))
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-cohort")
        self._reading: Future[tuple[CohortResults, str]] | None = None
        self._writing = self._files.submit(_write_rows, rows, source, given)

    @property
    def finished(self) -> bool:
        """Whether there is an outcome or an error."""
        return self._outcome is not None or self._error is not None

    def cancel(self) -> None:
        """Stop; it is finished, with Cancelled, at a later poll (within 2 s)."""
        self._cancelled = True
        if self._job is not None:
            self._job.cancel()

    def poll(self) -> bool:
        """See what has happened, without waiting. Returns whether it is finished."""
        if not self.finished:
            try:
                self._advance()
            except LiverCNNError as error:
                self._end(error=error)
        return self.finished

    def outcome(self) -> BackgroundOutcome:
        """What came of it, once finished; raises the error (LiverCNNError, Cancelled) if nothing did."""
        if self._error is not None:
            raise self._error
        if self._outcome is None:
            raise RuntimeError("The analysis is not finished.")
        return self._outcome

    def wait(self) -> BackgroundOutcome:
        """Wait for the end and give the outcome; an interruption (Ctrl+C) cancels."""
        try:
            while not self.poll():
                time.sleep(_WAIT_S)
        except BaseException:
            self.cancel()
            while not self.poll():
                time.sleep(_WAIT_S)
            raise
        return self.outcome()

    def _advance(self) -> None:
        """Take the next step if the present one is over."""
        if self._job is None:
            if self._writing.done():
                self._take(self._writing)
                self._report_progress(0.0, "starting the worker")
                arguments = asdict(self._request)
                self._job = self._runner.start(
                    "cohort", arguments, JobCallbacks(progress=self._report_progress)
                )
        elif self._reading is None:
            if self._job.poll():
                self._start_reading(self._job)
        elif self._reading.done():
            results, text = self._take(self._reading)
            written = self._job.result or {}
            tables, page = (Path(written[name]) if written[name] else None for name in ("tables", "page"))
            self._end(BackgroundOutcome(results, text, tables, page))

    def _take(self, future: Future[Any]) -> Any:
        """A thread's result; its error as one of ours. Raises Cancelled if it was waited for in vain."""
        if self._cancelled:
            raise Cancelled()
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, LiverCNNError):
            raise error
        from LiverCoreLib.worker import describe_error

        raise reported_error(describe_error(error)) from error

    def _report_progress(self, fraction: float, message: str) -> None:
        self.fraction, self.message = _WRITTEN + (_ANALYSED - _WRITTEN) * fraction, message

    def _start_reading(self, job: Job) -> None:
        if self._cancelled:
            raise Cancelled()
        if job.state is not JobState.DONE:
            assert job.error is not None
            raise job.error
        self.fraction, self.message = _ANALYSED, "taking over the results"
        self._reading = self._files.submit(_read_results, Path(self._request.results or ""))

    def _end(self, outcome: BackgroundOutcome | None = None, error: LiverCNNError | None = None) -> None:
        self._files.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)
        self.fraction = 1.0 if error is None else self.fraction
        self._outcome, self._error = outcome, error


def _write_rows(rows: Rows | None, source: str, path: str | None) -> None:
    """Hand the rows over in a file; NaN, which JSON itself lacks, is written in Python's own way."""
    from LiverCoreLib.output import OutputError

    if rows is None or path is None:
        return
    text = json.dumps({"source": source, "rows": rows()})
    try:
        Path(path).write_text(text, encoding="ascii")
    except OSError as error:
        raise OutputError(
            f"The table could not be handed over through {Path(path).parent}; check the free space of that "
            "disk.",
            id="write-failed",
            path=path,
        ) from error


def _read_results(path: Path) -> tuple[CohortResults, str]:
    text = path.read_text(encoding="ascii")
    return CohortResults.from_json(text), text
