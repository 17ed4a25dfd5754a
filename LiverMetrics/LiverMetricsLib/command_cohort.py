"""``livercnn cohort``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

SUMMARY = "tables, figures and a report from a table of measured masks"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "table",
        metavar="TABLE.csv",
        help="one row a measured mask; columns case, observer, method, protocol, stage, reference, regions, "
        "and measures such as dice, volume_test_ml, time_s and score; only case and one measure are required",
    )
    parser.add_argument(
        "--out",
        default="livercnn-cohort",
        metavar="DIR",
        help="folder for the results (default: livercnn-cohort)",
    )
    parser.add_argument("--no-report", action="store_true", help="tables only, no figures and no report.html")
    parser.add_argument(
        "--reference-method",
        metavar="NAME",
        help="method whose volumes are the reference (default: the column volume_reference_ml, else the "
        "method 'manual')",
    )
    parser.add_argument(
        "--confidence", type=float, default=0.95, metavar="SHARE", help="level of intervals (default: 0.95)"
    )
    parser.add_argument(
        "--correction",
        choices=["holm", "bonferroni"],
        default="holm",
        help="of p values where several comparisons are made (default: holm)",
    )


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """Write tables and report and name them. Raises LiverCNNError for what a user can mend."""
    from .cohort.assembly import analyse
    from .cohort.reading import read_cohort
    from .cohort.writing import FOLDER, write_tables

    report = progress or (lambda fraction, message: None)
    folder = Path(args.out)
    _refuse_own_tables(Path(args.table), folder / FOLDER)
    if not args.no_report:
        _require_report_packages()
    report(0.0, "reading the table")
    cohort = read_cohort(args.table)
    report(0.1, "analysing")
    analysis = analyse(
        cohort,
        reference_method=args.reference_method,
        confidence=args.confidence,
        correction=args.correction,
    )
    report(0.4, "writing the tables")
    write_tables(analysis, folder)
    print(f"{args.table}: {len(cohort.rows)} rows, {len(cohort.cases)} cases.")
    for warning in analysis.warnings:
        print(f"Warning: {warning}")
    print(f"Tables written into {folder / FOLDER}: {len(analysis.tables)}.")
    if args.no_report:
        print("No figures and no report.html, as asked (--no-report).")
    else:
        from .report import write_report

        page = write_report(
            cohort, analysis, folder, progress=lambda share, message: report(0.5 + 0.5 * share, message)
        )
        print(f"Wrote {page} and its figures.")
    report(1.0, "done")
    return 0


def _refuse_own_tables(table: Path, results: Path) -> None:
    """The tables of an earlier run are replaced or removed: none of them can be the input.

    Raises:
        CohortError: If the table lies where the results go.
    """
    from .cohort.cohort_error import CohortError

    if table.resolve().parent == results.resolve():
        raise CohortError(
            f"{table} lies in {results}, where results go; move it or choose another folder with --out.",
            id="same-file",
        )


def _require_report_packages() -> None:
    """Refuse before the work what could not be finished.

    Raises:
        MissingPackage: If the extra ``report`` is not installed.
    """
    from LiverCoreLib.extras import require_extra

    from .report.writing import PACKAGES

    require_extra("A report with figures", "report", PACKAGES, ", or leave it out with --no-report")
