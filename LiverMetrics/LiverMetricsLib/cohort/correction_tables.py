"""CNN, manual and corrected masks against each other, and where masks were corrected (Tang et al. 2020)."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np

from .descriptive_tables import SUMMARY_COLUMNS, summary_cells
from .grouping import MATCHING_RULE, OBSERVER_RULE, Group, natural, paired, values_of
from .layout import MEASURE_COLUMNS, KeyColumns, interval_columns, measure_cells
from .measures import measure_of, sorted_measures
from .proportion import METHOD, share_interval
from .rows import Cohort
from .table import Column, Table, cell
from .volume_pairs import REFERENCE, TEST

# The order of Tang's figure 2: CNN - manual, CNN - corrected, manual - corrected.
_ORDER = ("cnn", "manual", "corrected")

_MASKS = (Column("first", "Mask", kind="text"), Column("second", "Against", kind="text"))
_SOURCE = Column("source", "From", kind="text", definition="Measured on the masks, or from their volumes")

_OVERLAP_NOTE = (
    "Overlap and distances of two masks are in the table where the column reference names the other method; "
    "volume ratios also follow from the volumes of both."
)


def method_pair_table(cohort: Cohort) -> list[Table]:
    """``method-pairs``: every two methods' masks of the same cases; none with one method."""
    measured = _measured(cohort)
    ratios = [row for row in _volume_ratios(cohort) if row[:4] not in {m[:4] for m in measured}]
    found = sorted([*measured, *ratios], key=lambda row: row[0])
    if not found:
        return []
    keys = KeyColumns((group for _, group, *_ in found), without=("method", "against"))
    rows = tuple(
        (*measure_cells(measure_of(name)), *keys.cells(group), first, second, source, *cells)
        for (_, name), group, first, second, source, cells in found
    )
    return [
        Table(
            "method-pairs",
            "CNN, manual and corrected masks against each other",
            (*MEASURE_COLUMNS, *keys.columns, *_MASKS, _SOURCE, *SUMMARY_COLUMNS),
            rows,
            caption="Masks of two methods of the same cases (as in Tang et al. 2020, figure 2).",
            notes=(_OVERLAP_NOTE, OBSERVER_RULE, MATCHING_RULE),
        )
    ]


_Found = tuple[tuple[int, str], Group, str, str, str, tuple[object, ...]]


def _measured(cohort: Cohort) -> list[_Found]:
    """Summaries of rows whose reference is a method of the table."""
    methods = {row.method for row in cohort.rows} - {""}
    found: list[_Found] = []
    for place, name in enumerate(sorted_measures(cohort.measures)):
        if measure_of(name).of_mask or name == REFERENCE:
            continue
        for group, values in values_of(cohort, name).items():
            if group.against in methods:
                common = Group("", group.protocol, group.stage)
                cells = summary_cells(values)
                found.append(((place, name), common, group.method, group.against, "masks", cells))
    return found


def _volume_ratios(cohort: Cohort) -> list[_Found]:
    """Summaries of the ratios of the volumes of every two methods in one protocol and stage."""
    strata: dict[Group, list[Group]] = defaultdict(list)
    groups = values_of(cohort, TEST)
    for group in groups:
        strata[Group("", group.protocol, group.stage)].append(group)
    place = (sorted_measures((*cohort.measures, "volume_ratio")).index("volume_ratio"), "volume_ratio")
    found: list[_Found] = []
    for common, members in strata.items():
        for first, second in combinations(sorted(members, key=_rank), 2):
            sides = paired(groups[first], groups[second])
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = sides.first / sides.second
            if ratios.size:
                values = {case: {"": float(ratio)} for case, ratio in zip(sides.cases, ratios)}
                cells = summary_cells(values)
                found.append((place, common, first.method, second.method, "volumes", cells))
    return found


def _rank(group: Group) -> tuple[object, ...]:
    folded = group.method.casefold()
    return (_ORDER.index(folded) if folded in _ORDER else len(_ORDER), natural(folded))


def region_table(cohort: Cohort, confidence: float) -> list[Table]:
    """``corrected-regions``: how often each region was corrected; none without such a column."""
    groups = _regions(cohort)
    if not groups:
        return []
    keys = KeyColumns(group for group, _ in groups)
    totals: dict[str, int] = defaultdict(int)
    for found in groups.values():
        for regions in found.values():
            for region in regions:
                totals[region] += 1
    order = sorted(totals, key=lambda region: (-totals[region], natural(region)))
    rows = []
    for region in order:
        for (group, observer), found in groups.items():
            count = sum(region in regions for regions in found.values())
            shares = (100 * share for share in share_interval(count, len(found), confidence))
            rows.append((region, *keys.cells(group), observer, count, len(found), *map(cell, shares)))
    return [
        Table(
            "corrected-regions",
            "Corrected regions",
            (
                Column("region", "Region", kind="text"),
                *keys.columns,
                Column("observer", "Observer", kind="text"),
                Column("count", "Corrected", kind="integer", definition="Cases with a correction there"),
                Column("n", "n", kind="integer", definition="Cases looked at"),
                Column("percent", "Share", "%", digits=1),
                *interval_columns("percent", "share", confidence, unit="%", digits=1),
            ),
            tuple(rows),
            caption="How often each region was corrected (as in Tang et al. 2020, figure 6).",
            notes=(
                "A method of which no mask has a region is left out. An empty cell is a mask without "
                "corrections.",
                METHOD,
            ),
        )
    ]


def _regions(cohort: Cohort) -> dict[tuple[Group, str], dict[str, set[str]]]:
    """Corrected regions by group and observer, and case."""
    found: dict[tuple[Group, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in cohort.rows:
        if row.regions is not None:
            group = Group(row.method, row.protocol, row.stage)
            found[group, row.observer][row.case] |= set(row.regions)
    used = {group for (group, _), cases in found.items() if any(cases.values())}
    order = sorted((key for key in found if key[0] in used), key=lambda key: (key[0].order, key[1]))
    return {key: dict(found[key]) for key in order}
