"""Time spent and scores given, observer by observer: Tang et al. 2020, figures 5 and 7 and table 4."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np

from ..kappa import weighted_kappa
from .descriptive_tables import SUMMARY_COLUMNS, summary_cells
from .grouping import Group, Values, by_case, observers_of, of_observer, paired, split_by_observer, values_of
from .layout import REMARKS, Footnotes, KeyColumns, interval_columns
from .paired_comparison import compare_paired, remark_cells, result_columns, result_rows
from .proportion import METHOD, share_interval
from .rows import Cohort
from .table import Column, Table, cell

TIME, SCORE = "time_s", "score"

_OBSERVER = Column("observer", "Observer", kind="text")
_SIDES = (Column("first", "First", kind="text"), Column("second", "Second", kind="text"))

# Tang et al. 2020, table 3: 4 and more needs next to nothing, 3 limited adjustment, less is of no use.
_READY, _USABLE = 4.0, 3.0
# Half a point was the smallest step of the scale.
_STEP = 0.5

_OWN_PACE = "Observers work at their own pace and with their own program: each is described alone."


def time_tables(cohort: Cohort, *, confidence: float, correction: str) -> list[Table]:
    """``time`` and, with several methods, ``time-comparisons``; none without times."""
    groups = values_of(cohort, TIME)
    if not groups:
        return []
    keys = KeyColumns(groups)
    rows = tuple(
        (*keys.cells(group), observer, *summary_cells(values))
        for group, all_values in groups.items()
        for observer, values in split_by_observer(all_values)
    )
    tables = [
        Table(
            "time",
            "Time by method and observer, in seconds",
            (*keys.columns, _OBSERVER, *SUMMARY_COLUMNS),
            rows,
            caption="Time spent on a mask, in seconds (as in Tang et al. 2020, figure 7).",
            notes=(_OWN_PACE,),
        )
    ]
    return tables + _time_comparisons(groups, confidence, correction)


def _time_comparisons(
    groups: dict[Group, dict[str, dict[str, float]]], confidence: float, correction: str
) -> list[Table]:
    """Every two methods of one observer, over the cases of both."""
    strata: dict[tuple[Group, str], list[tuple[str, Values]]] = defaultdict(list)
    for group, all_values in groups.items():
        for observer, values in split_by_observer(all_values):
            strata[Group("", group.protocol, group.stage), observer].append((group.method, values))
    found = [
        (common, observer, first, second, paired(times, others))
        for (common, observer), members in strata.items()
        for (first, times), (second, others) in combinations(members, 2)
    ]
    if not found:
        return []
    keys = KeyColumns(common for common, *_ in found)
    footnotes = Footnotes()
    results = [compare_paired(sides, confidence) for *_, sides in found]
    remarks = remark_cells(results, footnotes)
    rows = tuple(
        (*keys.cells(common), observer, first, second, *cells, remark)
        for (common, observer, first, second, _), cells, remark in zip(
            found, result_rows(results, correction), remarks
        )
    )
    return [
        Table(
            "time-comparisons",
            "Time of two methods compared, observer by observer",
            (*keys.columns, _OBSERVER, *_SIDES, *result_columns(confidence, correction), REMARKS),
            rows,
            caption="Differences are first - second, in seconds, over the cases an observer did both ways.",
            notes=(
                f"p is corrected ({correction.capitalize()}) over all comparisons in this table.",
                *footnotes.notes(),
            ),
        )
    ]


def score_tables(cohort: Cohort, confidence: float) -> list[Table]:
    """``scores``, ``score-classes`` and, with several observers, ``score-agreement``; none without scores."""
    groups = values_of(cohort, SCORE)
    if not groups:
        return []
    keys = KeyColumns(groups)
    parts = [
        (group, observer, values)
        for group, all_values in groups.items()
        for observer, values in split_by_observer(all_values)
    ]
    return [_frequencies(parts, keys), _classes(parts, keys, confidence), *_agreement(groups, confidence)]


def _frequencies(parts: list[tuple[Group, str, Values]], keys: KeyColumns) -> Table:
    rows: list[tuple[object, ...]] = []
    for group, observer, values in parts:
        scores = by_case(values)
        counts = Counter(scores[np.isfinite(scores)].tolist())
        rows += [
            (*keys.cells(group), observer, score, counts[score], 100 * counts[score] / len(scores))
            for score in sorted(counts)
        ]
    return Table(
        "scores",
        "Scores given",
        (
            *keys.columns,
            _OBSERVER,
            Column("score", "Score", digits=1),
            Column("count", "Cases", kind="integer"),
            Column("percent", "Share", "%", digits=1),
        ),
        tuple(rows),
        caption="How often each score was given (as in Tang et al. 2020, figure 5 and table 4).",
    )


def _classes(parts: list[tuple[Group, str, Values]], keys: KeyColumns, confidence: float) -> Table:
    rows = []
    for group, observer, values in parts:
        scores = by_case(values)
        ready, usable = int((scores >= _READY).sum()), int((scores >= _USABLE).sum())
        shares = [100 * share for share in share_interval(usable, scores.size, confidence)]
        counts = (ready, usable - ready, scores.size - usable)
        median = float(np.median(scores)) if np.isfinite(scores).all() else math.nan
        rows.append((*keys.cells(group), observer, scores.size, cell(median), *counts, *map(cell, shares)))
    return Table(
        "score-classes",
        "Masks fit for use by score",
        (
            *keys.columns,
            _OBSERVER,
            Column("n", "n", kind="integer"),
            Column("median", "Median", digits=1),
            Column("ready", "Ready (4 and more)", kind="integer", definition="Slight or no adjustment"),
            Column("usable", "Usable (3 to below 4)", kind="integer", definition="Limited adjustment"),
            Column("poor", "Poor (below 3)", kind="integer", definition="Not fit for use"),
            Column("fit_percent", "Fit for use", "%", digits=1, definition="Score 3 and more"),
            *interval_columns("fit_percent", "fit", confidence, unit="%", digits=1),
        ),
        tuple(rows),
        caption="Scores of 1 to 5 in the classes of Tang et al. 2020, table 3.",
        notes=(METHOD,),
    )


def _agreement(groups: dict[Group, dict[str, dict[str, float]]], confidence: float) -> list[Table]:
    keys = KeyColumns(groups)
    footnotes = Footnotes()
    rows: list[tuple[object, ...]] = []
    for group, values in groups.items():
        for first, second in combinations(observers_of(values), 2):
            sides = paired(of_observer(values, first), of_observer(values, second))
            if not sides.cases:
                continue
            apart = np.abs(sides.first - sides.second)
            within = int((apart <= _STEP + 1e-9).sum())
            kappa = weighted_kappa(sides.first.tolist(), sides.second.tolist(), confidence=confidence)
            numbers = (kappa.kappa, kappa.interval.low, kappa.interval.high)
            counts = (apart.size, int((apart == 0).sum()), within, apart.size - within)
            labels = (*keys.cells(group), first, second)
            rows.append((*labels, *counts, *map(cell, numbers), footnotes.mark(kappa.warnings)))
    if not rows:
        return []
    return [
        Table(
            "score-agreement",
            "Scores of two observers",
            (
                *keys.columns,
                Column("first", "Observer", kind="text"),
                Column("second", "Other observer", kind="text"),
                Column("n", "n", kind="integer"),
                Column("equal", "Equal", kind="integer"),
                Column("within_half", "Within 0.5", kind="integer"),
                Column("further", "Further apart", kind="integer"),
                Column("kappa", "Weighted kappa", definition="Linear weights"),
                *interval_columns("kappa", "kappa", confidence),
                REMARKS,
            ),
            tuple(rows),
            caption="Cases that both observers scored.",
            notes=("Cohen's kappa with linear weights, asymptotic interval.", *footnotes.notes()),
        )
    ]
