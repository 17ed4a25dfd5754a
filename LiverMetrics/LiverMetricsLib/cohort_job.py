"""A table of measured masks into results: what the command and the background worker both run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from LiverCoreLib.errors import LiverCNNError

if TYPE_CHECKING:
    from .cohort.results import Analysis
    from .cohort.rows import Cohort

Progress = Callable[[float, str], None]


class CohortRequestError(LiverCNNError):
    """A request whose parts do not go together."""

    id = "bad-request"


@dataclass(frozen=True)
class CohortRequest:
    """What to analyse and where results go; see ``analyse`` for the options.

    table: CSV file. folder: receives the tables as CSV; None writes none. report: also figures and
    report.html, in the same folder. rows: JSON file in the place of a table, an object with ``source`` (what
    to call the rows) and ``rows`` (a list of objects, column to value). results: file that receives
    CohortResults as JSON, or None.
    """

    table: str | None = None
    rows: str | None = None
    folder: str | None = None
    report: bool = False
    reference_method: str | None = None
    confidence: float = 0.95
    correction: str = "holm"
    results: str | None = None

    @classmethod
    def from_dict(cls, arguments: Mapping[str, Any]) -> CohortRequest:
        """A request from plain data. Raises CohortRequestError for an unknown name, or none or two inputs."""
        unknown = sorted(set(arguments) - {field.name for field in fields(cls)})
        inputs = [name for name in ("table", "rows") if arguments.get(name) is not None]
        if unknown or len(inputs) != 1:
            raise CohortRequestError(
                f"The cohort request has unknown parts {unknown or 'none'} and inputs {inputs or 'none'}; it "
                "takes one input.",
                unknown=unknown,
            )
        return cls(**arguments)


@dataclass(frozen=True)
class CohortRun:
    """What came of a request. tables: folder of the CSV files, or None. page: report.html, or None."""

    cohort: Cohort
    analysis: Analysis
    tables: Path | None
    page: Path | None


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Entry point of the background worker: ``arguments`` are the fields of a CohortRequest.

    Returns:
        ``tables`` and ``page``: what was written, as text or None. The results are in the file that
        ``arguments["results"]`` names.
    """
    del temporary_folder
    outcome = analyse_table(CohortRequest.from_dict(arguments), progress)
    return {
        name: None if path is None else str(path)
        for name, path in (("tables", outcome.tables), ("page", outcome.page))
    }


def analyse_table(request: CohortRequest, progress: Progress) -> CohortRun:
    """Read, analyse, write.

    Raises:
        CohortError, InvalidSample, MissingPackage, OutputError or Cancelled.
    """
    from .cohort.assembly import analyse
    from .cohort.writing import FOLDER, write_tables

    if request.folder is not None and request.table is not None:
        _refuse_own_tables(Path(request.table), Path(request.folder) / FOLDER)
    if request.report:
        _require_report_packages()
    progress(0.0, "reading the table")
    cohort = _read(request)
    progress(0.1, "analysing")
    analysis = analyse(
        cohort,
        reference_method=request.reference_method,
        confidence=request.confidence,
        correction=request.correction,
    )
    if request.results is not None:
        from .cohort_results import CohortResults

        progress(0.35, "preparing tables and plots")
        Path(request.results).write_text(CohortResults.of(analysis).to_json(), encoding="ascii")
    tables = page = None
    if request.folder is not None:
        progress(0.4, "writing the tables")
        write_tables(analysis, Path(request.folder))
        tables = Path(request.folder) / FOLDER
        if request.report:
            from .report import write_report

            page = write_report(
                cohort,
                analysis,
                request.folder,
                progress=lambda share, message: progress(0.5 + 0.5 * share, message),
            )
    progress(1.0, "done")
    return CohortRun(cohort, analysis, tables, page)


def _read(request: CohortRequest) -> Cohort:
    from .cohort.reading import cohort_from_rows, read_cohort

    if request.table is not None:
        return read_cohort(request.table)
    given = json.loads(Path(request.rows or "").read_text(encoding="utf-8"))
    return cohort_from_rows(given["rows"], given["source"])


def _refuse_own_tables(table: Path, results: Path) -> None:
    """The tables of an earlier run are replaced or removed: none of them can be the input.

    Raises:
        CohortError: If the table lies where the results go.
    """
    from .cohort.cohort_error import CohortError

    if table.resolve().parent == results.resolve():
        raise CohortError(
            f"{table} lies in {results}, where results go; move it or choose another folder for the results.",
            id="same-file",
        )


def _require_report_packages() -> None:
    """Refuse before the work what could not be finished.

    Raises:
        MissingPackage: If the extra ``report`` is not installed.
    """
    from LiverCoreLib.extras import require_extra

    from .report.writing import PACKAGES

    require_extra("A report with figures", "report", PACKAGES, ", or ask for the tables alone (--no-report)")
