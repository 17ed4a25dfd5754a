"""Tables of a cohort against published examples and cases worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from LiverMetricsLib.cohort import CohortError, analyse, cohort_from_rows

# Student 1908, extra hours of sleep; R's data set `sleep`.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

# Hollander & Wolfe 1973, p. 29, depression scale; R's example in ?wilcox.test.
DEPRESSION_1 = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
DEPRESSION_2 = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]

# Bland & Altman 1986, table 1: peak expiratory flow, L/min, first reading of either meter.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

# Shrout & Fleiss 1979, table 2: 6 targets, 4 judges.
JUDGES = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]


def analysis_of(rows, **options):
    return analyse(cohort_from_rows(rows), **options)


def lines(table):
    """The rows of a table as dictionaries."""
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row)) for row in table.rows]


def one(table, **wanted):
    """The only line with these cells."""
    (found,) = [line for line in lines(table) if all(line[key] == value for key, value in wanted.items())]
    return found


def column_of(name, values, **keys):
    return [{"case": f"P{number}", name: value, **keys} for number, value in enumerate(values)]


def test_students_sleep_before_and_after():
    """R: t.test(extra ~ group, paired): p = 0.002833, CI 0.7001142 2.4598858 of the second - first."""
    rows = column_of("sleep_h", SLEEP_1, stage="original")
    rows += column_of("sleep_h", SLEEP_2, stage="Standardised")
    line = one(analysis_of(rows).table("standardization-measures"))
    assert (line["measure"], line["unit"], line["n"]) == ("Sleep", "h", 10)
    assert line["difference"] == pytest.approx(1.58)
    assert line["difference_low"] == pytest.approx(0.7001142, abs=5e-8)
    assert line["difference_high"] == pytest.approx(2.4598858, abs=5e-8)
    assert line["p_t"] == line["p_t_corrected"] == pytest.approx(0.002833, abs=5e-7)
    assert line["original_mean"] == pytest.approx(np.mean(SLEEP_1))
    assert line["standardized_sd"] == pytest.approx(np.std(SLEEP_2, ddof=1))


def test_hollander_wolfe_as_two_methods():
    """R: V = 40, p = 0.03906; pseudomedian 0.46, CI 0.010 0.786."""
    rows = column_of("scale", DEPRESSION_1, method="a") + column_of("scale", DEPRESSION_2, method="b")
    line = one(analysis_of(rows).table("comparisons-methods"))
    assert line["p_wilcoxon"] == pytest.approx(0.0390625, abs=1e-12)
    assert line["shift"] == pytest.approx(0.46, abs=1e-9)
    assert (line["shift_low"], line["shift_high"]) == (pytest.approx(0.010), pytest.approx(0.786))


def test_holm_over_the_comparisons_of_one_measure():
    """Holm by hand: the smallest p times 3, the next times 2, never falling."""
    rng = np.random.default_rng(3)
    base = rng.normal(100, 5, 12)
    rows = [
        row
        for method, shift in (("a", 0.0), ("b", 1.0), ("c", 4.0))
        for row in column_of("flow", (base + shift + rng.normal(0, 2, 12)).tolist(), method=method, weight=1)
    ]
    analysis = analysis_of(rows)
    found = [line for line in lines(analysis.table("comparisons-methods")) if line["measure"] == "Flow"]
    order = sorted(found, key=lambda line: line["p_t"])
    expected = np.minimum(1, np.maximum.accumulate([3, 2, 1] * np.array([line["p_t"] for line in order])))
    assert [line["p_t_corrected"] for line in order] == pytest.approx(expected.tolist())
    bonferroni = lines(analysis_of(rows, correction="bonferroni").table("comparisons-methods"))
    for line in bonferroni:
        if line["measure"] == "Flow":
            assert line["p_t_corrected"] == pytest.approx(min(1, 3 * line["p_t"]))
        else:  # all alike: nothing to test, and never NaN
            assert line["p_t"] is None and line["p_t_corrected"] is None and line["remarks"]


def test_limits_of_agreement_of_the_peak_flow_meters():
    """Bland and Altman 1986: mean difference -2.1, SD 38.8 (L/min, here as if mL)."""
    rows = [
        {"case": number, "volume_test_ml": a, "volume_reference_ml": b}
        for number, (a, b) in enumerate(zip(WRIGHT, MINI))
    ]
    analysis = analysis_of(rows)
    line = one(analysis.table("bland-altman"), unit="mL")
    assert line["bias"] == pytest.approx(-2.1, abs=0.05) and line["sd"] == pytest.approx(38.8, abs=0.05)
    assert line["upper_limit"] == pytest.approx(line["bias"] + 1.96 * line["sd"])
    percent = one(analysis.table("bland-altman"), unit="% of reference")
    wright, mini = np.array(WRIGHT), np.array(MINI)
    assert percent["bias"] == pytest.approx((100 * (wright - mini) / mini).mean())
    assert one(analysis.table("concordance"))["pearson_r"] == pytest.approx(0.94, abs=0.005)  # as printed
    slope, intercept = np.polyfit(mini, wright, 1)
    line = one(analysis.table("regression"))
    assert (line["slope"], line["intercept"]) == (pytest.approx(slope), pytest.approx(intercept))
    (pairs,) = analysis.pairs
    assert sorted(zip(pairs.test_ml, pairs.reference_ml)) == sorted(zip(WRIGHT, MINI))
    assert all(WRIGHT[int(case)] == value for case, value in zip(pairs.cases, pairs.test_ml))


def test_intraclass_correlation_as_shrout_and_fleiss_print_it():
    """ICC(2,1) = .29; interval 0.019 to 0.761 by R's psych::ICC."""
    rows = [
        {"case": case, "observer": f"judge {judge}", "volume_ml": value}
        for judge, values in enumerate(JUDGES)
        for case, value in enumerate(values)
    ]
    analysis = analysis_of(rows)
    line = one(analysis.table("inter-observer-icc"))
    assert (line["n"], line["observers"]) == (6, 4)
    assert line["icc"] == pytest.approx(0.29, abs=0.005)
    assert line["icc_low"] == pytest.approx(0.019, abs=1e-3)
    assert line["icc_high"] == pytest.approx(0.761, abs=1e-3)
    matrix = lines(analysis.table("inter-observer-matrix"))
    assert [matrix[k][f"with_judge {k}"] for k in range(4)] == [None] * 4
    assert matrix[0]["with_judge 2"] == pytest.approx(matrix[2]["with_judge 0"])
    assert len(analysis.table("inter-observer-pairs").rows) == 6


