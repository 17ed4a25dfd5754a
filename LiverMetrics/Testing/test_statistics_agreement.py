"""Concordance, limits of agreement and regression against published examples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from LiverMetricsLib.limits_of_agreement import bland_altman
from LiverMetricsLib.lin_concordance import concordance
from LiverMetricsLib.linear_regression import regression
from LiverMetricsLib.statistic import InvalidSample

# Bland & Altman 1986, table 1: peak expiratory flow, L/min, first reading of either meter.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

# NIST Statistical Reference Datasets, Norris (linear, lower difficulty): y, x.
NORRIS = np.array(
    [
        (0.1, 0.2), (338.8, 337.4), (118.1, 118.2), (888.0, 884.6), (9.2, 10.1), (228.1, 226.5),
        (668.5, 666.3), (998.5, 996.3), (449.1, 448.6), (778.9, 777.0), (559.2, 558.2), (0.3, 0.4),
        (0.1, 0.6), (778.1, 775.5), (668.8, 666.9), (339.3, 338.0), (448.9, 447.5), (10.8, 11.6),
        (557.7, 556.0), (228.3, 228.1), (998.0, 995.8), (888.8, 887.6), (119.6, 120.2), (0.3, 0.3),
        (0.6, 0.3), (557.6, 556.8), (339.3, 339.1), (888.0, 887.2), (998.5, 999.0), (778.9, 779.0),
        (10.2, 11.1), (117.6, 118.3), (228.9, 229.2), (668.4, 669.1), (449.2, 448.9), (0.2, 0.5),
    ]
)  # fmt: skip


def test_peak_flow_meters_as_bland_and_altman_printed_them():
    """1986: mean difference -2.1, SD 38.8, limits -79.7 and 75.5 (2 SD), bias interval -22.0 to 17.8."""
    result = bland_altman(WRIGHT, MINI, multiple=2.0)
    assert result.bias == pytest.approx(-2.1, abs=0.05)
    assert result.sd == pytest.approx(38.8, abs=0.05)
    assert (result.lower_limit, result.upper_limit) == (
        pytest.approx(-79.7, abs=0.1), pytest.approx(75.5, abs=0.1),
    )  # fmt: skip
    assert result.bias_interval.low == pytest.approx(-22.0, abs=0.1)
    assert result.bias_interval.high == pytest.approx(17.8, abs=0.1)
    # They take the error of the limits as sqrt(3 / n) SD; ours is their exacter formula of 1999.
    assert result.lower_limit_interval.low == pytest.approx(-114.3, abs=1.0)
    assert result.lower_limit_interval.high == pytest.approx(-45.1, abs=1.0)


def test_peak_flow_concordance():
    """Bland and Altman print r = 0.94; the rest follows from Lin's formulas, as in R's epiR::epi.ccc."""
    result = concordance(WRIGHT, MINI)
    assert result.pearson_r == pytest.approx(0.94, abs=0.005)
    x, y, n = np.array(WRIGHT), np.array(MINI), 17
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    ccc = 2 * covariance / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    assert result.ccc == pytest.approx(ccc, abs=1e-12)
    assert result.scale_shift == pytest.approx(x.std(ddof=1) / y.std(ddof=1), abs=1e-12)
    r, u = np.corrcoef(x, y)[0, 1], (x.mean() - y.mean()) / (x.var() * y.var()) ** 0.25
    error = lin_2000(ccc, r, u, n)
    assert result.standard_error == pytest.approx(error, abs=1e-12)
    z, reach = np.arctanh(ccc), 1.959963984540054 * error / (1 - ccc**2)
    assert result.interval.low == pytest.approx(np.tanh(z - reach), abs=1e-12)
    assert result.interval.high == pytest.approx(np.tanh(z + reach), abs=1e-12)


def lin_2000(ccc, r, u, n):
    """The standard error as Lin prints it (Biometrics 56:324, 2000)."""
    first = (1 - r**2) * ccc**2 * (1 - ccc**2) / r**2
    return math.sqrt((first + 2 * ccc**3 * (1 - ccc) * u**2 / r - ccc**4 * u**4 / (2 * r**2)) / (n - 2))


@pytest.mark.parametrize(
    ("reference", "test", "printed"),
    [([0, 1, 0.5], [0.1, 0.9, 0.5], 0.97560976), ([1, 1, 0.2], [1, 0.9, 0.2], 0.98765432)],
)
def test_concordance_as_keras_documents_it(reference, test, printed):
    """The example of keras.metrics.ConcordanceCorrelation, which also takes variances by n."""
    assert concordance(test, reference).ccc == pytest.approx(printed, abs=5e-9)


def test_concordance_is_one_minus_scaled_squared_difference():
    """Lin's definition: 1 - E(x - y)^2 / its value without correlation."""
    rng = np.random.default_rng(7)
    x, y = rng.normal(5, 2, 40), rng.normal(4, 3, 40)
    expected = 1 - ((x - y) ** 2).mean() / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    result = concordance(x, y)
    assert result.ccc == pytest.approx(expected, abs=1e-12)
    assert result.ccc == pytest.approx(result.pearson_r * result.c_b, abs=1e-12)


