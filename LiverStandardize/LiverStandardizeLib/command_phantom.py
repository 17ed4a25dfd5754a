"""``livercnn phantom --verify``: measure the CT simulation and print each figure beside its reference."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from LiverStandardizeLib.simulation.checks import Check

SUMMARY = "measure the CT simulation and compare with reference values (--verify)"

Progress = Callable[[float, str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments. Phantoms themselves are not made by this command yet."""
    parser.add_argument(
        "--verify",
        action="store_true",
        required=True,
        help="print attenuation, CT numbers, noise and sharpness of both engines beside their references; "
        "exit code 1 if any is out of its range; some 20 CPU seconds",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, progress: Progress | None) -> int:
    """0 if all figures lie in their ranges, else 1."""
    from LiverStandardizeLib.simulation.checks import run_checks

    checks = run_checks(progress)
    failed = [check for check in checks if not check.passed]
    if args.json:
        print(json.dumps([check.to_dict() for check in checks], indent=2, ensure_ascii=False))
    else:
        for line in _table(checks):
            print(line)
        print(f"\n{len(checks) - len(failed)} of {len(checks)} in their range.")
    return 1 if failed else 0


def _table(checks: Sequence[Check]) -> list[str]:
    heads = ("", "engine", "measured", "should be", "reference", "")
    rows = [
        (
            check.subject,
            check.engine,
            f"{check.measured:.2f} {check.unit}".rstrip(),
            f"{check.lowest:g} to {check.highest:g}",
            check.reference,
            "ok" if check.passed else "OUT OF RANGE",
        )
        for check in checks
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in (heads, *rows)
    ]