def test_ratios_of_the_manual_volumes_of_tang():
    """4 of 20 ratios of the experts' manual masks lie outside 0.9 to 1.1; R: binom.test(4, 20)."""
    ratios = [1.0, 0.9, 1.1, *[1.05] * 13, 0.89, 1.11, 1.3, math.nan]
    line = one(analysis_of(column_of("volume_ratio", ratios, method="manual")).table("volume-ratio"))
    assert (line["outside"], line["n"], line["outside_percent"]) == (4, 20, pytest.approx(20.0))
    assert line["outside_percent_low"] == pytest.approx(5.733400, abs=1e-4)
    assert line["outside_percent_high"] == pytest.approx(43.661400, abs=1e-4)


def test_scores_of_tang_table_4():
    """Tang et al. 2020: 40 % need slight adjustment, 47.5 % limited, 12.5 % are poor; 87.5 % are fit."""
    counts = {1: 2, 2: 1, 2.5: 2, 3: 7, 3.5: 12, 4: 14, 4.5: 2}
    scores = [score for score, count in counts.items() for _ in range(count)]
    analysis = analysis_of(column_of("score", scores, method="cnn", observer="expert 1"))
    line = one(analysis.table("score-classes"))
    assert (line["ready"], line["usable"], line["poor"], line["n"]) == (16, 19, 5, 40)
    assert line["fit_percent"] == pytest.approx(87.5)
    assert {row["score"]: row["count"] for row in lines(analysis.table("scores"))} == counts


def test_scores_of_two_observers():
    rows = column_of("score", [3, 4, 2, 5], observer="a") + column_of("score", [3.5, 4, 4, 4], observer="b")
    line = one(analysis_of(rows).table("score-agreement"))
    assert (line["n"], line["equal"], line["within_half"], line["further"]) == (4, 1, 2, 2)


