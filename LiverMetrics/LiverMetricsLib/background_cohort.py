"""Analysing a cohort from a program that must not wait: a window, above all.

The statistics run in a worker process; the program polls from a timer::

    work = start_cohort(JobRunner(), CohortRequest(table="/data/cohort.csv"))
    while not work.poll():
        ...
    results = work.outcome().results
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from LiverCoreLib.background_work import BackgroundWork
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreLib.output import OutputError

from .cohort_job import CohortRequest
from .cohort_results import CohortResults

_ROWS, _RESULTS = "rows.json", "results.json"

Rows = Callable[[], "list[dict[str, object]]"]


@dataclass(frozen=True)
class CohortOutcome:
    """What came of it. text: the results as JSON, to be kept. tables: folder of CSV files, or None. page:
    the report, or None.
    """

    results: CohortResults
    text: str
    tables: Path | None
    page: Path | None


def start_cohort(
    runner: JobRunner,
    request: CohortRequest,
    rows: Rows | None = None,
    source: str = "rows",
    folder: Path | None = None,
) -> BackgroundWork:
    """Start an analysis; the outcome is a CohortOutcome.

    Args:
        runner: Starts the worker.
        request: What to analyse and where tables and report go; ``results`` is seen to.
        rows: Gives rows (column to value) in the place of a table; called in a thread, once.
        source: What to call those rows in messages.
        folder: Where the temporary folder is made; None is the system's.
    """

    def write(place: Path) -> Mapping[str, Any]:
        given = request
        if rows is not None:
            given = replace(request, rows=str(place / _ROWS))
            _write_rows(place / _ROWS, source, rows())
        return asdict(replace(given, results=str(place / _RESULTS)))

    return BackgroundWork("cohort", write, _read, JobQueue(runner), folder)


def _write_rows(path: Path, source: str, rows: list[dict[str, object]]) -> None:
    """Hand rows over in a file; NaN, which JSON itself lacks, is written in Python's own way."""
    try:
        path.write_text(json.dumps({"source": source, "rows": rows}), encoding="ascii")
    except OSError as error:
        raise OutputError(
            f"The table could not be handed over through {path.parent}; check the free space of that disk.",
            id="write-failed",
            path=str(path),
        ) from error


def _read(place: Path, written: dict[str, Any]) -> CohortOutcome:
    text = (place / _RESULTS).read_text(encoding="ascii")
    tables, page = (Path(written[name]) if written[name] else None for name in ("tables", "page"))
    return CohortOutcome(CohortResults.from_json(text), text, tables, page)
