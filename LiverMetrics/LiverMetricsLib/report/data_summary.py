"""What went into a report: how many cases, and which values are missing or not finite."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..cohort.measures import measure_of, sorted_measures
from ..cohort.table import Column, Table
from .drawing import counted, listed

if TYPE_CHECKING:
    from ..cohort.rows import Cohort

_COLUMNS = (
    Column("measure", "Measure", kind="text"),
    Column("rows", "Rows with a value", kind="integer"),
    Column("finite", "Finite", kind="integer"),
    Column("infinite", "Infinite", kind="integer", definition="One of the masks was empty."),
    Column("undefined", "Undefined", kind="integer", definition="Both masks, or the reference, were empty."),
    Column("absent", "Not measured", kind="integer", definition="The cell of the table is empty."),
)


def data_table(cohort: Cohort) -> Table:
    """A row a measure: how many values there are, and how many are missing or not finite."""
    rows = []
    for name in sorted_measures(cohort.measures):
        values = [row.values[name] for row in cohort.rows if name in row.values]
        finite = sum(math.isfinite(value) for value in values)
        undefined = sum(math.isnan(value) for value in values)
        infinite = len(values) - finite - undefined
        absent = len(cohort.rows) - len(values)
        rows.append((_title(name), len(values), finite, infinite, undefined, absent))
    return Table("data", "Measurements", _COLUMNS, tuple(rows), caption="Values by measure.")


def facts(cohort: Cohort) -> list[tuple[str, str]]:
    """What the table is about, as name and value."""
    rows = cohort.rows
    found = [
        ("Cases", str(len(cohort.cases))),
        ("Rows", str(len(rows))),
        ("Methods", _names(row.method for row in rows)),
        ("Observers", _names(row.observer for row in rows)),
        ("Protocols", _names(row.protocol for row in rows)),
        ("Stages", _names(row.stage for row in rows)),
        ("References", _names(row.reference for row in rows)),
        ("Not finite", left_out_in_words(cohort).rstrip(".")),
    ]
    return [(name, text) for name, text in found if text]


def left_out_in_words(cohort: Cohort) -> str:
    """How many values are undefined or infinite, over all measures."""
    values = [value for row in cohort.rows for value in row.values.values()]
    undefined = sum(math.isnan(value) for value in values)
    infinite = sum(math.isinf(value) for value in values)
    if not undefined and not infinite:
        return "all values are finite."
    return f"{counted(undefined, 'undefined value')} and {counted(infinite, 'infinite value')}."


def named(values: Iterable[str]) -> list[str]:
    """Different names in the order of the table, unnamed left out."""
    return [value for value in dict.fromkeys(values) if value]


def _names(values: Iterable[str]) -> str:
    names = named(values)
    return f"{len(names)} ({listed(names, 10)})" if names else ""


def _title(name: str) -> str:
    measure = measure_of(name)
    return f"{measure.title} ({measure.unit})" if measure.unit else measure.title