def test_lee_tables_3_and_4():
    """Absolute differences do not cancel: 1000 -> 900, 1100 is 100 mL and 10 %, not 0."""
    rows = []
    for case, (truth, before, after) in enumerate([(1000, 900, 990), (1000, 1100, 1010), (2000, 1800, 2000)]):
        for stage, volume in (("original", before), ("standardized", after)):
            row = {"case": case, "protocol": "FBP", "stage": stage}
            rows.append({**row, "volume_test_ml": volume, "volume_reference_ml": truth})
    analysis = analysis_of(rows)
    table = analysis.table("standardization-volume")
    line = one(table, unit="mL", protocol="FBP")
    assert line["original_mean"] == pytest.approx(400 / 3)
    assert line["standardized_mean"] == pytest.approx(20 / 3)
    line = one(table, unit="%")
    assert line["original_mean"] == pytest.approx(10)
    assert line["standardized_mean"] == pytest.approx(2 / 3)
    line = one(analysis.table("standardization-concordance"))
    x, y = np.array([900, 1100, 1800]), np.array([1000, 1000, 2000])
    ccc = 2 * np.cov(x, y, ddof=0)[0, 1] / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    assert line["original_ccc"] == pytest.approx(ccc) and line["original_n"] == 3
    assert line["standardized_ccc"] > 0.99


def test_several_standardizers_are_each_compared_with_the_original():
    rows = column_of("dice", [0.5, 0.6, 0.7], protocol="M40", stage="original")
    rows += column_of("dice", [0.9, 0.9, 0.9], protocol="M40", stage="standardized: GAN")
    rows += column_of("dice", [0.6, 0.8, 0.7], protocol="M40", stage="Standardised: line")
    rows += column_of("dice", [0.1, 0.1, 0.1], protocol="M40", stage="denoised")
    analysis = analysis_of(rows)
    found = lines(analysis.table("standardization-measures"))
    assert [line["stage"] for line in found] == ["standardized: GAN", "Standardised: line"]
    assert [line["difference"] for line in found] == [pytest.approx(0.3), pytest.approx(0.1)]
    assert [line["original_mean"] for line in found] == [pytest.approx(0.6)] * 2
    assert any("the table has denoised, original" in warning for warning in analysis.warnings)


def test_the_reference_may_be_a_method_of_one_protocol():
    """Lee et al.: the mask on the original M80 images is the reference of all protocols."""
    rows = column_of("volume_ml", [1000, 1500, 2000], method="truth", protocol="M80")
    rows += column_of("volume_ml", [1000, 1510, 1990], method="cnn", protocol="FBP")
    rows += column_of("volume_ml", [500, 700, 900], method="cnn", protocol="M40")
    analysis = analysis_of(rows, reference_method="truth")
    assert [line["protocol"] for line in lines(analysis.table("concordance"))] == ["FBP", "M40"]
    assert analysis.pairs[1].reference_ml.tolist() == [1000, 1500, 2000]
    with pytest.raises(CohortError, match="no method 'Truth'.*'cnn', 'truth'"):
        analysis_of(rows, reference_method="Truth")
    with pytest.raises(CohortError, match="one of holm, bonferroni"):
        analysis_of(rows, correction="fdr")


def test_masks_of_methods_against_each_other():
    """Tang et al. 2020, figure 2: overlap where a row names the other method, ratios from volumes too."""
    rows = [
        {"case": 1, "method": "cnn", "reference": "manual", "dice": 0.94, "volume_ml": 930},
        {"case": 2, "method": "cnn", "reference": "manual", "dice": 0.96, "volume_ml": 1000},
        {"case": 1, "method": "cnn", "reference": "corrected", "dice": 0.98, "volume_ml": 930},
        {"case": 1, "method": "manual", "volume_ml": 1000},
        {"case": 2, "method": "manual", "volume_ml": 800},
        {"case": 1, "method": "corrected", "volume_ml": 950},
    ]
    table = analysis_of(rows).table("method-pairs")
    line = one(table, measure="Dice", second="manual")
    assert (line["first"], line["n"], line["median"]) == ("cnn", 2, pytest.approx(0.95))
    line = one(table, measure="Volume ratio", first="cnn", second="manual")
    assert (line["source"], line["n"], line["median"]) == ("volumes", 2, pytest.approx((0.93 + 1.25) / 2))
    assert one(table, first="manual", second="corrected")["mean"] == pytest.approx(1000 / 950)


