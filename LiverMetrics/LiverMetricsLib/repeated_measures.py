"""Several methods or protocols on the same cases: repeated-measures ANOVA and Friedman's test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

from .statistic import InvalidSample, Statistic, defined_rows, few_cases, finite_rows


@dataclass(frozen=True)
class RepeatedAnova(Statistic):
    """One-way repeated-measures analysis of variance.

    Attributes:
        f, df_between, df_error, p: The test if sphericity holds.
        partial_eta_squared: Share of the variance within cases that the conditions explain.
        mauchly_w, mauchly_p: Test of sphericity (R's ``mauchly.test``); NaN with two conditions, where it
            always holds, and with no more cases than contrasts, where it cannot be tested.
        epsilon_gg, p_gg: Greenhouse and Geisser's correction, and p with it.
        epsilon_hf, p_hf: Huynh and Feldt's, at most 1.
    """

    f: float
    df_between: int
    df_error: int
    p: float
    partial_eta_squared: float
    mauchly_w: float
    mauchly_p: float
    epsilon_gg: float
    p_gg: float
    epsilon_hf: float
    p_hf: float


@dataclass(frozen=True)
class Friedman(Statistic):
    """Friedman's rank test of several conditions on the same cases.

    Attributes:
        chi_squared, degrees_of_freedom, p: With correction for ties, chi-squared approximation.
        kendall_w: Concordance of the cases, 0 to 1.
        mean_ranks: One a condition, in the order given.
    """

    chi_squared: float
    degrees_of_freedom: int
    p: float
    kendall_w: float
    mean_ranks: tuple[float, ...]


def repeated_anova(conditions: Sequence[Sequence[float]]) -> RepeatedAnova:
    """One-way repeated-measures ANOVA with tests and corrections of sphericity.

    Args:
        conditions: One sequence a condition, each with one value a case, in the same order of cases.

    Raises:
        InvalidSample: If there are fewer than two conditions or they differ in length.
    """
    table, warnings = finite_rows(conditions, _names(conditions))
    n, k = table.shape
    warnings += few_cases(n)
    df_between, df_error = k - 1, (n - 1) * (k - 1)
    f = eta = math.nan
    if n > 1:
        between = n * float(((table.mean(axis=0) - table.mean()) ** 2).sum())
        residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
        error = float((residual**2).sum())
        if error > 1e-24 * float((table**2).sum()):
            f = (between / df_between) / (error / df_error)
            eta = between / (between + error)
        else:
            warnings += ("Cases differ from each other by constants: there is no error to test against.",)
    w, mauchly_p, gg, hf = _sphericity(table) if math.isfinite(f) else (math.nan,) * 4
    if k > 2 and math.isnan(w):
        warnings += ("Sphericity could not be tested.",)
    elif mauchly_p < 0.05:
        warnings += (f"Sphericity does not hold (Mauchly p = {mauchly_p:.3g}): use a corrected p.",)
    return RepeatedAnova(
        method="one-way repeated-measures ANOVA; Mauchly, Greenhouse-Geisser, Huynh-Feldt",
        n=n,
        warnings=warnings,
        f=f,
        df_between=df_between,
        df_error=df_error,
        p=_f_p(f, df_between, df_error, 1.0),
        partial_eta_squared=eta,
        mauchly_w=w,
        mauchly_p=mauchly_p,
        epsilon_gg=gg,
        p_gg=_f_p(f, df_between, df_error, gg),
        epsilon_hf=hf,
        p_hf=_f_p(f, df_between, df_error, hf),
    )


def friedman(conditions: Sequence[Sequence[float]]) -> Friedman:
    """Friedman's test with correction for ties; R's ``friedman.test``.

    Infinite values rank last; NaN leaves its case out.

    Args:
        conditions: As for ``repeated_anova``.

    Raises:
        InvalidSample: If there are fewer than two conditions or they differ in length.
    """
    table, warnings = defined_rows(conditions, _names(conditions))
    n, k = table.shape
    warnings += few_cases(n)
    ranks = stats.rankdata(table, axis=1) if n else np.zeros((0, k))
    sums = ranks.sum(axis=0)
    # The variance of the ranks as they are, so that ties are accounted for.
    spread = float(((ranks - (k + 1) / 2) ** 2).sum()) / (k - 1)
    chi_squared = float(((sums - n * (k + 1) / 2) ** 2).sum()) / spread if spread > 0 else math.nan
    if spread == 0:
        warnings += ("All conditions are equal in every case: there is nothing to rank.",)
    return Friedman(
        method="Friedman test, chi-squared approximation with correction for ties",
        n=n,
        warnings=warnings,
        chi_squared=chi_squared,
        degrees_of_freedom=k - 1,
        p=float(stats.chi2.sf(chi_squared, k - 1)) if n else math.nan,
        kendall_w=chi_squared / (n * (k - 1)) if n else math.nan,
        mean_ranks=tuple((sums / n).tolist()) if n else (math.nan,) * k,
    )


def _names(conditions: Sequence[Sequence[float]]) -> list[str]:
    if len(conditions) < 2:
        raise InvalidSample(f"There have to be two conditions or more; found {len(conditions)}.")
    return [f"condition {number}" for number in range(1, len(conditions) + 1)]


def _sphericity(table: np.ndarray) -> tuple[float, float, float, float]:
    """Mauchly's W and p, and the epsilons of Greenhouse-Geisser and Huynh-Feldt."""
    n, k = table.shape
    p = k - 1
    contrasts = linalg.helmert(k)  # orthonormal rows, each orthogonal to the mean
    covariance = np.atleast_2d(np.cov(table @ contrasts.T, rowvar=False))
    gg = float(np.trace(covariance) ** 2 / (p * (covariance**2).sum()))
    denominator = p * (n - 1 - p * gg)
    hf = min(1.0, (n * p * gg - 2) / denominator) if denominator > 0 else 1.0
    if p == 1 or n - 1 < p:
        return math.nan, math.nan, gg, hf
    w = float(np.linalg.det(covariance) / (np.trace(covariance) / p) ** p)
    return w, _mauchly_p(w, p, n - 1), gg, hf


def _mauchly_p(w: float, p: int, degrees: int) -> float:
    """p of Mauchly's W by the two-term expansion that R and SPSS use (Anderson 1958, 10.7)."""
    if w <= 0:
        return 0.0
    rho = 1 - (2 * p * p + p + 2) / (6 * p * degrees)
    numerator = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p * p + 3 * p + 2)
    second = numerator / (288 * (p * degrees * rho) ** 2)
    chi_squared = -degrees * rho * math.log(w)
    freedom = p * (p + 1) / 2 - 1
    first = float(stats.chi2.sf(chi_squared, freedom))
    return first + second * (float(stats.chi2.sf(chi_squared, freedom + 4)) - first)


def _f_p(f: float, df_between: int, df_error: int, epsilon: float) -> float:
    return float(stats.f.sf(f, df_between * epsilon, df_error * epsilon))
