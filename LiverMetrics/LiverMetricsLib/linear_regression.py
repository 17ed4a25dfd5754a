"""Straight lines: ordinary least squares and Pearson's correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .statistic import Interval, Statistic, check_confidence, few_cases, finite_rows


@dataclass(frozen=True)
class Regression(Statistic):
    """Least-squares line y = intercept + slope * x and the correlation of x and y.

    Attributes:
        slope, intercept: With standard errors and intervals (t).
        slope_p: Two-sided, of slope 0.
        residual_sd: Standard deviation of the residuals, n - 2 degrees of freedom.
        pearson_r: Correlation, with its interval by Fisher's z.
        r_squared: Share of the variance of y that the line explains.
    """

    slope: float
    slope_error: float
    slope_interval: Interval
    slope_p: float
    intercept: float
    intercept_error: float
    intercept_interval: Interval
    residual_sd: float
    pearson_r: float
    pearson_interval: Interval
    r_squared: float


@dataclass(frozen=True)
class _Line:
    slope: float
    slope_error: float
    intercept: float
    intercept_error: float
    residual_sd: float
    r: float


_NO_LINE = _Line(*[math.nan] * 6)


def regression(x: Sequence[float], y: Sequence[float], *, confidence: float = 0.95) -> Regression:
    """Least-squares regression of y on x and Pearson's correlation; R's ``lm(y ~ x)`` and ``cor.test``.

    Where x does not vary, or there are fewer than three cases, values are NaN and a warning says so.

    Raises:
        InvalidSample: If the sequences differ in length or are no numbers.
    """
    check_confidence(confidence)
    table, warnings = finite_rows([x, y], ["x", "y"])
    n = len(table)
    warnings += few_cases(n)
    line = _fit(table[:, 0], table[:, 1])
    if math.isnan(line.slope):
        warnings += ("There is no line: it needs three cases and values of x that differ.",)
    return Regression(
        method="ordinary least squares; Pearson's r, interval by Fisher's z",
        n=n,
        warnings=warnings,
        slope=line.slope,
        slope_error=line.slope_error,
        slope_interval=_t_interval(line.slope, line.slope_error, n - 2, confidence),
        slope_p=_t_p(line.slope, line.slope_error, n - 2),
        intercept=line.intercept,
        intercept_error=line.intercept_error,
        intercept_interval=_t_interval(line.intercept, line.intercept_error, n - 2, confidence),
        residual_sd=line.residual_sd,
        pearson_r=line.r,
        pearson_interval=_fisher_interval(line.r, n, confidence),
        r_squared=line.r**2,
    )


def slope_test(x: np.ndarray, y: np.ndarray, confidence: float) -> tuple[float, Interval, float]:
    """Slope of y on x, its interval and its p; NaN where there is no line."""
    line = _fit(x, y)
    interval = _t_interval(line.slope, line.slope_error, x.size - 2, confidence)
    return line.slope, interval, _t_p(line.slope, line.slope_error, x.size - 2)


def _fit(x: np.ndarray, y: np.ndarray) -> _Line:
    n = x.size
    if n < 3 or np.ptp(x) == 0:
        return _NO_LINE
    # Centred sums keep their digits where values are large and close together.
    off_x, off_y = x - x.mean(), y - y.mean()
    sxx, sxy, syy = off_x @ off_x, off_x @ off_y, off_y @ off_y
    slope = sxy / sxx
    residual = off_y - slope * off_x
    residual_sd = math.sqrt(residual @ residual / (n - 2))
    return _Line(
        slope=float(slope),
        slope_error=float(residual_sd / math.sqrt(sxx)),
        intercept=float(y.mean() - slope * x.mean()),
        intercept_error=float(residual_sd * math.sqrt(1 / n + x.mean() ** 2 / sxx)),
        residual_sd=residual_sd,
        r=float(np.clip(sxy / math.sqrt(sxx * syy), -1.0, 1.0)) if syy > 0 else math.nan,
    )


def _t_interval(value: float, error: float, degrees_of_freedom: int, confidence: float) -> Interval:
    if math.isnan(error):
        return Interval(math.nan, math.nan, confidence)
    reach = float(stats.t.ppf((1 + confidence) / 2, degrees_of_freedom)) * error
    return Interval(value - reach, value + reach, confidence)


def _t_p(value: float, error: float, degrees_of_freedom: int) -> float:
    if math.isnan(error):
        return math.nan
    if error == 0:  # every point on the line
        return 1.0 if value == 0 else 0.0
    return float(2 * stats.t.sf(abs(value / error), degrees_of_freedom))


def _fisher_interval(r: float, n: int, confidence: float) -> Interval:
    if math.isnan(r) or n < 4:
        return Interval(math.nan, math.nan, confidence)
    if abs(r) == 1.0:
        return Interval(r, r, confidence)
    reach = float(stats.norm.ppf((1 + confidence) / 2)) / math.sqrt(n - 3)
    return Interval(math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach), confidence)
