"""Paired comparisons of methods, and of protocols, measure by measure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

from .grouping import MATCHING_RULE, OBSERVER_RULE, Group, Values, paired, values_of
from .layout import MEASURE_COLUMNS, REMARKS, Footnotes, KeyColumns, measure_cells
from .measures import measure_of, sorted_measures
from .paired_comparison import compare_paired, remark_cells, result_columns, result_rows
from .rows import Cohort
from .table import Column, Table

_SIDES = (Column("first", "First", kind="text"), Column("second", "Second", kind="text"))

# The reference's own volume and what is written once a case do not compare methods.
NOT_COMPARED = ("volume_reference_ml",)

FACTORS = (
    ("method", "comparisons-methods", "Methods compared, pair by pair"),
    ("protocol", "comparisons-protocols", "Protocols compared, pair by pair"),
)


def comparison_tables(cohort: Cohort, *, confidence: float, correction: str) -> list[Table]:
    """``comparisons-methods`` and ``comparisons-protocols``, where there are several to compare."""
    tables = []
    for factor, table_id, title in FACTORS:
        found = {
            name: pairs
            for name in sorted_measures(cohort.measures)
            if name not in NOT_COMPARED and (pairs := _pairs(values_of(cohort, name), factor))
        }
        if found:
            tables.append(_table(found, factor, table_id, title, confidence, correction))
    return tables


def _pairs(
    groups: dict[Group, dict[str, dict[str, float]]], factor: str
) -> list[tuple[Group, str, str, Values, Values]]:
    """All pairs of groups that differ in the factor alone: their common group, names and values."""
    strata: dict[Group, list[Group]] = defaultdict(list)
    for group in groups:
        strata[replace(group, **{factor: ""})].append(group)
    return [
        (common, getattr(first, factor), getattr(second, factor), groups[first], groups[second])
        for common, members in strata.items()
        for first, second in combinations(members, 2)
    ]


def _table(
    found: dict[str, list[tuple[Group, str, str, Values, Values]]],
    factor: str,
    table_id: str,
    title: str,
    confidence: float,
    correction: str,
) -> Table:
    keys = KeyColumns((common for pairs in found.values() for common, *_ in pairs), without=(factor,))
    footnotes = Footnotes()
    rows: list[tuple[object, ...]] = []
    for name, pairs in found.items():
        results = [compare_paired(paired(first, second), confidence) for *_, first, second in pairs]
        tests = result_rows(results, correction)
        for (common, left, right, *_), cells, remark in zip(pairs, tests, remark_cells(results, footnotes)):
            labels = (*measure_cells(measure_of(name)), *keys.cells(common), left, right)
            rows.append((*labels, *cells, remark))
    return Table(
        table_id,
        title,
        (*MEASURE_COLUMNS, *keys.columns, *_SIDES, *result_columns(confidence, correction), REMARKS),
        tuple(rows),
        caption="Differences are first - second. Paired t test and Wilcoxon's signed-rank test, two-sided.",
        notes=(
            OBSERVER_RULE,
            MATCHING_RULE,
            f"p is corrected ({correction.capitalize()}) over all comparisons of one measure in this table.",
            "The t test uses finite values; infinite ones (an empty mask) take part in Wilcoxon's ranks.",
            *footnotes.notes(),
        ),
    )