def test_the_error_of_concordance_survives_no_correlation():
    """r = 0 exactly: Lin's printed form divides by r; its limit is c_b sqrt(1 / (n - 2))."""
    x, y = [-1.0, -1.0, 1.0, 1.0] * 5, [-1.0, 1.0, -1.0, 1.0] * 5
    result = concordance(x, y)
    assert result.ccc == 0.0
    assert result.standard_error == pytest.approx(1 / math.sqrt(18))


def test_the_error_of_concordance_is_lins_formula():
    rng = np.random.default_rng(1)
    x = rng.normal(100, 15, 25)
    y = 0.9 * x + rng.normal(18, 6, 25)
    result = concordance(x, y)
    expected = lin_2000(result.ccc, result.pearson_r, result.location_shift, 25)
    assert result.standard_error == pytest.approx(expected, rel=1e-12)


def test_percent_scales_divide_by_what_they_say():
    test, reference = [1100.0, 1800.0, 1500.0], [1000.0, 2000.0, 1500.0]
    of_reference = bland_altman(test, reference, scale="percent-of-reference")
    of_mean = bland_altman(test, reference, scale="percent-of-mean")
    assert of_reference.bias == pytest.approx(np.mean([10, -10, 0]))
    assert of_mean.bias == pytest.approx(np.mean([100 / 10.5, -200 / 19, 0]))
    with_zero = bland_altman([*test, 5.0], [*reference, 0.0], scale="percent-of-reference")
    assert with_zero.n == 3 and "no percentage of 0" in " ".join(with_zero.warnings)
    with pytest.raises(InvalidSample, match="percent-of-mean; found 'relative'"):
        bland_altman(test, reference, scale="relative")


def test_a_bias_that_grows_with_size_is_seen():
    reference = np.linspace(800, 2200, 30)
    result = bland_altman(1.1 * reference + np.sin(np.arange(30)), reference)
    assert result.slope == pytest.approx(0.1 / 1.05, rel=0.01)
    assert result.slope_p < 1e-6


def test_nist_norris():
    """Certified values, https://www.itl.nist.gov/div898/strd/lls/data/Norris.shtml"""
    result = regression(NORRIS[:, 1], NORRIS[:, 0])
    assert result.intercept == pytest.approx(-0.262323073774029, rel=1e-9)
    assert result.intercept_error == pytest.approx(0.232818234301152, rel=1e-9)
    assert result.slope == pytest.approx(1.00211681802045, rel=1e-12)
    assert result.slope_error == pytest.approx(0.429796848199937e-03, rel=1e-9)
    assert result.residual_sd == pytest.approx(0.884796396144373, rel=1e-9)
    assert result.r_squared == pytest.approx(0.999993745883712, rel=1e-12)


@pytest.mark.parametrize("size", [0, 1, 2])
@pytest.mark.parametrize("function", [concordance, bland_altman, regression])
def test_too_few_cases_say_so(function, size):
    result = function([1.0, 2.0][:size], [1.0, 3.0][:size])
    assert any("Only" in warning for warning in result.warnings)
    assert result.n == size


def test_identical_and_constant_values():
    same = [3.0, 4.0, 5.0, 7.0]
    assert concordance(same, same).ccc == pytest.approx(1.0)
    assert bland_altman(same, same).upper_limit == 0.0
    constant = concordance([2.0] * 4, same)
    assert math.isnan(constant.ccc) and any("does not vary" in text for text in constant.warnings)
    assert math.isnan(regression([2.0] * 4, same).slope)
    assert math.isnan(regression(same, [2.0] * 4).pearson_r)
