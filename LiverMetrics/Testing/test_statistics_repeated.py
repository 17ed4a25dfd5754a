"""Repeated measures, reliability and kappa against published examples."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats

from LiverMetricsLib.kappa import weighted_kappa
from LiverMetricsLib.paired_tests import paired_t
from LiverMetricsLib.reliability import MODELS, intraclass_correlation, repeatability
from LiverMetricsLib.repeated_measures import friedman, repeated_anova
from LiverMetricsLib.statistic import InvalidSample

# Field, Discovering Statistics Using SPSS, chapter on repeated measures: seconds to retch, 8 cases, 4 foods.
BUSH = [
    [8, 9, 6, 5, 8, 7, 10, 12],
    [7, 5, 2, 3, 4, 5, 2, 6],
    [1, 2, 3, 1, 5, 6, 7, 8],
    [6, 5, 8, 9, 8, 7, 2, 1],
]

# Hollander & Wolfe 1973, p. 140: rounding first base, 22 players, 3 ways; R's example in ?friedman.test.
ROUNDING = np.array(
    [
        5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70,
        5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70,
        5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40,
        5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40,
        5.70, 5.65, 5.55, 6.30, 6.30, 6.25,
    ]
).reshape(22, 3).T  # fmt: skip

# Shrout & Fleiss 1979, table 2: 6 targets, 4 judges.
JUDGES = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]

# Bland & Altman 1986, table 1: both readings of either meter.
WRIGHT = [
    [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427],
    [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421],
]
MINI = [
    [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451],
    [525, 415, 508, 444, 500, 625, 460, 390, 642, 432, 420, 605, 227, 467, 268, 370, 443],
]

# Agresti 1990, p. 366, answers of husbands (rows) and wives; vcd's data set SexualFun.
COUPLES = np.array([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]])


def test_repeated_anova_as_field_prints_it():
    """F(3, 21) = 3.794, p .026; Mauchly W .136, p .047; GG .533, p .063; HF .666, p .048."""
    result = repeated_anova(BUSH)
    assert (result.df_between, result.df_error, result.n) == (3, 21, 8)
    assert result.f == pytest.approx(3.794, abs=5e-4)
    assert result.p == pytest.approx(0.026, abs=5e-4)
    assert result.mauchly_w == pytest.approx(0.136, abs=5e-4)
    assert result.mauchly_p == pytest.approx(0.047, abs=5e-4)
    assert result.epsilon_gg == pytest.approx(0.533, abs=5e-4)
    assert result.p_gg == pytest.approx(0.063, abs=5e-4)
    assert result.epsilon_hf == pytest.approx(0.666, abs=5e-4)
    assert result.p_hf == pytest.approx(0.048, abs=5e-4)
    assert any("Sphericity does not hold" in text for text in result.warnings)


def test_two_conditions_are_the_paired_t_test():
    anova, t = repeated_anova(WRIGHT), paired_t(*WRIGHT)
    assert anova.f == pytest.approx(t.t**2)
    assert anova.p == pytest.approx(t.p) and anova.p_gg == pytest.approx(t.p)
    assert anova.epsilon_gg == pytest.approx(1.0) and math.isnan(anova.mauchly_w)


def test_friedman_as_r_prints_it():
    """R: Friedman chi-squared = 11.143, df = 2, p-value = 0.003805."""
    result = friedman(ROUNDING)
    assert result.chi_squared == pytest.approx(11.143, abs=5e-4)
    assert result.p == pytest.approx(0.003805, abs=5e-7)
    assert (result.degrees_of_freedom, result.n) == (2, 22)
    assert result.chi_squared == pytest.approx(stats.friedmanchisquare(*ROUNDING).statistic, rel=1e-12)
    assert sum(result.mean_ranks) == pytest.approx(6.0)


def test_friedman_ranks_infinite_distances_last():
    result = friedman([[1.0, 2.0, 3.0], [2.0, math.inf, math.inf], [3.0, math.nan, 4.0]])
    assert result.n == 2 and result.mean_ranks == (1.0, 2.5, 2.5)


@pytest.mark.parametrize(("model", "value"), list(zip(MODELS, (0.17, 0.29, 0.71, 0.44, 0.62, 0.91))))
def test_intraclass_correlations_as_shrout_and_fleiss_print_them(model, value):
    assert intraclass_correlation(JUDGES, model=model).icc == pytest.approx(value, abs=0.005)


@pytest.mark.parametrize(
    ("model", "low", "high"),
    [
        ("ICC(1,1)", -0.133, 0.723),
        ("ICC(2,1)", 0.019, 0.761),
        ("ICC(3,1)", 0.342, 0.946),
        ("ICC(2,k)", 0.071, 0.927),
    ],
)
def test_intervals_of_intraclass_correlations_as_psych_prints_them(model, low, high):
    """R: psych::ICC on the same table."""
    interval = intraclass_correlation(JUDGES, model=model).interval
    assert (interval.low, interval.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def test_raters_who_agree_fully_or_up_to_a_constant():
    same = [[1.0, 2.0, 4.0], [1.0, 2.0, 4.0]]
    shifted = [[1.0, 2.0, 4.0], [2.0, 3.0, 5.0]]
    assert intraclass_correlation(same).icc == 1.0
    assert intraclass_correlation(shifted, model="ICC(3,1)").icc == pytest.approx(1.0)
    assert 0 < intraclass_correlation(shifted).icc < 1
    assert math.isnan(intraclass_correlation([[2.0, 2.0], [2.0, 2.0]]).icc)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rounding", [0.0, 3e-14])
def test_cases_that_are_alike_have_no_correlation(model, rounding):
    raters = [[1500.0, 1500.0 * (1 + rounding), 1500.0], [1520.0, 1520.0, 1520.0]]
    result = intraclass_correlation(raters, model=model)
    assert math.isnan(result.icc)
    assert any("Cases do not vary" in warning for warning in result.warnings)


@pytest.mark.parametrize(("meter", "sd_of_differences"), [(WRIGHT, 21.6), (MINI, 28.2)])
def test_repeatability_of_peak_flow_meters(meter, sd_of_differences):
    """1986: coefficients of repeatability 43.2 and 56.4 L/min, two standard deviations of the differences."""
    result = repeatability(meter)
    assert math.sqrt(2) * result.within_subject_sd == pytest.approx(sd_of_differences, abs=0.05)
    assert result.coefficient == pytest.approx(1.96 * sd_of_differences, abs=0.1)
    assert result.within_subject_sd_interval.low < result.within_subject_sd < result.coefficient


def answers(counts):
    """Two lists of scores 1, 2, ... that give a table of counts."""
    places = [(i + 1, j + 1) for (i, j), count in np.ndenumerate(counts) for _ in range(count)]
    return [first for first, _ in places], [second for _, second in places]


@pytest.mark.parametrize(
    ("weights", "kappa", "error"), [("none", 0.1293, 0.0686), ("linear", 0.2374, 0.0783)]
)
def test_kappa_as_vcd_prints_it(weights, kappa, error):
    """R: vcd::Kappa(SexualFun)."""
    result = weighted_kappa(*answers(COUPLES), weights=weights)
    assert result.kappa == pytest.approx(kappa, abs=5e-5)
    assert result.standard_error == pytest.approx(error, abs=5e-5)


def test_quadratic_kappa_of_halved_scores_and_full_agreement():
    """Fleiss and Cohen 1973: with quadratic weights kappa nears the intraclass correlation ICC(2,1)."""
    first, second = answers(COUPLES)
    halved = [[score / 2 for score in scores] for scores in (first, second)]
    result = weighted_kappa(first, second, weights="quadratic")
    assert weighted_kappa(*halved, weights="quadratic").kappa == pytest.approx(result.kappa, abs=1e-12)
    assert result.kappa == pytest.approx(intraclass_correlation([first, second]).icc, abs=0.01)
    assert weighted_kappa(first, first).kappa == pytest.approx(1.0)


def test_what_cannot_be_computed_is_said():
    assert math.isnan(weighted_kappa([3.0, 3.0], [3.0, 3.0]).kappa)
    assert math.isnan(repeated_anova([[1.0, 2.0], [2.0, 3.0], [4.0, 5.0]]).p)
    assert math.isnan(friedman([[1.0, 2.0], [1.0, 2.0]]).chi_squared)
    for result in (
        friedman([[], []]), repeated_anova([[1.0], [2.0]]), repeatability([[], []]),
        intraclass_correlation([[1.0], [2.0]]), weighted_kappa([], []),
    ):  # fmt: skip
        assert any("Only" in text for text in result.warnings)
        json.dumps(result.to_dict(), allow_nan=False)


def test_samples_that_do_not_fit_are_refused():
    with pytest.raises(InvalidSample, match="two conditions"):
        friedman([[1.0, 2.0]])
    with pytest.raises(InvalidSample, match="more than one rater; found 1"):
        intraclass_correlation([[1.0, 2.0]])
    with pytest.raises(InvalidSample, match="found 'ICC'"):
        intraclass_correlation(JUDGES, model="ICC")
    with pytest.raises(InvalidSample, match="found 'cubic'"):
        weighted_kappa([1, 2], [1, 2], weights="cubic")
    with pytest.raises(InvalidSample, match="condition 2 3"):
        repeated_anova([[1, 2], [1, 2, 3]])
