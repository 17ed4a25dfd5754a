"""How well observers, or repetitions, agree: intraclass correlation and repeatability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .statistic import Interval, InvalidSample, Statistic, check_confidence, few_cases, finite_rows

_ROUNDING = 1e-12  # of the largest value
# Shrout and Fleiss's models: 1 cases with their own raters, 2 raters drawn at random (absolute agreement),
# 3 these raters only (consistency); 1 for a single rating, k for the mean of all.
MODELS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


@dataclass(frozen=True)
class IntraclassCorrelation(Statistic):
    """Intraclass correlation coefficient (Shrout and Fleiss 1979).

    Attributes:
        model: One of ``MODELS``.
        icc: With its interval.
        f, p: Test of no difference between cases.
        n_raters: Raters of each case.
    """

    model: str
    icc: float
    interval: Interval
    f: float
    p: float
    n_raters: int


@dataclass(frozen=True)
class Repeatability(Statistic):
    """Scatter of repeated measurements of one case (Bland and Altman 1996).

    Attributes:
        within_subject_sd: Square root of the mean variance within cases, with its interval (chi-squared).
        coefficient: 1.96 sqrt(2) times that: two measurements of one case differ by less in 95 %.
        n_repeats: Measurements of each case.
    """

    within_subject_sd: float
    within_subject_sd_interval: Interval
    coefficient: float
    coefficient_interval: Interval
    n_repeats: int


@dataclass(frozen=True)
class _MeanSquares:
    """Mean squares of cases (b), within cases (w), of raters (j) and of the error (e)."""

    b: float
    w: float
    j: float
    e: float


def intraclass_correlation(
    raters: Sequence[Sequence[float]], *, model: str = "ICC(2,1)", confidence: float = 0.95
) -> IntraclassCorrelation:
    """Intraclass correlation of several raters; R's ``psych::ICC``.

    Args:
        raters: One sequence a rater, each with one value a case, in the same order of cases.
        model: One of ``MODELS``; ICC(2,1) is absolute agreement of single raters drawn at random.

    Fewer than two cases, or cases that do not differ at all, give NaN and a warning.

    Raises:
        InvalidSample: If there are fewer than two raters, they differ in length, or the model is unknown.
    """
    check_confidence(confidence)
    if model not in MODELS:
        raise InvalidSample(f"The model is one of {', '.join(MODELS)}; found {model!r}.")
    table, warnings = finite_rows(raters, _names(raters, "rater"))
    n, k = table.shape
    warnings += few_cases(n)
    squares = _mean_squares(table) if n > 1 else None
    if squares is None or _all_alike(squares, table):
        warnings += ("Cases do not vary: the correlation is undefined.",)
        nothing = Interval(math.nan, math.nan, confidence)
        return IntraclassCorrelation(model, n, warnings, model, math.nan, nothing, math.nan, math.nan, k)
    single, interval, f, p = _single_rater(squares, model, n, k, confidence)
    if model.endswith("k)"):
        # The Spearman-Brown step from one rating to the mean of k; at its pole the mean has no limit below.
        single, low, high = (_of_mean(value, k) for value in (single, interval.low, interval.high))
        interval = Interval(low, high, confidence)
    return IntraclassCorrelation(
        method=f"{model}, two-sided interval by F",
        n=n,
        warnings=warnings,
        model=model,
        icc=single,
        interval=interval,
        f=f,
        p=p,
        n_raters=k,
    )


def repeatability(repeats: Sequence[Sequence[float]], *, confidence: float = 0.95) -> Repeatability:
    """Within-subject standard deviation and repeatability coefficient.

    Args:
        repeats: One sequence a repetition, each with one value a case, in the same order of cases.

    Raises:
        InvalidSample: If there are fewer than two repetitions or they differ in length.
    """
    check_confidence(confidence)
    table, warnings = finite_rows(repeats, _names(repeats, "repetition"))
    n, k = table.shape
    warnings += few_cases(n)
    freedom = n * (k - 1)
    sd = math.sqrt(float(table.var(axis=1, ddof=1).mean())) if n else math.nan
    factor = 1.96 * math.sqrt(2.0)
    low, high = (
        sd * math.sqrt(freedom / float(stats.chi2.ppf(tail, freedom))) if n else math.nan
        for tail in ((1 + confidence) / 2, (1 - confidence) / 2)
    )
    return Repeatability(
        method="within-subject standard deviation; repeatability coefficient 1.96 sqrt(2) SD",
        n=n,
        warnings=warnings,
        within_subject_sd=sd,
        within_subject_sd_interval=Interval(low, high, confidence),
        coefficient=factor * sd,
        coefficient_interval=Interval(factor * low, factor * high, confidence),
        n_repeats=k,
    )


def _names(columns: Sequence[Sequence[float]], word: str) -> list[str]:
    if len(columns) < 2:
        raise InvalidSample(f"There has to be more than one {word}; found {len(columns)}.")
    return [f"{word} {number}" for number in range(1, len(columns) + 1)]


def _mean_squares(table: np.ndarray) -> _MeanSquares:
    n, k = table.shape
    cases, raters, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    within = float(((table - cases[:, None]) ** 2).sum())
    between_raters = n * float(((raters - mean) ** 2).sum())
    error = float(((table - cases[:, None] - raters + mean) ** 2).sum())
    return _MeanSquares(
        b=k * float(((cases - mean) ** 2).sum()) / (n - 1),
        w=within / (n * (k - 1)),
        j=between_raters / (k - 1),
        e=error / ((n - 1) * (k - 1)),
    )


def _all_alike(squares: _MeanSquares, table: np.ndarray) -> bool:
    """Whether cases differ by rounding at most, once the raters' own offsets are taken away."""
    rounding = (_ROUNDING * float(np.abs(table).max())) ** 2
    return max(squares.b, squares.e) <= rounding


