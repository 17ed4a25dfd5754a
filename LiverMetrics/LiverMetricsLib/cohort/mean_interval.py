"""The confidence interval of a measure's mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from ..statistic import Interval, check_confidence
from .measures import measure_of


def mean_interval(values: Sequence[float], measure: str, confidence: float = 0.95) -> Interval:
    """Student's t interval of the mean, cut off at what the measure can be.

    Student's t knows no bounds: the interval of a few Dice coefficients near 1 reaches beyond 1. No mean lies
    there, so that what is cut off holds none of the interval's confidence.

    Args:
        values: One a case.
        measure: A column of a cohort table (``dice``); one that is not known has no bounds.
        confidence: 0 to 1.

    Returns:
        NaN and NaN for fewer than two values, and where one is not finite.

    Raises:
        InvalidSample: Unless 0 < confidence < 1.
    """
    check_confidence(confidence)
    array = np.asarray(values, float)
    n = array.size
    if n < 2 or not np.isfinite(array).all():
        return Interval(math.nan, math.nan, confidence)
    mean = float(array.mean())
    reach = float(stats.t.ppf((1 + confidence) / 2, n - 1)) * float(array.std(ddof=1)) / math.sqrt(n)
    of = measure_of(measure)
    return Interval(max(mean - reach, of.low), min(mean + reach, of.high), confidence)
