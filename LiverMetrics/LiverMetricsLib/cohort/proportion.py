"""A share of cases with its confidence interval."""

from __future__ import annotations

import math

from scipy import stats

METHOD = "Intervals of shares by Clopper and Pearson (exact)."


def share_interval(count: int, n: int, confidence: float) -> tuple[float, float, float]:
    """Share, and the ends of its exact interval (Clopper and Pearson 1934; R's ``binom.test``).

    All between 0 and 1; NaN of no cases.
    """
    if n == 0:
        return math.nan, math.nan, math.nan
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, count, n - count + 1)) if count else 0.0
    high = float(stats.beta.ppf(1 - tail, count + 1, n - count)) if count < n else 1.0
    return count / n, low, high