def _single_rater(
    squares: _MeanSquares, model: str, n: int, k: int, confidence: float
) -> tuple[float, Interval, float, float]:
    """Coefficient of a single rating, its interval, F and p."""
    error, freedom = (squares.w, n * (k - 1)) if model.startswith("ICC(1") else (squares.e, (n - 1) * (k - 1))
    if error == 0 and (squares.j == 0 or not model.startswith("ICC(2")):
        return 1.0, Interval(1.0, 1.0, confidence), math.inf, 0.0
    f = squares.b / error if error > 0 else math.inf
    p = float(stats.f.sf(f, n - 1, freedom))
    if model.startswith("ICC(2"):
        icc = (squares.b - squares.e) / (squares.b + (k - 1) * squares.e + k * (squares.j - squares.e) / n)
        return icc, _interval_of_model_2(squares, icc, n, k, confidence), f, p
    tail = (1 + confidence) / 2
    low = f / float(stats.f.ppf(tail, n - 1, freedom))
    high = f * float(stats.f.ppf(tail, freedom, n - 1))
    interval = Interval((low - 1) / (low + k - 1), (high - 1) / (high + k - 1), confidence)
    return (f - 1) / (f + k - 1), interval, f, p


def _interval_of_model_2(squares: _MeanSquares, icc: float, n: int, k: int, confidence: float) -> Interval:
    """Shrout and Fleiss 1979, p. 424, degrees of freedom by Satterthwaite; no division by the error."""
    b, j, e = squares.b, squares.j, squares.e
    raters = k * icc * j
    error = (n * (1 + (k - 1) * icc) - k * icc) * e
    freedom = (raters + error) ** 2 / (raters**2 / (k - 1) + error**2 / ((n - 1) * (k - 1)))
    tail = (1 + confidence) / 2
    upper = float(stats.f.ppf(tail, n - 1, freedom))
    lower = float(stats.f.ppf(tail, freedom, n - 1))
    rest = k * j + (k * n - k - n) * e
    low = n * (b - upper * e) / (upper * rest + n * b)
    high = n * (lower * b - e) / (rest + n * lower * b)
    return Interval(low, high, confidence)


def _of_mean(single: float, k: int) -> float:
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else -math.inf
