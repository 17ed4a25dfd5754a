"""Checks of the simulation as a command prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .simulation.checks import Check


def print_checks(checks: Sequence[Check], *, as_json: bool) -> int:
    """A line for each beside its range and reference, or JSON; returns the exit code, 1 if any is outside."""
    failed = [check for check in checks if not check.passed]
    if as_json:
        print(json.dumps([check.to_dict() for check in checks], indent=2, ensure_ascii=False))
    else:
        for line in _lines(checks):
            print(line)
        print(f"\n{len(checks) - len(failed)} of {len(checks)} in their range.")
    return 1 if failed else 0


def _lines(checks: Sequence[Check]) -> Iterator[str]:
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
    for row in (heads, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
