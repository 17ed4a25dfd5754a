"""Paired tests and corrections against published examples and R."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from scipy import special, stats

from LiverMetricsLib.multiple_tests import bonferroni, holm
from LiverMetricsLib.paired_tests import EXACT_UP_TO, _below, paired_t, wilcoxon
from LiverMetricsLib.statistic import InvalidSample

# Student 1908, extra hours of sleep; R's data set `sleep`.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

# Hollander & Wolfe 1973, p. 29, depression scale; R's example in ?wilcox.test.
DEPRESSION_1 = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
DEPRESSION_2 = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_students_sleep():
    """R: t.test(extra ~ group, paired): t = -4.0621, df = 9, p = 0.002833, CI -2.4598858 -0.7001142."""
    result = paired_t(SLEEP_1, SLEEP_2)
    assert result.t == pytest.approx(-4.0621, abs=5e-5)
    assert result.degrees_of_freedom == 9 and result.n == 10
    assert result.p == pytest.approx(0.002833, abs=5e-7)
    assert result.difference == pytest.approx(-1.58)
    assert result.difference_interval.low == pytest.approx(-2.4598858, abs=5e-8)
    assert result.difference_interval.high == pytest.approx(-0.7001142, abs=5e-8)
    assert result.d_z == pytest.approx(-4.0621 / math.sqrt(10), abs=2e-5)
    # Hedges's usual approximation 1 - 3 / (4 df - 1) is good to a thousandth.
    assert result.g_z == pytest.approx(result.d_z * (1 - 3 / 35), abs=1e-3)
    assert any("not look normal" in warning for warning in result.warnings)


def test_effect_interval_inverts_the_noncentral_t():
    result = paired_t(SLEEP_1, SLEEP_2, confidence=0.9)
    low, high = (stats.nct.cdf(result.t, 9, end * math.sqrt(10)) for end in
                 (result.d_z_interval.low, result.d_z_interval.high))  # fmt: skip
    assert (low, high) == (pytest.approx(0.95, abs=1e-6), pytest.approx(0.05, abs=1e-6))


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_effect_interval_of_nearly_constant_differences(n):
    """For large t the noncentrality is t times quantiles of chi / sqrt(df); scipy's function fails there."""
    result = paired_t([1 + 1e-7 * (-1) ** k for k in range(n)], [0.0] * n)
    assert result.t > 1e6
    low, high = (result.t * math.sqrt(stats.chi2.ppf(p, n - 1) / (n - 1) / n) for p in (0.025, 0.975))
    assert (result.d_z_interval.low, result.d_z_interval.high) == (pytest.approx(low), pytest.approx(high))
    mirrored = paired_t([0.0] * n, [1 + 1e-7 * (-1) ** k for k in range(n)])
    assert mirrored.d_z_interval.low == pytest.approx(-high)


@pytest.mark.parametrize(("df", "t", "shift"), [(1, 0.5, -3), (4, 0.0, 0.5), (9, 5.0, 3), (200, 15.0, 15)])
def test_the_noncentral_t_distribution_where_scipy_has_it(df, t, shift):
    assert _below(t, df, shift) == pytest.approx(float(special.nctdtr(df, shift, t)), abs=1e-11)


def test_hollander_wolfe_depression():
    """R: V = 40, p = 0.03906; pseudomedian 0.46, CI 0.010 0.786 (printed by conf.int = TRUE)."""
    result = wilcoxon(DEPRESSION_1, DEPRESSION_2)
    assert result.v == 40
    assert result.p == pytest.approx(0.0390625, abs=1e-12)  # 20 of 512
    assert result.pseudomedian == pytest.approx(0.46, abs=1e-9)
    assert result.pseudomedian_interval.low == pytest.approx(0.010, abs=1e-9)
    assert result.pseudomedian_interval.high == pytest.approx(0.786, abs=1e-9)
    assert "exact" in result.method


def test_exact_p_with_ties_counts_every_sign_pattern():
    difference = np.array([1.0, 1.0, -1.0, 2.0, 2.0, 3.0, -0.5, 4.0])
    ranks = stats.rankdata(np.abs(difference))
    v = ranks[difference > 0].sum()
    sums = [ranks[np.array(signs)].sum() for signs in itertools.product([True, False], repeat=8)]
    tail = min(np.mean([s <= v for s in sums]), np.mean([s >= v for s in sums]))
    result = wilcoxon(difference, np.zeros(8))
    assert result.p == pytest.approx(min(1, 2 * tail), abs=1e-12)
    assert "Some differences are tied." in result.warnings


def test_many_pairs_use_the_normal_distribution_and_say_so():
    rng = np.random.default_rng(4)
    first = rng.normal(size=EXACT_UP_TO + 30).round(1)
    second = (first + rng.normal(0.2, 1, size=first.size)).round(1)
    result = wilcoxon(first, second)
    expected = stats.wilcoxon(first.round(1), second, zero_method="wilcox", correction=True, method="approx")
    assert "normal approximation" in result.method
    # Rounding makes equal differences unequal in the last bit; scipy sees the same numbers.
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)


def test_infinite_distances_rank_last_and_leave_means():
    first = [1.0, 2.0, 3.0, math.inf, 5.0, 6.5, math.inf, math.nan]
    second = [0.5, 1.0, 1.5, 2.0, 3.0, 3.5, math.inf, 1.0]
    ranked, mean = wilcoxon(first, second), paired_t(first, second)
    assert (ranked.n, ranked.n_zero, ranked.v) == (7, 1, 21)
    assert mean.n == 5
    assert "3 of 8 cases left out: 1 undefined (NaN), 2 infinite." in mean.warnings
    assert "1 of 8 cases left out: undefined (NaN)." in ranked.warnings
    assert "2 infinite cases rank beyond all others." in ranked.warnings


@pytest.mark.parametrize("test", [paired_t, wilcoxon])
@pytest.mark.parametrize("size", [0, 1])
def test_too_few_pairs_warn_and_give_no_wrong_number(test, size):
    result = test([1.0] * size, [2.0] * size)
    assert any("Only" in warning for warning in result.warnings)
    assert math.isnan(result.p) or result.p == 1.0
    json.dumps(result.to_dict(), allow_nan=False)


def test_equal_differences_have_no_variance():
    result = paired_t([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])
    assert math.isnan(result.p) and result.difference == 1.0
    assert any("no variance" in warning for warning in result.warnings)
    assert wilcoxon([1.0, 2.0], [1.0, 2.0]).n_zero == 2


def test_samples_that_do_not_fit_are_refused():
    with pytest.raises(InvalidSample, match="first 2, second 3"):
        paired_t([1, 2], [1, 2, 3])
    with pytest.raises(InvalidSample, match="first values are not all numbers"):
        wilcoxon(["a", "b"], [1, 2])
    with pytest.raises(InvalidSample, match="confidence"):
        paired_t([1, 2], [1, 2], confidence=95)


def test_corrections_as_in_r():
    """R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") is .05 .08 .09 .09 .09."""
    values = [0.03, 0.01, 0.05, 0.02, 0.04]
    assert holm(values).p == pytest.approx([0.09, 0.05, 0.09, 0.08, 0.09])
    assert bonferroni(values).p == pytest.approx([0.15, 0.05, 0.25, 0.10, 0.20])
    with_gap = holm([0.01, math.nan, 0.04])
    assert with_gap.p[0] == pytest.approx(0.02) and math.isnan(with_gap.p[1])
    assert "1 of 3 tests gave no p" in with_gap.warnings[0]
    with pytest.raises(InvalidSample, match="between 0 and 1; found 1.2"):
        bonferroni([1.2])
