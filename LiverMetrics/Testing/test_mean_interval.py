"""Intervals of means: Student's, within what a measure can be."""

from __future__ import annotations

import math

import pytest

from LiverMetricsLib.cohort.mean_interval import mean_interval
from LiverMetricsLib.statistic import InvalidSample

VALUES = [0.9, 0.92, 0.97]


def test_it_is_students() -> None:
    # By hand: mean .93, sd sqrt(.0013), t(.975, 2) = 4.302653 of the tables: .93 -+ 0.0895669
    found = mean_interval(VALUES, "volume_ratio")
    assert (found.low, found.high) == (pytest.approx(0.8404331, abs=1e-7), pytest.approx(1.0195669, abs=1e-7))


def test_it_ends_where_the_measure_does() -> None:
    found = mean_interval(VALUES, "dice")
    assert (found.low, found.high) == (pytest.approx(0.8404331, abs=1e-7), 1.0)
    assert mean_interval([0.1, 0.2, 3.0], "hd95_mm").low == 0.0
    assert mean_interval([-1.0, 0.1, 2.0], "volume_difference_percent").low < -1
    assert mean_interval(VALUES, "a_measure_of_their_own").high > 1


def test_it_is_the_narrower_the_less_is_asked_of_it() -> None:
    wide, narrow = (mean_interval([3.0, 4.0, 8.0], "msd_mm", level) for level in (0.8, 0.5))
    assert wide.low < narrow.low < 5.0 < narrow.high < wide.high


@pytest.mark.parametrize("values", [[], [0.9], [0.9, math.inf], [0.9, math.nan]])
def test_there_is_none_of_one_case_or_of_what_is_not_finite(values) -> None:
    found = mean_interval(values, "dice")
    assert math.isnan(found.low) and math.isnan(found.high)


def test_a_confidence_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidSample):
        mean_interval(VALUES, "dice", 95)
