"""Bland and Altman's limits of agreement, in the unit of measurement or in percent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .linear_regression import slope_test
from .statistic import (
    Interval,
    InvalidSample,
    Statistic,
    check_confidence,
    few_cases,
    finite_rows,
    not_normal,
)

SCALES = ("absolute", "percent-of-reference", "percent-of-mean")


@dataclass(frozen=True)
class BlandAltman(Statistic):
    """Agreement of test and reference (Bland and Altman 1986, 1999).

    Attributes:
        scale: "absolute", "percent-of-reference" or "percent-of-mean": what differences are measured in.
        bias: Mean of test - reference, with its interval (t).
        sd: Standard deviation of the differences.
        lower_limit, upper_limit: bias -+ ``multiple`` * sd, with their intervals.
        multiple: How many standard deviations the limits are away.
        slope: Change of the difference per unit of the mean of both: a bias that grows with size.
        slope_p: Two-sided.
    """

    scale: str
    bias: float
    bias_interval: Interval
    sd: float
    lower_limit: float
    lower_limit_interval: Interval
    upper_limit: float
    upper_limit_interval: Interval
    multiple: float
    slope: float
    slope_interval: Interval
    slope_p: float


def bland_altman(
    test: Sequence[float],
    reference: Sequence[float],
    *,
    scale: str = "absolute",
    multiple: float = 1.96,
    confidence: float = 0.95,
) -> BlandAltman:
    """Bias and limits of agreement of two methods.

    Intervals of the limits: variance sd^2 (1 / n + multiple^2 / (2 (n - 1))), t with n - 1 (Bland and
    Altman 1999, section 4).

    Args:
        test, reference: One value a case; the same unit.
        scale: See ``BlandAltman``. In percent, cases with a 0 to divide by are left out with a warning.

    Raises:
        InvalidSample: If the sequences differ in length or are no numbers, or the scale is unknown.
    """
    check_confidence(confidence)
    if scale not in SCALES:
        raise InvalidSample(f"The scale is one of {', '.join(SCALES)}; found {scale!r}.")
    table, warnings = finite_rows([test, reference], ["test", "reference"])
    difference, mean, more = _differences(table, scale)
    n = difference.size
    warnings += more + few_cases(n) + not_normal(difference, "differences")
    bias = float(difference.mean()) if n else math.nan
    sd = float(difference.std(ddof=1)) if n > 1 else math.nan
    t = float(stats.t.ppf((1 + confidence) / 2, n - 1)) if n > 1 else math.nan
    reach = t * sd / math.sqrt(n) if n > 1 else math.nan
    limit_reach = t * sd * math.sqrt(1 / n + multiple**2 / (2 * (n - 1))) if n > 1 else math.nan
    lower, upper = bias - multiple * sd, bias + multiple * sd
    slope, slope_interval, slope_p = slope_test(mean, difference, confidence)
    return BlandAltman(
        method=f"Bland-Altman limits of agreement, bias -+ {multiple:g} SD ({scale.replace('-', ' ')})",
        n=n,
        warnings=warnings,
        scale=scale,
        bias=bias,
        bias_interval=Interval(bias - reach, bias + reach, confidence),
        sd=sd,
        lower_limit=lower,
        lower_limit_interval=Interval(lower - limit_reach, lower + limit_reach, confidence),
        upper_limit=upper,
        upper_limit_interval=Interval(upper - limit_reach, upper + limit_reach, confidence),
        multiple=multiple,
        slope=slope,
        slope_interval=slope_interval,
        slope_p=slope_p,
    )


def _differences(table: np.ndarray, scale: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Differences on the scale asked for, the means of both methods, and a warning about cases left out."""
    test, reference = table.T
    mean = (test + reference) / 2
    if scale == "absolute":
        return test - reference, mean, ()
    whole = reference if scale == "percent-of-reference" else mean
    keep = whole != 0
    warnings = () if keep.all() else (f"{(~keep).sum()} cases left out: there is no percentage of 0.",)
    return 100 * (test - reference)[keep] / whole[keep], mean[keep], warnings
