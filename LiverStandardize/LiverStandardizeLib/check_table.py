"""Checks of the simulation as a command prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .simulation.checks import Check


def checks_as_text(checks: Sequence[Check], *, as_json: bool) -> str:
    """A line for each beside its range and reference, and how many lie in it; or JSON."""
    if as_json:
        return json.dumps([check.to_dict() for check in checks], indent=2, ensure_ascii=False)
    passed = sum(check.passed for check in checks)
    return "\n".join([*_lines(checks), "", f"{passed} of {len(checks)} in their range."])


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
