"""What the section Report says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from LiverCoreLib.extras import missing_packages
from LiverCoreScene import progress_text
from LiverMetricsLib.cohort.table import Table
from LiverMetricsLib.cohort_results import CohortResults
from LiverMetricsLib.report.table_view import table_view
from LiverMetricsLib.report.writing import PACKAGES

from .report_input import Found


def corrections() -> list:
    """Keys, texts and tooltips of the corrections of p values."""
    return [
        ("holm", _("Holm"), _("Step-down; never less powerful than Bonferroni's")),
        ("bonferroni", _("Bonferroni"), _("p times the number of comparisons")),
    ]


def methods(found: Found | None) -> list:
    """Keys and texts of the methods whose volumes may be the reference."""
    names = found.methods if found is not None else ()
    return [("", _("Automatic")), *((name, name) for name in names)]


def collection() -> str:
    """What collecting does."""
    return _("Put the rows of all comparisons of the scene into one table, and choose it")


def found(there: Found | None) -> str:
    """What a table holds, in a line."""
    if there is None or there.reason:
        return ""
    text = _("{rows} rows, {cases} cases").format(rows=there.n_rows, cases=there.n_cases)
    return text + (_("; methods: {names}").format(names=", ".join(there.methods)) if there.methods else "")


def known_stages() -> dict:
    """What the worker says it does, in the user's language; figures are named as in the report."""
    return {
        "handing over the input": _("Handing over the table"),
        "starting the worker": _("Starting the worker"),
        "reading the table": _("Reading the table"),
        "analysing": _("Analysing"),
        "preparing tables and plots": _("Preparing tables and plots"),
        "writing the tables": _("Writing the tables"),
        "Page": _("Writing the page"),
        "Done": _("Finishing"),
        "done": _("Finishing"),
        "taking over the result": _("Taking over the results"),
    }


def progress(work: Any) -> str:
    """What is being done, and how long it is going to take."""
    return progress_text.progress(known_stages().get(work.message, work.message), work.seconds_left())


def ending(run: Any) -> str:
    """How a run ended."""
    if run.error is not None:
        return str(run.error)
    outcome = run.outcome
    if outcome.page is not None:
        return _("Written: {path}, with tables and figures beside it.").format(path=outcome.page)
    if outcome.tables is not None:
        return _("Written: {count} tables in {folder}.").format(
            count=len(outcome.results.tables), folder=outcome.tables
        )
    return _("Done: {tables} tables and {charts} plots.").format(
        tables=len(outcome.results.tables), charts=len(outcome.results.charts)
    )


def summary(results: CohortResults, is_old: bool = False) -> str:
    """What was analysed, and what a reader must know. is_old: the table is another one by now."""
    text = _("{source}: {rows} rows, {cases} cases.").format(
        source=os.path.basename(results.source), rows=results.n_rows, cases=results.n_cases
    )
    old = _("The table above is another one, or was changed, since this was analysed; analyse again.")
    return "\n".join([text, *([old] if is_old else []), *results.warnings])


def why_no_folder(folder: str) -> str:
    """Why nothing can be written into a folder; empty if it can, as far as one sees without trying."""
    if not folder:
        return _("Choose a folder for tables and report.")
    place = Path(folder)
    if not place.is_absolute():
        return _("{folder} is no full path; choose a folder.").format(folder=folder)
    there = next(parent for parent in (place, *place.parents) if parent.exists())
    if not there.is_dir():
        return _("{path} is a file, not a folder; choose another folder.").format(path=there)
    if not os.access(there, os.W_OK | os.X_OK):
        return _("The folder {folder} does not allow writing; choose another one.").format(folder=there)
    return ""


def why_no_report() -> str:
    """Why there can be tables and plots here, but no report; empty if there can be one."""
    missing = missing_packages(PACKAGES)
    if not missing:
        return ""
    return _(
        "The report needs {packages}; install them in Liver Set-up. Tables and plots work without."
    ).format(packages=_(" and ").join(missing))


def table_note(table: Table) -> str:
    """What is in a table, what all its rows have in common, and what a reader must know."""
    constants = table_view(table, 1).constants
    alike = _("All rows: {columns}.").format(columns=constants) if constants else ""
    return "\n".join(filter(None, (table.caption, alike, *table.notes)))


def first_chart(results: CohortResults) -> str:
    """ID of the chart to begin with: agreement of volumes, else the first; empty if there is none."""
    charts = [chart.id for chart in results.charts]
    return next((key for key in charts if key.startswith("bland-altman")), charts[0] if charts else "")
