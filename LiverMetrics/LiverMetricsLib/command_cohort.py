"""``livercnn cohort``."""

from __future__ import annotations

import argparse
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
    from .cohort_job import CohortRequest, analyse_table

    request = CohortRequest(
        table=args.table,
        folder=args.out,
        report=not args.no_report,
        reference_method=args.reference_method,
        confidence=args.confidence,
        correction=args.correction,
    )
    outcome = analyse_table(request, progress or (lambda fraction, message: None))
    print(f"{args.table}: {len(outcome.cohort.rows)} rows, {len(outcome.cohort.cases)} cases.")
    for warning in outcome.analysis.warnings:
        print(f"Warning: {warning}")
    print(f"Tables written into {outcome.tables}: {len(outcome.analysis.tables)}.")
    if outcome.page is None:
        print("No figures and no report.html, as asked (--no-report).")
    else:
        print(f"Wrote {outcome.page} and its figures.")
    return 0
