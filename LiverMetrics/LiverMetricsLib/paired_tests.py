"""Is one method different from another on the same cases? Paired t test and Wilcoxon's signed-rank test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize, special, stats

from .statistic import Interval, Statistic, check_confidence, defined_rows, few_cases, finite_rows, not_normal

# Up to this many pairs the exact distribution costs nothing; beyond it the normal one is as good.
EXACT_UP_TO = 50


@dataclass(frozen=True)
class PairedT(Statistic):
    """Paired t test of first - second.

    Attributes:
        difference: Mean difference, with its interval.
        t, degrees_of_freedom, p: The test, two-sided.
        d_z: Mean difference / standard deviation of the differences, with its interval (noncentral t).
        g_z: d_z without the bias of small samples (Hedges).
    """

    difference: float
    difference_interval: Interval
    t: float
    degrees_of_freedom: int
    p: float
    d_z: float
    d_z_interval: Interval
    g_z: float
    g_z_interval: Interval


@dataclass(frozen=True)
class Wilcoxon(Statistic):
    """Wilcoxon's signed-rank test of first - second.

    Attributes:
        pseudomedian: Hodges-Lehmann estimate: median of the means of all pairs of differences.
        v: Sum of the ranks of the positive differences (R's V).
        p: Two-sided.
        n_zero: Pairs without a difference; they are left out of the ranks (Wilcoxon's rule).
    """

    pseudomedian: float
    pseudomedian_interval: Interval
    v: float
    p: float
    n_zero: int


def paired_t(first: Sequence[float], second: Sequence[float], *, confidence: float = 0.95) -> PairedT:
    """Paired t test with effect sizes; R's ``t.test(first, second, paired = TRUE)``.

    Fewer than two finite pairs, or differences without variance, give NaN and a warning.

    Raises:
        InvalidSample: If the sequences differ in length or are no numbers.
    """
    check_confidence(confidence)
    table, warnings = finite_rows([first, second], ["first", "second"])
    difference = table[:, 0] - table[:, 1]
    n = difference.size
    warnings += few_cases(n) + not_normal(difference, "differences")
    mean = float(difference.mean()) if n else math.nan
    deviation = float(difference.std(ddof=1)) if n > 1 else math.nan
    if n > 1 and np.ptp(difference) == 0:
        warnings += ("All differences are equal: there is no variance to test against.",)
        deviation = math.nan
    error = deviation / math.sqrt(n) if n else math.nan
    t = mean / error
    reach = float(stats.t.ppf((1 + confidence) / 2, n - 1)) * error if n > 1 else math.nan
    effect, effect_interval = mean / deviation, _effect_interval(t, n, confidence)
    correction = _hedges(n - 1)
    return PairedT(
        method="paired t test, two-sided; d_z and g_z with noncentral-t intervals",
        n=n,
        warnings=warnings,
        difference=mean,
        difference_interval=Interval(mean - reach, mean + reach, confidence),
        t=t,
        degrees_of_freedom=n - 1,
        p=float(2 * stats.t.sf(abs(t), n - 1)) if n > 1 else math.nan,
        d_z=effect,
        d_z_interval=effect_interval,
        g_z=effect * correction,
        g_z_interval=Interval(
            effect_interval.low * correction, effect_interval.high * correction, confidence
        ),
    )


def wilcoxon(first: Sequence[float], second: Sequence[float], *, confidence: float = 0.95) -> Wilcoxon:
    """Wilcoxon's signed-rank test; R's ``wilcox.test(first, second, paired = TRUE, conf.int = TRUE)``.

    Up to ``EXACT_UP_TO`` pairs p is exact, with ties too (the distribution of the ranks as they are); beyond,
    it is normal with corrections for ties and continuity. The method says which. Two infinite values are a
    tie. The interval is the usual one of ordered Walsh averages and supposes no ties.

    Raises:
        InvalidSample: If the sequences differ in length or are no numbers.
    """
    check_confidence(confidence)
    table, warnings = defined_rows([first, second], ["first", "second"])
    with np.errstate(invalid="ignore"):
        difference = np.where(table[:, 0] == table[:, 1], 0.0, table[:, 0] - table[:, 1])
    n_zero = int((difference == 0).sum())
    ranked = difference[difference != 0]
    ranks = stats.rankdata(np.abs(ranked))
    n = ranked.size
    if n_zero:
        warnings += (f"{n_zero} pairs without a difference are left out of the ranks.",)
    if np.unique(np.abs(ranked)).size < n:
        warnings += ("Some differences are tied.",)
    warnings += few_cases(n)
    v = float(ranks[ranked > 0].sum())
    exact = n <= EXACT_UP_TO
    p = math.nan if n == 0 else _exact_p(ranks, v) if exact else _normal_p(ranks, v)
    estimate, interval = _hodges_lehmann(ranked, confidence, exact)
    return Wilcoxon(
        method="Wilcoxon signed-rank test, two-sided, "
        + ("exact" if exact else "normal approximation with corrections for ties and continuity"),
        n=int(difference.size),
        warnings=warnings,
        pseudomedian=estimate,
        pseudomedian_interval=interval,
        v=v,
        p=p,
        n_zero=n_zero,
    )


def _effect_interval(t: float, n: int, confidence: float) -> Interval:
    """Interval of d_z: the noncentralities that put t at either tail, over sqrt(n)."""
    if n < 2 or not math.isfinite(t):
        return Interval(math.nan, math.nan, confidence)
    low, high = (
        _noncentrality(t, n - 1, tail) / math.sqrt(n) for tail in ((1 + confidence) / 2, (1 - confidence) / 2)
    )
    return Interval(low, high, confidence)


def _noncentrality(t: float, degrees_of_freedom: int, tail: float) -> float:
    """The noncentrality with which ``tail`` of the t distribution lies below t."""
    if t < 0:
        return -_noncentrality(-t, degrees_of_freedom, 1 - tail)
    # t lies above (Z + noncentrality) / S where t S - Z exceeds the noncentrality, and a normal Z is within
    # +- 9 but for one in 10^18: so the quantile of t S is as near.
    middle = t * math.sqrt(float(special.chdtri(degrees_of_freedom, tail)) / degrees_of_freedom)

    def excess(noncentrality: float) -> float:
        return _below(t, degrees_of_freedom, noncentrality) - tail

    return float(optimize.brentq(excess, middle - 9, middle + 9, xtol=1e-10))


@cache
def _gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on -1 to 1; enough for the integrals below to reach 12 digits."""
    return np.polynomial.legendre.leggauss(256)


def _below(t: float, degrees_of_freedom: int, noncentrality: float) -> float:
    """Distribution function of the noncentral t at t >= 0.

    ``scipy.special.nctdtr`` gives NaN or does not return for large t. T = (Z + noncentrality) / S with Z
    normal and S^2 chi-squared / degrees of freedom; the integral is over the one of both that varies less.
    """
    nodes, weights = _gauss_legendre()
    df = degrees_of_freedom
    if t > math.sqrt(2 * df):
        low, high = max(-noncentrality, -9.0), max(-noncentrality, 9.0)
        z = low + (high - low) * (nodes + 1) / 2
        above = special.chdtrc(df, df * ((z + noncentrality) / t) ** 2)
        density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        inside = float(weights @ (density * above)) * (high - low) / 2
        return float(special.ndtr(-noncentrality)) + inside
    low, high = (math.sqrt(float(special.chdtri(df, share)) / df) for share in (1 - 1e-15, 1e-15))
    s = low + (high - low) * (nodes + 1) / 2
    log_density = (df - 1) * np.log(s) - df * s * s / 2 + df / 2 * math.log(df / 2) - math.lgamma(df / 2)
    density = 2 * np.exp(log_density)
    return float(weights @ (density * special.ndtr(t * s - noncentrality))) * (high - low) / 2


def _hedges(degrees_of_freedom: int) -> float:
    """Hedges's exact correction of small-sample bias."""
    if degrees_of_freedom < 2:
        return math.nan
    half = degrees_of_freedom / 2
    return math.exp(math.lgamma(half) - math.lgamma(half - 0.5)) / math.sqrt(half)


def _exact_p(ranks: np.ndarray, v: float) -> float:
    """Two-sided p of V over all sign patterns; ranks may be halves, so twice the ranks are summed."""
    doubled = np.rint(2 * ranks).astype(int)
    ways = np.ones(1)
    for rank in doubled:
        longer = np.zeros(ways.size + rank)
        longer[: ways.size] += ways
        longer[rank:] += ways
        ways = longer / 2.0
    place = int(round(2 * v))
    return min(1.0, 2.0 * float(min(ways[: place + 1].sum(), ways[place:].sum())))


def _normal_p(ranks: np.ndarray, v: float) -> float:
    n = ranks.size
    _, counts = np.unique(ranks, return_counts=True)
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((counts**3 - counts).sum()) / 48
    off = v - n * (n + 1) / 4
    z = (off - math.copysign(0.5, off)) / math.sqrt(variance) if off else 0.0
    return min(1.0, float(2 * stats.norm.sf(abs(z))))


def _hodges_lehmann(difference: np.ndarray, confidence: float, exact: bool) -> tuple[float, Interval]:
    n = difference.size
    nothing = Interval(math.nan, math.nan, confidence)
    if n == 0:
        return math.nan, nothing
    first, second = np.triu_indices(n)
    with np.errstate(invalid="ignore"):
        averages = np.sort((difference[first] + difference[second]) / 2)
    if np.isnan(averages).any():  # infinite in both directions
        return math.nan, nothing
    skip = _ranks_outside(n, (1 - confidence) / 2, exact)
    interval = Interval(float(averages[skip - 1]), float(averages[-skip]), confidence) if skip else nothing
    return float(np.median(averages)), interval


def _ranks_outside(n: int, tail: float, exact: bool) -> int:
    """Which Walsh average bounds the interval, counted from the end; 0 where n is too small for any."""
    if not exact:
        centre, spread = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return max(0, int(centre - float(stats.norm.ppf(1 - tail)) * spread))
    ways = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(ways.size + rank)
        longer[: ways.size] += ways
        longer[rank:] += ways
        ways = longer / 2.0
    return int(np.searchsorted(np.cumsum(ways), tail, side="right"))
