"""Description of a sample by the rule for values that are not finite.

Every case stays in n. NaN is undefined and takes no part; infinity takes part in medians, quartiles and the
range; means and standard deviations use the finite values, and their number is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

NOT_FINITE_RULE = (
    "n counts all cases. Undefined values (both masks empty) are in no other number; infinite ones (one mask "
    "empty) are in median, quartiles and range, and mean and SD are of the finite ones alone, as many as the "
    "column says."
)
QUARTILE_RULE = "Quartiles by linear interpolation (R type 7); SD with n - 1."


@dataclass(frozen=True)
class Summary:
    """A sample in numbers; NaN where one is not available.

    Attributes:
        n: All values, undefined and infinite ones included.
        n_finite, n_infinite, n_undefined: How many of which.
        mean, sd: Of the finite ones.
        median, q1, q3, low, high: Of the finite and infinite ones.
    """

    n: int
    n_finite: int
    n_infinite: int
    n_undefined: int
    mean: float
    sd: float
    median: float
    q1: float
    q3: float
    low: float
    high: float


def summarize(values: np.ndarray) -> Summary:
    """Describe a sample."""
    defined = np.sort(values[~np.isnan(values)])
    finite = defined[np.isfinite(defined)]
    return Summary(
        n=values.size,
        n_finite=finite.size,
        n_infinite=defined.size - finite.size,
        n_undefined=values.size - defined.size,
        mean=_mean(finite),
        sd=_deviation(finite),
        median=quantile(defined, 0.5),
        q1=quantile(defined, 0.25),
        q3=quantile(defined, 0.75),
        low=float(defined[0]) if defined.size else math.nan,
        high=float(defined[-1]) if defined.size else math.nan,
    )


def quantile(ordered: np.ndarray, share: float) -> float:
    """Linear quantile of sorted values, infinite ones included; NaN of none.

    Between a finite and an infinite value it is infinite; numpy's own gives NaN there.
    """
    if ordered.size == 0:
        return math.nan
    place = share * (ordered.size - 1)
    below = math.floor(place)
    weight = place - below
    low = float(ordered[below])
    if weight == 0 or low == ordered[below + 1]:
        return low
    high = float(ordered[below + 1])
    if math.isinf(low) and math.isinf(high):
        return math.nan
    return low if math.isinf(low) else low + weight * (high - low)


def _mean(finite: np.ndarray) -> float:
    if finite.size == 0:
        return math.nan
    return float(finite[0]) if finite[0] == finite[-1] else math.fsum(finite) / finite.size


def _deviation(finite: np.ndarray) -> float:
    if finite.size < 2:
        return math.nan
    return 0.0 if finite[0] == finite[-1] else float(finite.std(ddof=1))
