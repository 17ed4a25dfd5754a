"""Paired comparisons of two groups: t test and Wilcoxon, rows of a table, corrected p."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..multiple_tests import bonferroni, holm
from ..paired_tests import PairedT, Wilcoxon, paired_t, wilcoxon
from .cohort_error import CohortError
from .grouping import Paired
from .layout import Footnotes, interval_columns
from .table import Cell, Column, cell

CORRECTIONS = {"holm": holm, "bonferroni": bonferroni}

# Differences that agree to so many digits of the values differ by rounding alone.
_DIGITS = 12
_MOST_DECIMALS = 300  # numpy.round multiplies by ten to their power

_ONE_PAIR = "With fewer than two pairs nothing can be inferred: no interval, no p."
_UNMATCHED = "Cases that only one side has are left out of the comparison."
_AVERAGED = "Several observers measured some cases; their values were averaged within the case."


@dataclass(frozen=True)
class PairedComparison:
    """First - second over the same cases.

    Attributes:
        n: Cases on both sides that are defined on both.
        t, ranks: The tests.
        remarks: What a reader must know.
    """

    n: int
    t: PairedT
    ranks: Wilcoxon
    remarks: tuple[str, ...]


def compare_paired(pairs: Paired, confidence: float) -> PairedComparison:
    """Both tests on one set of pairs."""
    first, second = _without_rounding(pairs.first, pairs.second)
    t = paired_t(first.tolist(), second.tolist(), confidence=confidence)
    ranks = wilcoxon(first.tolist(), second.tolist(), confidence=confidence)
    remarks = list(dict.fromkeys((*t.warnings, *ranks.warnings)))
    if ranks.n < 2:
        remarks = [_ONE_PAIR]
    if pairs.unmatched:
        remarks.append(_UNMATCHED)
    if pairs.averaged:
        remarks.append(_AVERAGED)
    return PairedComparison(ranks.n, t, ranks, tuple(remarks))


def result_columns(confidence: float, correction: str) -> tuple[Column, ...]:
    """Columns of the tests; cells by ``result_rows``."""
    corrected = f"corrected ({correction.capitalize()})"
    return (
        Column("n", "n", kind="integer", definition="Cases with a defined value on both sides"),
        Column("n_t", "n of the t test", kind="integer", definition="Cases with finite values on both sides"),
        Column("difference", "Mean difference", definition="First - second, over finite pairs"),
        *interval_columns("difference", "", confidence),
        Column("d_z", "d_z", digits=2, definition="Mean difference / SD of the differences"),
        Column("p_t", "p (t)", kind="p", definition="Paired t test, two-sided"),
        Column("p_t_corrected", f"p (t), {corrected}", kind="p"),
        Column("shift", "Hodges-Lehmann shift", definition="Median of the means of all pairs of differences"),
        *interval_columns("shift", "shift", confidence),
        Column("p_wilcoxon", "p (Wilcoxon)", kind="p", definition="Wilcoxon signed-rank test, two-sided"),
        Column("p_wilcoxon_corrected", f"p (Wilcoxon), {corrected}", kind="p"),
    )


def result_rows(results: Sequence[PairedComparison], correction: str) -> list[tuple[Cell, ...]]:
    """Cells for ``result_columns``; p is corrected over all the results given, one family."""
    p_t = corrected_p([result.t.p for result in results], correction)
    p_ranks = corrected_p([result.ranks.p for result in results], correction)
    return [_cells(*line) for line in zip(results, p_t, p_ranks)]


def corrected_p(p_values: Sequence[float], correction: str) -> tuple[float, ...]:
    """P values corrected as one family; NaN where there was none.

    Raises:
        CohortError: If there is no such correction.
    """
    check_correction(correction)
    return CORRECTIONS[correction](p_values).p


def check_correction(correction: str) -> None:
    """Refuse an unknown correction.

    Raises:
        CohortError: With those that there are.
    """
    if correction not in CORRECTIONS:
        raise CohortError(
            f"The correction is one of {', '.join(CORRECTIONS)}; found {correction!r}.",
            id="invalid-argument",
        )


def remark_cells(results: Sequence[PairedComparison], footnotes: Footnotes) -> list[str]:
    """Letters of each result's remarks."""
    return [footnotes.mark(result.remarks) for result in results]


def _cells(result: PairedComparison, p_t: float, p_ranks: float) -> tuple[Cell, ...]:
    t, ranks = result.t, result.ranks
    numbers = (
        t.difference, t.difference_interval.low, t.difference_interval.high, t.d_z, t.p, p_t,
        ranks.pseudomedian, ranks.pseudomedian_interval.low, ranks.pseudomedian_interval.high,
        ranks.p, p_ranks,
    )  # fmt: skip
    return (result.n, t.n, *map(cell, numbers))


def _without_rounding(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs with differences that equal values give equal, as 0.91 - 0.90 and 0.81 - 0.80 are not.

    Finite pairs become (difference, 0), rounded; the others stay as they are.
    """
    finite = np.isfinite(first) & np.isfinite(second)
    if not finite.any():
        return first, second
    size = float(np.abs(np.concatenate([first[finite], second[finite]])).max())
    decimals = min(_MOST_DECIMALS, _DIGITS - (math.ceil(math.log10(size)) if size > 0 else 0))
    left, right = first.copy(), np.where(finite, 0.0, second)
    left[finite] = np.round(first[finite] - second[finite], decimals)
    return left, right
