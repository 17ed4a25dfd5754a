"""Do three or more methods, or protocols, differ at all? Friedman's test and repeated-measures ANOVA."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from ..repeated_measures import friedman, repeated_anova
from .comparison_tables import FACTORS, NOT_COMPARED
from .grouping import OBSERVER_RULE, Group, Values, mean_of, values_of
from .layout import MEASURE_COLUMNS, REMARKS, Footnotes, KeyColumns, measure_cells
from .measures import measure_of, sorted_measures
from .rows import Cohort
from .table import Column, Table, cell

_FEWEST = 3

_COLUMNS = (
    Column("factor", "Compared", kind="text"),
    Column("levels", "Of", kind="text"),
    Column("n", "n", kind="integer", definition="Cases that all have, with a defined value"),
    Column("chi_squared", "Friedman chi squared", digits=2),
    Column("p_friedman", "p (Friedman)", kind="p"),
    Column("kendall_w", "Kendall W", definition="Concordance of the cases, 0 to 1"),
    Column("n_anova", "n of the ANOVA", kind="integer", definition="Cases with finite values only"),
    Column("f", "F", digits=2),
    Column("p_anova", "p (ANOVA)", kind="p", definition="With Greenhouse and Geisser's correction"),
    Column("epsilon", "Epsilon", definition="Greenhouse and Geisser's"),
    REMARKS,
)


def omnibus_table(cohort: Cohort) -> list[Table]:
    """``omnibus``; none with fewer than three methods and protocols."""
    found = [
        (name, factor, common, levels, _complete(members))
        for name in sorted_measures(cohort.measures)
        if name not in NOT_COMPARED
        for factor, *_ in FACTORS
        for common, (levels, members) in _strata(values_of(cohort, name), factor).items()
    ]
    if not found:
        return []
    keys = KeyColumns(common for _, _, common, *_ in found)
    footnotes = Footnotes()
    rows = tuple(
        (
            *measure_cells(measure_of(name)),
            *keys.cells(common),
            factor,
            ", ".join(levels),
            *_test_cells(table, footnotes),
        )
        for name, factor, common, levels, table in found
    )
    return [
        Table(
            "omnibus",
            "Several methods or protocols at once",
            (*MEASURE_COLUMNS, *keys.columns, *_COLUMNS),
            rows,
            caption="Whether any differs from the others, before pairs are looked at; p is not corrected.",
            notes=(
                OBSERVER_RULE,
                "Only cases that all have. Infinite values (an empty mask) take part in ranks alone.",
                *footnotes.notes(),
            ),
        )
    ]


def _strata(
    groups: dict[Group, dict[str, dict[str, float]]], factor: str
) -> dict[Group, tuple[list[str], list[Values]]]:
    """Groups that differ in the factor alone, three or more: names and values."""
    strata: dict[Group, tuple[list[str], list[Values]]] = defaultdict(lambda: ([], []))
    for group, values in groups.items():
        levels, members = strata[replace(group, **{factor: ""})]
        levels.append(getattr(group, factor))
        members.append(values)
    return {common: found for common, found in strata.items() if len(found[0]) >= _FEWEST}


def _complete(members: list[Values]) -> np.ndarray:
    """One line a case that all members have, one column a member; sorted lines."""
    cases = set(members[0]).intersection(*members[1:])
    lines = (tuple(mean_of(values[case].values()) for values in members) for case in cases)
    table = np.array(list(lines), dtype=float).reshape(-1, len(members))
    return table[np.lexsort(table.T[::-1])]


def _test_cells(table: np.ndarray, footnotes: Footnotes) -> tuple[object, ...]:
    if len(table) < 2 or np.isnan(table).any(axis=1).sum() > len(table) - 2:
        remark = footnotes.mark(("With fewer than two complete cases nothing can be inferred.",))
        return (len(table), *[None] * 3, 0, *[None] * 3, remark)
    ranks, anova = friedman(table.T.tolist()), repeated_anova(table.T.tolist())
    numbers = map(cell, (ranks.chi_squared, ranks.p, ranks.kendall_w))
    more = map(cell, (anova.f, anova.p_gg, anova.epsilon_gg))
    remarks = dict.fromkeys((*ranks.warnings, *anova.warnings))
    return (ranks.n, *numbers, anova.n, *more, footnotes.mark(remarks))
