"""Before and after standardization, protocol by protocol: the tables 2, 3 and 4 of Lee et al. 2023.

Stages are "original" and "standardized", or, where several standardizers are compared, "standardized: NAME";
each is compared with the original.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from .grouping import (
    MATCHING_RULE,
    OBSERVER_RULE,
    ORIGINAL,
    STANDARDIZED,
    Group,
    Paired,
    paired,
    stage_of,
    standardizer_of,
    values_of,
)
from .layout import MEASURE_COLUMNS, REMARKS, Footnotes, KeyColumns, interval_columns, measure_cells
from .measures import Measure, measure_of, sorted_measures
from .paired_comparison import compare_paired, remark_cells, result_columns, result_rows
from .results import VolumePairs
from .rows import Cohort
from .summary import quantile, summarize
from .table import Column, Table, cell

Of = TypeVar("Of")

_VOLUME_DIFFERENCES = (
    Measure("volume_difference_ml", "Absolute volume difference", "mL", 1),
    Measure("volume_difference_percent", "Absolute volume difference", "%", 1),
)
# Signed differences cancel; their absolute values have a table of their own.
_NOT_COMPARED = ("volume_reference_ml", *(measure.name for measure in _VOLUME_DIFFERENCES))

_BEFORE_AND_AFTER = tuple(
    Column(f"{stage}_{key}", f"{stage.capitalize()} {title}", definition=definition)
    for stage in (ORIGINAL, STANDARDIZED)
    for key, title, definition in (
        ("mean", "mean", "Over the pairs of the t test"),
        ("sd", "SD", "Over the pairs of the t test"),
        ("median", "median", "Over all defined pairs, infinite ones included"),
    )
)


def standardization_tables(
    cohort: Cohort,
    agreements: Sequence[tuple[Group, Paired, VolumePairs]],
    *,
    confidence: float,
    correction: str,
) -> list[Table]:
    """``standardization-measures``, ``-volume`` and ``-concordance``; none without both stages."""
    overlap = [
        (measure_of(name), values_of(cohort, name))
        for name in sorted_measures(cohort.measures)
        if name not in _NOT_COMPARED
    ]
    volume = [(measure, _absolute(values_of(cohort, measure.name))) for measure in _VOLUME_DIFFERENCES]
    tables = [
        _before_and_after(
            "standardization-measures", "Before and after standardization", overlap, confidence, correction
        ),
        _before_and_after(
            "standardization-volume",
            "Volume difference from the reference before and after standardization",
            volume,
            confidence,
            correction,
        ),
        _concordance_table(agreements, confidence),
    ]
    return [table for table in tables if table is not None]


def _absolute(
    groups: dict[Group, dict[str, dict[str, float]]],
) -> dict[Group, dict[str, dict[str, float]]]:
    return {
        group: {
            case: {observer: abs(value) for observer, value in observers.items()}
            for case, observers in values.items()
        }
        for group, values in groups.items()
    }


def _stage_pairs(groups: dict[Group, Of]) -> list[tuple[Group, Of, Of]]:
    """What each standardized group has in common with the original one, and what either stands for."""
    originals = {
        replace(group, stage=""): of for group, of in groups.items() if stage_of(group.stage) == ORIGINAL
    }
    pairs = []
    for group, of in groups.items():
        standardizer, of_any_stage = standardizer_of(group.stage), replace(group, stage="")
        if standardizer is not None and of_any_stage in originals:
            # Where standardizers have names, the stage stays to tell them apart.
            pairs.append((group if standardizer else of_any_stage, originals[of_any_stage], of))
    return pairs


def _before_and_after(
    table_id: str,
    title: str,
    found: list[tuple[Measure, dict[Group, dict[str, dict[str, float]]]]],
    confidence: float,
    correction: str,
) -> Table | None:
    pairs_of = [(measure, pairs) for measure, groups in found if (pairs := _stage_pairs(groups))]
    if not pairs_of:
        return None
    keys = KeyColumns(common for _, pairs in pairs_of for common, *_ in pairs)
    footnotes = Footnotes()
    rows: list[tuple[object, ...]] = []
    for measure, pairs in pairs_of:
        # Standardized - original, so that a difference says what standardization did.
        matched = [paired(after, before) for _, before, after in pairs]
        results = [compare_paired(sides, confidence) for sides in matched]
        remarks = remark_cells(results, footnotes)
        tests = result_rows(results, correction)
        for (common, *_), sides, cells, remark in zip(pairs, matched, tests, remarks):
            labels = (*measure_cells(measure), *keys.cells(common))
            rows.append((*labels, *_stage_cells(sides), *cells, remark))
    return Table(
        table_id,
        title,
        (
            *MEASURE_COLUMNS,
            *keys.columns,
            *_BEFORE_AND_AFTER,
            *result_columns(confidence, correction),
            REMARKS,
        ),
        tuple(rows),
        caption="The same cases before and after; differences are standardized - original (as in Lee et al. "
        "2023).",
        notes=(
            OBSERVER_RULE,
            MATCHING_RULE,
            f"p is corrected ({correction.capitalize()}) over all comparisons of one measure in this table.",
            *footnotes.notes(),
        ),
    )


def _stage_cells(sides: Paired) -> tuple[float | None, ...]:
    finite = np.isfinite(sides.first) & np.isfinite(sides.second)
    defined = ~(np.isnan(sides.first) | np.isnan(sides.second))
    cells: list[float | None] = []
    for values in (sides.second, sides.first):  # the original is the second side
        s = summarize(values[finite])
        cells += [cell(s.mean), cell(s.sd), cell(quantile(np.sort(values[defined]), 0.5))]
    return tuple(cells)


def _concordance_table(
    agreements: Sequence[tuple[Group, Paired, VolumePairs]], confidence: float
) -> Table | None:
    pairs = _stage_pairs({group: volumes for group, _, volumes in agreements})
    if not pairs:
        return None
    keys = KeyColumns((common for common, *_ in pairs), without=("against",))
    rows = [
        (*keys.cells(common), before.reference_name, *_ccc_cells(before), *_ccc_cells(after))
        for common, before, after in pairs
    ]
    columns = [
        column
        for stage in (ORIGINAL, STANDARDIZED)
        for column in (
            Column(f"{stage}_n", f"{stage.capitalize()} n", kind="integer"),
            Column(f"{stage}_ccc", f"{stage.capitalize()} CCC"),
            *interval_columns(f"{stage}_ccc", stage.capitalize(), confidence),
        )
    ]
    lacking = any(value is None for row in rows for value in row)
    return Table(
        "standardization-concordance",
        "Concordance of volumes before and after standardization",
        (*keys.columns, Column("reference", "Reference", kind="text"), *columns),
        tuple(rows),
        caption="Lin's concordance correlation coefficient of each protocol's volumes with the reference.",
        notes=(
            OBSERVER_RULE,
            "Each stage has the cases that it has; the columns n say how many.",
            *(("CCC needs two cases, its interval three, and volumes with scatter.",) if lacking else ()),
        ),
    )


def _ccc_cells(volumes: VolumePairs) -> tuple[float | int | None, ...]:
    lin = volumes.concordance
    if lin is None:
        return (len(volumes.cases), None, None, None)
    return (lin.n, cell(lin.ccc), cell(lin.interval.low), cell(lin.interval.high))