def test_regions_are_counted_by_case_and_observer():
    rows = [
        {"case": 1, "method": "corrected", "observer": "a", "regions": "IVC;portal vein", "dice": 0.9},
        {"case": 2, "method": "corrected", "observer": "a", "regions": "IVC", "dice": 0.9},
        {"case": 3, "method": "corrected", "observer": "a", "regions": "", "dice": 1.0},
        {"case": 4, "method": "corrected", "observer": "a", "regions": "NA", "dice": 1.0},
        {"case": 1, "method": "corrected", "observer": "b", "regions": "", "dice": 0.9},
        {"case": 1, "method": "manual", "observer": "a", "regions": "", "dice": 0.9},
    ]
    table = analysis_of(rows).table("corrected-regions")
    found = {(line["region"], line["observer"]): (line["count"], line["n"]) for line in lines(table)}
    assert found == {
        ("IVC", "a"): (2, 3),
        ("IVC", "b"): (0, 1),
        ("portal vein", "a"): (1, 3),
        ("portal vein", "b"): (0, 1),
    }
    assert set(table.column("method")) == {"corrected"}


def test_time_is_compared_observer_by_observer():
    """Tang et al. 2020, figure 7: one expert was slower with corrections, the other faster."""
    rows = []
    times = (("1", [240, 200, 230], [550, 560, 500]), ("2", [1700, 1900], [400, 300]))
    for observer, manual, corrected in times:
        rows += column_of("time_s", manual, observer=observer, method="manual")
        rows += column_of("time_s", corrected, observer=observer, method="corrected")
    analysis = analysis_of(rows)
    found = {line["observer"]: line["difference"] for line in lines(analysis.table("time-comparisons"))}
    assert found == {"1": pytest.approx(-940 / 3), "2": pytest.approx(1450)}
    assert one(analysis.table("time"), observer="1", method="manual")["median"] == 230


def test_several_methods_that_order_every_case_alike():
    """Friedman by hand: n = 4, k = 3, ranks 1 2 3 in every case: chi squared n (k - 1) = 8, W = 1."""
    base = [10.0, 20.0, 15.0, 12.0]
    rows = [
        row
        for shift, method in enumerate(("a", "b", "c"))
        for row in column_of("hd_mm", [x + shift * (1 + x / 7) for x in base], method=method)
    ]
    line = one(analysis_of(rows).table("omnibus"))
    assert (line["n"], line["factor"], line["levels"]) == (4, "method", "a, b, c")
    assert line["chi_squared"] == pytest.approx(8) and line["kendall_w"] == pytest.approx(1)
    assert line["p_friedman"] == pytest.approx(math.exp(-4))  # chi squared with 2 degrees of freedom


def test_protocols_are_compared_within_a_method():
    rows = column_of("dice", [0.9, 0.8, 0.95], protocol="M40")
    rows += column_of("dice", [0.95, 0.9, 0.96], protocol="M100")
    line = one(analysis_of(rows).table("comparisons-protocols"))
    assert (line["first"], line["second"]) == ("M40", "M100")  # 40 before 100
    assert line["difference"] == pytest.approx(-0.16 / 3)


def test_ratios_follow_from_the_volumes_of_the_reference_method():
    rows = column_of("volume_ml", [1000, 1000, 1000], method="manual")
    rows += column_of("volume_ml", [1000, 850, 1200], method="cnn")
    analysis = analysis_of(rows)
    line = one(analysis.table("volume-ratio"))
    assert (line["reference"], line["n"], line["outside"], line["median_ratio"]) == ("manual", 3, 2, 1.0)
    assert any("'manual'" in warning for warning in analysis.warnings)


def test_masks_of_observers_against_each_other():
    """Tang et al. 2020, figure 4: a row whose reference is another observer's mask of the same method."""
    rows = [
        {"case": 1, "observer": "e1", "method": "manual", "reference": "e2", "dice": 0.93},
        {"case": 2, "observer": "e1", "method": "manual", "reference": "e2", "dice": 0.95},
        {"case": 1, "observer": "e1", "method": "corrected", "reference": "e2", "dice": 0.98},
        {"case": 1, "observer": "e2", "method": "manual", "reference": "", "dice": None},
    ]
    analysis = analysis_of(rows)
    line = one(analysis.table("inter-observer-overlap"), method="manual")
    assert (line["first"], line["second"], line["n"]) == ("e1", "e2", 2)
    assert line["median"] == pytest.approx(0.94)
    assert one(analysis.table("inter-observer-overlap"), method="corrected")["median"] == 0.98
