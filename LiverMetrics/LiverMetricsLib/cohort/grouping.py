"""Which values belong together: groups of rows, one value a case, and pairs of cases.

The case is the unit of every statistic. Where several observers measured one case, their values are averaged
first, so that a case counts once however often it was measured.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from .measures import measure_of
from .rows import Cohort, Row

# case -> observer -> value
Values = Mapping[str, Mapping[str, float]]

OBSERVER_RULE = (
    "The case is the unit: where several observers measured a case, their values are averaged first, so that "
    "no case counts twice."
)
MATCHING_RULE = (
    "Pairs are cases present in both. Where both sides of a case have observers in common, only these are "
    "averaged; otherwise all are."
)

_FIRST_METHODS = ("manual", "cnn", "corrected")
ORIGINAL, STANDARDIZED = "original", "standardized"
_STAGE_WORDS = {"standardised": STANDARDIZED}


@dataclass(frozen=True)
class Group:
    """What the rows of one line of a table have in common; "" where the table does not say.

    ``against`` is the method or observer whose masks were the reference, where the table names it.
    """

    method: str = ""
    protocol: str = ""
    stage: str = ""
    against: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """Sorting key: manual, cnn, corrected, then other methods; original before standardized."""
        return (
            _rank(self.method, _FIRST_METHODS),
            natural(self.protocol),
            _rank(stage_of(self.stage), (ORIGINAL, STANDARDIZED)),
            _rank(self.against, _FIRST_METHODS),
        )

    def words(self) -> str:
        """The group in words, for titles."""
        inside = ", ".join(name for name in (self.protocol, self.stage) if name)
        return (self.method or "all masks") + (f" ({inside})" if inside else "")


@dataclass(frozen=True)
class Paired:
    """Values of the same cases on two sides, sorted by value, so that the order of rows cannot matter.

    Attributes:
        cases: Names.
        first, second: As long as ``cases``.
        unmatched: Cases that only one side has.
        averaged: Cases with more than one observer on either side.
    """

    cases: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    unmatched: int
    averaged: int


def stage_of(stage: str) -> str:
    """A stage in the one spelling that tables compare: "Standardised: GAN" is "standardized: gan"."""
    kind, colon, standardizer = (part.strip() for part in stage.casefold().partition(":"))
    kind = _STAGE_WORDS.get(kind, kind)
    return f"{kind}: {standardizer}" if colon else kind


def standardizer_of(stage: str) -> str | None:
    """Who standardized: "gan" of the stage "standardized: gan", "" of "standardized", None of any other."""
    kind, _, standardizer = stage_of(stage).partition(": ")
    return standardizer if kind == STANDARDIZED else None


def values_of(
    cohort: Cohort, measure: str, rows: Iterable[Row] | None = None
) -> dict[Group, dict[str, dict[str, float]]]:
    """Values of a measure by group, case and observer; groups are sorted.

    Measures of the mask alone (its volume, time, score) do not tell references apart.
    """
    of_mask = measure_of(measure).of_mask
    found: dict[tuple[str, ...], dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in cohort.rows if rows is None else rows:
        if measure in row.values:
            names = (row.method, row.protocol, row.stage, "" if of_mask else row.against)
            found[names][row.case][row.observer] = row.values[measure]
    groups = {Group(*names): dict(cases) for names, cases in found.items()}
    return {group: groups[group] for group in sorted(groups, key=lambda group: group.order)}


def by_case(values: Values) -> np.ndarray:
    """One value a case, the mean of its observers, sorted; NaN (undefined) last."""
    return np.sort(np.array([mean_of(observers.values()) for observers in values.values()], dtype=float))


def mean_of(values: Iterable[float]) -> float:
    """Mean of those that are defined; infinite if one is; NaN if none is defined.

    Independent of the order, and exactly the value where all are alike.
    """
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return math.nan
    if min(defined) == max(defined):
        return defined[0]
    return math.fsum(defined) / len(defined) if all(map(math.isfinite, defined)) else sum(defined)


def paired(first: Values, second: Values) -> Paired:
    """Pair two groups case by case; see ``MATCHING_RULE``."""
    shared = sorted(set(first) & set(second))
    pairs = []
    averaged = 0
    for case in shared:
        left, right = _defined(first[case]), _defined(second[case])
        common = set(left) & set(right)
        if common:
            left = {observer: left[observer] for observer in common}
            right = {observer: right[observer] for observer in common}
        averaged += max(len(left), len(right)) > 1
        pairs.append((mean_of(left.values()), mean_of(right.values()), case))
    # NaN compares as nothing, so it is sorted by a flag before the value.
    pairs.sort(key=lambda pair: (*map(_sortable, pair[:2]), pair[2]))
    return Paired(
        cases=tuple(case for _, _, case in pairs),
        first=np.array([left for left, _, _ in pairs], dtype=float),
        second=np.array([right for _, right, _ in pairs], dtype=float),
        unmatched=len(set(first) ^ set(second)),
        averaged=averaged,
    )


def observers_of(values: Values) -> tuple[str, ...]:
    """Names of the observers that measured any case, sorted; unnamed ones are left out."""
    return tuple(sorted({name for observers in values.values() for name in observers if name}))


def of_observer(values: Values, observer: str) -> dict[str, dict[str, float]]:
    """The values of one observer."""
    return {case: {"": found[observer]} for case, found in values.items() if observer in found}


def split_by_observer(values: Values) -> list[tuple[str, Values]]:
    """The values of each observer apart; of rows without an observer under ""."""
    names = sorted({name for observers in values.values() for name in observers})
    return [(name, of_observer(values, name)) for name in names]


def natural(name: str) -> tuple[object, ...]:
    """Sorting key of a name that puts "M40" before "M100"."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


def _defined(observers: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in observers.items() if not math.isnan(value)}


def _sortable(value: float) -> tuple[bool, float]:
    return (math.isnan(value), 0.0 if math.isnan(value) else value)


def _rank(name: str, first: tuple[str, ...]) -> tuple[int, tuple[object, ...]]:
    folded = name.casefold()
    return (first.index(folded) if folded in first else len(first), natural(name))
