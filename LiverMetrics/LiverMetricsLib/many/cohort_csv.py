"""The table of a cohort: one row a pair."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path

from LiverCoreLib.output import atomic_path

from ..comparison import Comparison
from .pair import CARRIED, KEYS, Pair
from .task import Outcome, Task

MEASURES = (
    "dice",
    "volume_test_ml",
    "volume_reference_ml",
    "volume_ratio",
    "volume_difference_ml",
    "volume_difference_percent",
    "msd_mm",
    "masd_mm",
    "msd_test_to_reference_mm",
    "msd_reference_to_test_mm",
    "rmsd_mm",
    "hd_mm",
    "hd95_mm",
    "hd95_pooled_mm",
    "surface_dice",
)
# How it was measured; the definitions' version names the words of ``definitions.py``.
_HOW = ("tolerance_mm", "hd_point_lps", "geometry", "family", "neighbourhood", "definitions_version")
_STATUS = ("status", "error_id", "error", "warnings")
FAILED = "failed"

# Left out where no row has them; the others are always there.
_OPTIONAL = (*KEYS[1:], "label", "segment", "surface_dice", "tolerance_mm", *CARRIED)
COLUMNS = (*KEYS, "mask", "reference", "label", "segment", *MEASURES, *CARRIED, *_STATUS, *_HOW)

Row = dict[str, str]


def write_cohort_csv(path: Path, finished: Iterable[tuple[Task, Outcome]]) -> None:
    """Write the rows, whole or not at all.

    Numbers have all their digits; "inf" and "nan" come from the definitions of empty masks; an empty cell is
    missing.

    Raises:
        OutputError: If the file cannot be written.
    """
    rows = [_row(task, outcome) for task, outcome in finished]
    columns = [name for name in COLUMNS if name not in _OPTIONAL or any(row.get(name) for row in rows)]
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _row(task: Task, outcome: Outcome) -> Row:
    pair: Pair = task.pair
    row = {name: getattr(pair, name) for name in (*KEYS, *CARRIED, "reference")}
    row.update(mask=pair.test, label="" if task.label is None else str(task.label), segment=task.segment)
    if outcome.comparison is None:
        return {**row, "status": FAILED, "error_id": outcome.error_id, "error": outcome.error}
    return {**row, **_measured(outcome.comparison)}


def _measured(comparison: Comparison) -> Row:
    row = {name: _number(getattr(comparison, name)) for name in (*MEASURES, "tolerance_mm")}
    if comparison.hd_point_lps is not None:
        row["hd_point_lps"] = " ".join(f"{value:.3f}" for value in comparison.hd_point_lps)
    for name in ("status", "geometry", "family", "neighbourhood", "definitions_version"):
        row[name] = getattr(comparison, name)
    row["warnings"] = " ".join(comparison.warnings)
    return row


def _number(value: float | None) -> str:
    """The shortest text that reads back as the same number."""
    if value is None:
        return ""
    if math.isnan(value):
        return "nan"
    return repr(float(value))
