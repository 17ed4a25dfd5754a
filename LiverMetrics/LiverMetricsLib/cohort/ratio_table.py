"""Share of cases whose volume ratio is so far from 1 that the injected activity is wrong by a tenth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .grouping import OBSERVER_RULE, Group, Paired, Values, by_case, split_by_observer, values_of
from .layout import KeyColumns, interval_columns
from .proportion import METHOD, share_interval
from .results import VolumePairs
from .rows import Cohort
from .summary import quantile
from .table import Column, Table, cell

LOW, HIGH = 0.9, 1.1

RATIO_RULE = (
    "Outside: below 0.9 or above 1.1; the activity prescribed by the mono-compartment model is then off by "
    "more than 10 % (Tang et al. 2020). An undefined ratio (empty reference) counts as outside."
)

_ALONE = "Each observer is counted alone: the mean of two ratios could hide opposite errors."


def ratio_table(
    cohort: Cohort, agreements: Sequence[tuple[Group, Paired, VolumePairs]], confidence: float
) -> list[Table]:
    """``volume-ratio``; none without ratios.

    Where the table has no ratios, they are those of the volumes to the reference method's.
    """
    groups = values_of(cohort, "volume_ratio")
    if groups:
        return [_measured(groups, confidence)]
    return [_of_volumes(agreements, confidence)] if agreements else []


def _measured(groups: dict[Group, dict[str, dict[str, float]]], confidence: float) -> Table:
    keys = KeyColumns(groups)
    parts = [
        (*keys.cells(group), observer, *ratio_cells(values, confidence))
        for group, all_values in groups.items()
        for observer, values in split_by_observer(all_values)
    ]
    observer = Column("observer", "Observer", kind="text")
    return _table((*keys.columns, observer), parts, _ALONE, confidence)


def _of_volumes(
    agreements: Sequence[tuple[Group, Paired, VolumePairs]], confidence: float
) -> Table:
    keys = KeyColumns((group for group, *_ in agreements), without=("against",))
    rows: list[tuple[object, ...]] = []
    for group, pairs, volumes in agreements:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = pairs.first / pairs.second
        rows.append((*keys.cells(group), volumes.reference_name, *ratio_cells_of(ratios, confidence)))
    reference = Column("reference", "Reference", kind="text")
    return _table((*keys.columns, reference), rows, OBSERVER_RULE, confidence)


def _table(
    labels: tuple[Column, ...], rows: Sequence[tuple[object, ...]], rule: str, confidence: float
) -> Table:
    return Table(
        "volume-ratio",
        "Volume ratio outside 0.9 to 1.1",
        (*labels, *ratio_columns(confidence)),
        tuple(rows),
        caption="Share of cases whose volume is more than a tenth off the reference.",
        notes=(RATIO_RULE, rule, METHOD),
    )


def ratio_columns(confidence: float) -> tuple[Column, ...]:
    """Columns about volume ratios; cells by ``ratio_cells``."""
    return (
        Column("n", "n", kind="integer"),
        Column("median_ratio", "Median ratio"),
        Column("outside", "Outside", kind="integer", definition="Cases outside 0.9 to 1.1"),
        Column("outside_percent", "Share outside", "%", digits=1),
        *interval_columns("outside_percent", "share", confidence, unit="%", digits=1),
    )


def ratio_cells(values: Values, confidence: float) -> tuple[float | int | None, ...]:
    """n, median, number and share of ratios outside."""
    return ratio_cells_of(by_case(values), confidence)


def ratio_cells_of(ratios: np.ndarray, confidence: float) -> tuple[float | int | None, ...]:
    """As ``ratio_cells``, of one ratio a case."""
    # Ratios of decimals such as 0.9 are not exact; a limit itself is inside.
    inside = (ratios >= LOW - 1e-9) & (ratios <= HIGH + 1e-9)
    outside = int((~inside).sum())
    shares = (100 * share for share in share_interval(outside, ratios.size, confidence))
    defined = np.sort(ratios[~np.isnan(ratios)])
    median = quantile(defined, 0.5) if defined.size else math.nan
    return (int(ratios.size), cell(median), outside, *map(cell, shares))
