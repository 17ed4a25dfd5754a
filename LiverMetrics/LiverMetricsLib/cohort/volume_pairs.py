"""Which volume is compared with which: every method beside its reference, one pair a case."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..limits_of_agreement import bland_altman
from ..lin_concordance import concordance
from ..linear_regression import regression
from .cohort_error import CohortError
from .grouping import Group, Paired, Values, paired, values_of
from .results import VolumePairs
from .rows import Cohort, Row

TEST, REFERENCE = "volume_test_ml", "volume_reference_ml"

_DEFAULT_REFERENCE = "manual"


def reference_method_of(cohort: Cohort, reference_method: str | None) -> str | None:
    """The method whose volumes are the reference; None for the column ``volume_reference_ml``.

    Without a choice it is that column, or, where the table lacks it, the method "manual".

    Raises:
        CohortError: If the method asked for is not in the table.
    """
    methods = sorted({row.method for row in cohort.rows})
    if reference_method is not None:
        if reference_method not in methods:
            raise CohortError(
                f"{cohort.source}, column 'method': there is no method {reference_method!r}; the table has "
                f"{', '.join(repr(method) for method in methods)}.",
                id="no-such-method",
            )
        return reference_method
    if REFERENCE in cohort.measures:
        return None
    return next((method for method in methods if method.casefold() == _DEFAULT_REFERENCE), None)


def volume_pairs(
    cohort: Cohort, reference_method: str | None, confidence: float
) -> list[tuple[Group, Paired, VolumePairs]]:
    """Every group that has a reference volume, its pairs of cases, and their agreement.

    Args:
        reference_method: As ``reference_method_of`` gives it.
    """
    found = []
    for group, name, tests, references in _sides(cohort, reference_method):
        pairs = _finite(paired(tests, references))
        if pairs.cases:
            found.append((group, pairs, _agreement(group, name, pairs, confidence)))
    return found


def _sides(cohort: Cohort, reference_method: str | None) -> list[tuple[Group, str, Values, Values]]:
    """Group, name of its reference, its volumes and those of the reference."""
    if TEST not in cohort.measures:
        return []
    if reference_method is None:
        rows = [row for row in cohort.rows if TEST in row.values and REFERENCE in row.values]
        references = values_of(cohort, REFERENCE, rows)
        return [
            (group, group.against or "reference", _tests_of(cohort, rows, group), values)
            for group, values in references.items()
        ]
    groups = values_of(cohort, TEST)
    sides: list[tuple[Group, str, Values, Values]] = []
    for group, values in groups.items():
        reference = _reference_group(group, reference_method, list(groups))
        if reference is not None:
            sides.append((group, reference_method, values, groups[reference]))
    return sides


def _tests_of(cohort: Cohort, rows: Sequence[Row], group: Group) -> Values:
    """Volumes of the rows of a group; ``values_of`` alone would not tell references apart."""
    of_group = [row for row in rows if Group(row.method, row.protocol, row.stage, row.against) == group]
    (values,) = values_of(cohort, TEST, of_group).values()
    return values


def _reference_group(group: Group, method: str, groups: list[Group]) -> Group | None:
    """The reference method in the same protocol and stage, or the only one there is of it."""
    candidates = [other for other in groups if other.method == method]
    same = [other for other in candidates if (other.protocol, other.stage) == (group.protocol, group.stage)]
    chosen = same or (candidates if len(candidates) == 1 else [])
    return chosen[0] if chosen and group.method != method else None


def _finite(pairs: Paired) -> Paired:
    keep = np.isfinite(pairs.first) & np.isfinite(pairs.second)
    return Paired(
        tuple(case for case, kept in zip(pairs.cases, keep) if kept),
        pairs.first[keep],
        pairs.second[keep],
        pairs.unmatched + int((~keep).sum()),
        pairs.averaged,
    )


def _agreement(group: Group, reference: str, pairs: Paired, confidence: float) -> VolumePairs:
    test, standard = pairs.first.tolist(), pairs.second.tolist()
    lin = concordance(test, standard, confidence=confidence)
    line = regression(standard, test, confidence=confidence)
    return VolumePairs(
        title=f"{group.words()} against {reference}",
        test_name=group.method or "mask",
        reference_name=reference,
        cases=pairs.cases,
        test_ml=pairs.first,
        reference_ml=pairs.second,
        limits_ml=bland_altman(test, standard, confidence=confidence),
        limits_percent=bland_altman(test, standard, scale="percent-of-reference", confidence=confidence),
        concordance=None if math.isnan(lin.ccc) else lin,
        regression=None if math.isnan(line.slope) else line,
    )
