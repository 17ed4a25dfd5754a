"""Which cases go into a comparison, how observers count, and values that are not finite."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from LiverMetricsLib.cohort import Column, Table, analyse, cohort_from_rows
from LiverMetricsLib.cohort.grouping import mean_of, paired
from LiverMetricsLib.cohort.proportion import share_interval
from LiverMetricsLib.cohort.summary import quantile, summarize
from LiverMetricsLib.paired_tests import paired_t


def line_of(rows, table_id, **wanted):
    table = analyse(cohort_from_rows(rows)).table(table_id)
    keys = [column.key for column in table.columns]
    found = [dict(zip(keys, row)) for row in table.rows]
    (line,) = [line for line in found if all(line[key] == value for key, value in wanted.items())]
    return line, table.notes


def test_only_cases_present_in_both_are_compared():
    rows = [{"case": case, "method": "a", "dice": 0.9 - case / 100} for case in range(6)]
    rows += [{"case": case, "method": "b", "dice": 0.8 - case / 50} for case in range(2, 9)]
    line, notes = line_of(rows, "comparisons-methods")
    assert line["n"] == line["n_t"] == 4
    assert line["difference"] == pytest.approx(np.mean([0.1 + case / 100 for case in range(2, 6)]))
    assert any("only one side has" in note for note in notes)


def test_observers_are_averaged_and_never_count_as_cases():
    """4 cases x 2 observers are 4 pairs: the test is that of the averages, with 3 degrees of freedom."""
    values = {"a": [[10, 12], [11, 15], [9, 9], [14, 10]], "b": [[8, 8], [10, 11], [9, 7], [9, 9]]}
    rows = [
        {"case": case, "observer": observer, "method": method, "hd_mm": pair[place]}
        for method, pairs in values.items()
        for case, pair in enumerate(pairs)
        for place, observer in enumerate(("x", "y"))
    ]
    line, notes = line_of(rows, "comparisons-methods")
    expected = stats.ttest_rel(np.mean(values["a"], axis=1), np.mean(values["b"], axis=1))
    assert line["n"] == 4 and line["p_t"] == pytest.approx(expected.pvalue)
    assert any("averaged" in note for note in notes)
    described, notes = line_of(rows, "descriptives", method="a")
    assert described["n"] == 4 and described["mean"] == pytest.approx(11.25)
    assert any("no case counts twice" in note for note in notes)
    apart, _ = line_of(rows, "descriptives-by-observer", method="a", observer="y")
    assert apart["n"] == 4 and apart["mean"] == pytest.approx(11.5)


def test_observers_in_common_are_matched_and_a_machine_meets_all():
    pairs = paired({"P1": {"x": 1.0, "y": 3.0}}, {"P1": {"x": 5.0}})
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.averaged) == ([1.0], [5.0], 0)
    pairs = paired({"P1": {"": 4.0}}, {"P1": {"x": 5.0, "y": 7.0}})
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.averaged) == ([4.0], [6.0], 1)
    # An observer whose value is undefined on one side is no match.
    pairs = paired({"P1": {"x": math.nan, "y": 3.0}}, {"P1": {"x": 5.0, "y": 7.0}})
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([3.0], [7.0])


def test_the_mean_of_observers():
    assert mean_of([0.1] * 3) == 0.1
    assert mean_of([1.0, math.inf]) == math.inf
    assert mean_of([1.0, math.nan, 2.0]) == 1.5
    assert math.isnan(mean_of([math.nan]))


def test_cases_that_are_not_finite_stay_in_n():
    values = [1.0, 2.0, math.inf, math.nan]
    rows = [{"case": case, "hd_mm": value} for case, value in enumerate(values)]
    line, notes = line_of(rows, "descriptives")
    assert [line[key] for key in ("n", "n_finite", "n_infinite", "n_undefined")] == [4, 2, 1, 1]
    assert (line["mean"], line["median"], line["q1"]) == (1.5, 2.0, 1.5)
    assert line["q3"] == line["maximum"] == math.inf and line["minimum"] == 1.0
    assert any("as many as the column says" in note for note in notes)


def test_infinity_ranks_but_has_no_mean():
    """All 6 differences of one sign, one infinite: exact p 2 / 2^6; the t test has the 5 finite ones."""
    first = [1.0, 2.0, 3.5, 4.0, 6.0, 5.0]
    second = [2.0, 4.0, 6.0, 7.0, 9.5, math.inf]
    rows = [
        {"case": case, "method": method, "hd_mm": value}
        for method, values in (("a", first), ("b", second))
        for case, value in enumerate(values)
    ]
    line, notes = line_of(rows, "comparisons-methods")
    assert (line["n"], line["n_t"]) == (6, 5)
    assert line["p_wilcoxon"] == pytest.approx(2 / 64)
    assert line["p_t"] == pytest.approx(paired_t(first[:5], second[:5]).p)
    assert any("infinite" in note for note in notes)


def test_quantiles_with_infinity_and_without():
    values = np.array([3.0, 1.0, 7.0, 4.0, 5.5])
    for share in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
        assert quantile(np.sort(values), share) == pytest.approx(np.percentile(values, 100 * share))
    assert quantile(np.array([1.0, math.inf, math.inf]), 0.75) == math.inf
    assert quantile(np.array([-math.inf, 1.0]), 0.5) == -math.inf
    assert math.isnan(quantile(np.array([-math.inf, math.inf]), 0.5))
    nothing = summarize(np.array([math.nan]))
    assert (nothing.n, nothing.n_undefined) == (1, 1) and math.isnan(nothing.median)


def test_equal_differences_are_equal_although_their_floats_are_not():
    """0.91 - 0.90 and 0.81 - 0.80 differ in the 17th digit; there is no variance to test against."""
    rows = [
        {"case": case, "method": method, "dice": value}
        for case, value in enumerate((0.90, 0.80, 0.70, 0.60))
        for method, value in (("a", value), ("b", value + 0.01))
    ]
    line, notes = line_of(rows, "comparisons-methods")
    assert line["difference"] == pytest.approx(-0.01)
    assert line["p_t"] is None and line["d_z"] is None
    assert line["p_wilcoxon"] == pytest.approx(2 / 16)
    assert any("no variance" in note for note in notes)


METHODS, OBSERVERS, STAGES = ("manual", "cnn", "corrected"), ("x", "y"), ("original", "standardized")
KEYS = ("case", "method", "observer", "stage")
BASE = {"dice": 0.9, "hd_mm": 5, "volume_test_ml": 1500, "volume_reference_ml": 1500, "time_s": 60}


def same_everywhere(cases, **values):
    return [
        {**BASE, "score": 3, "regions": "IVC", **dict(zip(KEYS, keys)), **values}
        for keys in itertools.product(range(cases), METHODS, OBSERVERS, STAGES)
    ]


@pytest.mark.parametrize("cases", [1, 2, 4])
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"dice": math.nan, "hd_mm": math.nan, "volume_test_ml": 0, "volume_reference_ml": 0},
        {"dice": 0.0, "hd_mm": math.inf, "volume_test_ml": 0},
    ],
)
def test_equal_and_undefined_values_give_notes_and_no_numbers(cases, values):
    analysis = analyse(cohort_from_rows(same_everywhere(cases, **values)))
    assert len(analysis.tables) == 21
    for table in analysis.tables:
        for shown in table.formatted():
            assert not any(text in ("nan", "NaN", "inf", "None") for text in shown)
        assert "nan" not in table.to_csv().lower()
    comparisons = analysis.table("comparisons-methods")
    assert set(comparisons.column("p_t")) == {None} and all(comparisons.column("remarks"))
    assert set(analysis.table("concordance").column("ccc")) == {None}
    assert all(pairs.concordance is None and pairs.regression is None for pairs in analysis.pairs)


def test_one_case_is_described_and_says_why_nothing_is_inferred():
    rows = [{"case": "P1", "method": method, "volume_ml": 1500} for method in METHODS]
    analysis = analyse(cohort_from_rows(rows))
    assert any("one case" in warning and "inferred" in warning for warning in analysis.warnings)
    assert analysis.table("descriptives").column("mean") == (1500.0,) * 3
    assert analysis.table("descriptives").column("sd") == (None,) * 3
    assert any("SD is not available" in note for note in analysis.table("descriptives").notes)
    assert any("fewer than two pairs" in note for note in analysis.table("comparisons-methods").notes)
    assert any("undefined" in note for note in analysis.table("concordance").notes)
    assert any("no limits of agreement" in note for note in analysis.table("bland-altman").notes)


def test_shares_as_r_gives_them():
    """R: binom.test(2, 40): 0.0061144, 0.1691966; binom.test(0, 20): 0, 0.1684335."""
    assert share_interval(2, 40, 0.95) == pytest.approx((0.05, 0.0061144, 0.1691966), abs=5e-6)
    assert share_interval(0, 20, 0.95) == pytest.approx((0, 0, 0.1684335), abs=5e-7)
    assert share_interval(20, 20, 0.95) == pytest.approx((1, 1 - 0.1684335, 1), abs=5e-7)
    assert all(math.isnan(value) for value in share_interval(0, 0, 0.95))


def test_a_table_shows_and_writes_its_cells():
    columns = (
        Column("name", "Name", kind="text"),
        Column("n", "n", kind="integer"),
        Column("x", "X", "mm", digits=3),
        Column("p", "p", kind="p"),
    )
    rows = (
        ("a, b", 3, 1.23456, 0.0001),
        ("", 4, math.inf, 0.9999),
        ("c", None, None, None),
        ("d", 1, 1234.56, 0.04),
    )
    table = Table("a-table", "A table", columns, rows)
    assert table.formatted() == [
        ["a, b", "3", "1.235", "< 0.001"],
        ["", "4", "\u221e", "> 0.999"],
        ["c", "\u2013", "\u2013", "\u2013"],
        ["d", "1", "1234.6", "0.040"],
    ]
    assert table.to_csv().splitlines() == [
        "name,n,x,p",
        '"a, b",3,1.23456,0.0001',
        ",4,inf,0.9999",
        "c,,,",
        "d,1,1234.56,0.04",
    ]
    assert table.column("n") == (3, 4, None, 1)
    assert Table("t", "", columns[2:3], ((-0.0001,),)).formatted() == [["0.000"]]
    for bad in (((1.0, 2.0),), ((math.nan,),)):
        with pytest.raises(ValueError, match="cells for|NaN"):
            Table("t", "T", columns[2:3], bad)
    with pytest.raises(ValueError, match="twice"):
        Table("t", "T", (columns[0], columns[0]), ())
    with pytest.raises(ValueError, match="number, text, integer, p"):
        Column("x", "X", kind="percent")
