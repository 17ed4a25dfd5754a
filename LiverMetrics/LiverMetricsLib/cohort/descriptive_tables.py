"""Description of every measure by method, protocol and stage."""

from __future__ import annotations

from collections.abc import Sequence

from .grouping import OBSERVER_RULE, Group, Values, by_case, observers_of, of_observer, values_of
from .layout import MEASURE_COLUMNS, KeyColumns, measure_cells
from .measures import measure_of, sorted_measures
from .rows import Cohort
from .summary import NOT_FINITE_RULE, QUARTILE_RULE, summarize
from .table import Column, Table, cell

_OBSERVER = Column("observer", "Observer", kind="text")

SUMMARY_COLUMNS = (
    Column("n", "n", kind="integer", definition="Cases, undefined and infinite ones included"),
    Column("n_finite", "n of the mean", kind="integer", definition="Cases with a finite value"),
    Column("n_infinite", "Infinite", kind="integer", definition="Cases in which one mask was empty"),
    Column("n_undefined", "Undefined", kind="integer", definition="Cases without a definite value (NaN)"),
    Column("mean", "Mean"),
    Column("sd", "SD", definition="Standard deviation, n - 1"),
    Column("median", "Median"),
    Column("q1", "Q1", definition="Lower quartile"),
    Column("q3", "Q3", definition="Upper quartile"),
    Column("minimum", "Minimum"),
    Column("maximum", "Maximum"),
)

_ONE_CASE = "One case has no scatter: SD is not available."


def descriptive_tables(cohort: Cohort) -> list[Table]:
    """``descriptives`` and, with more than one observer, ``descriptives-by-observer``."""
    found = {name: values_of(cohort, name) for name in sorted_measures(cohort.measures)}
    tables = [_descriptives(found, cohort.measured_by)]
    if len({row.observer for row in cohort.rows} - {""}) > 1:
        tables.append(_by_observer(found))
    return tables


def summary_cells(values: Values) -> tuple[float | int | None, ...]:
    """Cells for ``SUMMARY_COLUMNS``."""
    s = summarize(by_case(values))
    return (
        s.n, s.n_finite, s.n_infinite, s.n_undefined,
        *map(cell, (s.mean, s.sd, s.median, s.q1, s.q3, s.low, s.high)),
    )  # fmt: skip


def _descriptives(
    found: dict[str, dict[Group, dict[str, dict[str, float]]]], measured_by: tuple[str, ...]
) -> Table:
    keys = KeyColumns(group for groups in found.values() for group in groups)
    rows = [
        (*measure_cells(measure_of(name)), *keys.cells(group), *summary_cells(values))
        for name, groups in found.items()
        for group, values in groups.items()
    ]
    return Table(
        "descriptives",
        "Measures by method and protocol",
        (*MEASURE_COLUMNS, *keys.columns, *SUMMARY_COLUMNS),
        tuple(rows),
        caption="Every measure of the cohort, described over its cases.",
        notes=(
            OBSERVER_RULE,
            NOT_FINITE_RULE,
            QUARTILE_RULE,
            *((f"Measured by {'; '.join(measured_by)}.",) if measured_by else ()),
            *_one_case(rows, keys),
        ),
    )


def _by_observer(found: dict[str, dict[Group, dict[str, dict[str, float]]]]) -> Table:
    keys = KeyColumns(group for groups in found.values() for group in groups)
    rows = [
        (
            *measure_cells(measure_of(name)),
            *keys.cells(group),
            observer,
            *summary_cells(of_observer(values, observer)),
        )
        for name, groups in found.items()
        for group, values in groups.items()
        for observer in observers_of(values)
    ]
    return Table(
        "descriptives-by-observer",
        "Measures by method, protocol and observer",
        (*MEASURE_COLUMNS, *keys.columns, _OBSERVER, *SUMMARY_COLUMNS),
        tuple(rows),
        caption="As the table above, for each observer alone. Rows without an observer are not in it.",
        notes=(NOT_FINITE_RULE, QUARTILE_RULE, *_one_case(rows, keys, shift=1)),
    )


def _one_case(rows: Sequence[tuple[object, ...]], keys: KeyColumns, shift: int = 0) -> tuple[str, ...]:
    place = len(MEASURE_COLUMNS) + len(keys.columns) + shift
    return (_ONE_CASE,) if any(row[place] == 1 for row in rows) else ()
