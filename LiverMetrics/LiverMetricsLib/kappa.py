"""Cohen's kappa, plain or weighted, for scores on a scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .statistic import Interval, InvalidSample, Statistic, check_confidence, few_cases, finite_rows

WEIGHTS = ("none", "linear", "quadratic")


@dataclass(frozen=True)
class Kappa(Statistic):
    """Agreement of two raters beyond chance (Cohen 1960, 1968).

    Attributes:
        weights: How much a disagreement counts: "none" all alike, "linear" by the difference of the scores,
            "quadratic" by its square.
        kappa: 1 full agreement, 0 as by chance; with its interval (Fleiss, Cohen and Everitt 1969).
        standard_error: Asymptotic.
        observed, expected: Weighted agreement seen, and that by chance.
        categories: Scores that occur, sorted.
    """

    weights: str
    kappa: float
    interval: Interval
    standard_error: float
    observed: float
    expected: float
    categories: tuple[float, ...]


def weighted_kappa(
    first: Sequence[float], second: Sequence[float], *, weights: str = "linear", confidence: float = 0.95
) -> Kappa:
    """Weighted kappa of two raters' scores; R's ``vcd::Kappa``.

    Disagreements count by the difference of the scores themselves, so that scores nobody gave do not matter.

    Raises:
        InvalidSample: If the sequences differ in length, are no numbers, or the weights are unknown.
    """
    check_confidence(confidence)
    if weights not in WEIGHTS:
        raise InvalidSample(f"The weights are one of {', '.join(WEIGHTS)}; found {weights!r}.")
    table, warnings = finite_rows([first, second], ["first", "second"])
    n = len(table)
    warnings += few_cases(n)
    categories, places = np.unique(table, return_inverse=True)
    size = categories.size
    if size < 2:
        warnings += ("Fewer than two different scores: kappa is undefined.",)
        nothing = Interval(math.nan, math.nan, confidence)
        values = tuple(categories.tolist())
        return Kappa(
            f"Cohen's kappa, {weights} weights", n, warnings, weights,
            math.nan, nothing, math.nan, math.nan, math.nan, values,
        )  # fmt: skip
    pairs = places.reshape(-1, 2)
    shares = np.bincount(pairs[:, 0] * size + pairs[:, 1], minlength=size * size).reshape(size, size) / n
    credit = _credit(categories, weights)
    kappa, error, observed, expected = _estimate(shares, credit, n)
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error
    return Kappa(
        method=f"Cohen's kappa, {weights} weights, asymptotic interval",
        n=n,
        warnings=warnings,
        weights=weights,
        kappa=kappa,
        interval=Interval(kappa - reach, kappa + reach, confidence),
        standard_error=error,
        observed=observed,
        expected=expected,
        categories=tuple(categories.tolist()),
    )


def _credit(categories: np.ndarray, weights: str) -> np.ndarray:
    """What each pair of scores counts for: 1 agreement, 0 the largest disagreement."""
    apart = np.abs(categories[:, None] - categories[None]) / np.ptp(categories)
    if weights == "none":
        return (apart == 0).astype(float)
    return 1.0 - (apart if weights == "linear" else apart**2)


def _estimate(shares: np.ndarray, credit: np.ndarray, n: int) -> tuple[float, float, float, float]:
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float((credit * shares).sum()), float(rows @ credit @ columns)
    kappa = (observed - expected) / (1 - expected)
    by_chance = (credit @ columns)[:, None] + (credit.T @ rows)[None]
    spread = float((shares * (credit - by_chance * (1 - kappa)) ** 2).sum())
    variance = (spread - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2)
    return kappa, math.sqrt(max(variance, 0.0)), observed, expected
