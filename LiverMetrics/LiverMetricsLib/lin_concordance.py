"""Lin's concordance correlation coefficient: do two methods give the same numbers?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .statistic import Interval, Statistic, check_confidence, few_cases, finite_rows


@dataclass(frozen=True)
class Concordance(Statistic):
    """Concordance of test and reference (Lin 1989, with Lin's corrections of 2000).

    Attributes:
        ccc: Concordance correlation coefficient, -1 to 1, from variances divided by n.
        interval: By Fisher's z.
        standard_error: Asymptotic, of ``ccc`` itself.
        pearson_r: Precision: how near the points are to some line.
        c_b: Accuracy: how near that line is to identity; ccc = r * c_b.
        scale_shift: v, standard deviation of the test over that of the reference.
        location_shift: u, difference of the means over the geometric mean of both deviations.
    """

    ccc: float
    interval: Interval
    standard_error: float
    pearson_r: float
    c_b: float
    scale_shift: float
    location_shift: float


def concordance(
    test: Sequence[float], reference: Sequence[float], *, confidence: float = 0.95
) -> Concordance:
    """Lin's concordance correlation coefficient; the formulas of R's ``epiR::epi.ccc``.

    Where either variable does not vary, the coefficient is undefined: NaN and a warning.

    Raises:
        InvalidSample: If the sequences differ in length or are no numbers.
    """
    check_confidence(confidence)
    table, warnings = finite_rows([test, reference], ["test", "reference"])
    n = len(table)
    warnings += few_cases(n)
    varies = n > 1 and bool((np.ptp(table, axis=0) > 0).all())
    if not varies:
        warnings += ("A variable does not vary: concordance is undefined.",)
        values = [math.nan] * 5
    else:
        values = _coefficients(table)
    ccc, r, c_b, v, u = values
    error = _standard_error(ccc, r, c_b, u, n) if varies and n > 2 else math.nan
    return Concordance(
        method="Lin's concordance correlation coefficient, variances by n, interval by Fisher's z",
        n=n,
        warnings=warnings,
        ccc=ccc,
        interval=_fisher_interval(ccc, error, confidence),
        standard_error=error,
        pearson_r=r,
        c_b=c_b,
        scale_shift=v,
        location_shift=u,
    )


def _coefficients(table: np.ndarray) -> list[float]:
    mean_test, mean_reference = table.mean(axis=0)
    sd_test, sd_reference = table.std(axis=0)
    covariance = ((table[:, 0] - mean_test) * (table[:, 1] - mean_reference)).mean()
    product = sd_test * sd_reference
    r = float(np.clip(covariance / product, -1.0, 1.0))
    v = float(sd_test / sd_reference)
    u = float((mean_test - mean_reference) / math.sqrt(product))
    c_b = 2.0 / (v + 1.0 / v + u * u)
    return [r * c_b, r, c_b, v, u]


def _standard_error(ccc: float, r: float, c_b: float, u: float, n: int) -> float:
    """Lin's asymptotic error with ccc / r written as c_b, so that it holds where r is 0."""
    variance = (
        (1 - r * r) * c_b**2 * (1 - ccc**2)
        + 2 * ccc**2 * c_b * (1 - ccc) * u**2
        - 0.5 * ccc**2 * c_b**2 * u**4
    ) / (n - 2)
    return math.sqrt(max(variance, 0.0))


def _fisher_interval(ccc: float, error: float, confidence: float) -> Interval:
    if not math.isfinite(error):
        return Interval(math.nan, math.nan, confidence)
    if abs(ccc) >= 1.0:
        return Interval(ccc, ccc, confidence)
    z = math.atanh(ccc)
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error / (1 - ccc**2)
    return Interval(math.tanh(z - reach), math.tanh(z + reach), confidence)
