"""Charts of pairs of volumes: Bland-Altman in mL and in percent, and identity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .bland_altman_plot import SLOPE_P, UNITS, in_digits, named_points_of, reach_of
from .chart import Chart, Series
from .drawing import counted, counted_out, file_stem
from .identity_plot import concordance_words, ends_of, line_words
from .style import COLOURS, FAINT, INK

if TYPE_CHECKING:
    from ..cohort.results import VolumePairs
    from ..limits_of_agreement import BlandAltman

_MARGIN = 0.08  # of the width, on either side of the points
_NO_SERIES: tuple[Series, ...] = ()
_NOTHING = "There is no finite pair to draw."


def bland_altman_chart(pairs: VolumePairs, limits: BlandAltman) -> Chart:
    """Difference against mean of each pair, with bias, limits of agreement and their intervals."""
    unit = UNITS[limits.scale]
    mean, difference, cases, not_shown = named_points_of(pairs, limits.scale)
    title = f"Bland-Altman ({unit}): {pairs.title}"
    y_title = f"{pairs.test_name} \N{MINUS SIGN} {pairs.reference_name} ({unit})"
    x_range, y_range = (0.0, 1.0), (0.0, 1.0)
    series = _NO_SERIES
    if mean.size:
        x_range, y_range = _around(mean), reach_of(difference, limits)
        points = Series(
            counted(mean.size, "case"),
            _plain(mean),
            _plain(difference),
            cases,
            marker="circle",
            colour=COLOURS[0],
        )
        series = (*_limit_lines(limits, x_range), *_slope(limits, mean), points)
    return Chart(
        id=file_stem("bland-altman", limits.scale, pairs.title),
        title=title,
        x_title="Mean of both (mL)",
        y_title=y_title,
        x_range=x_range,
        y_range=y_range,
        series=series,
        note=_sentences(
            f"Test minus reference against the mean of both; {counted(limits.n, 'pair')}."
            if series
            else _NOTHING,
            _interval_note(limits) if series else "",
            not_shown,
        ),
    )


def identity_chart(pairs: VolumePairs) -> Chart:
    """A point a pair, with the line of identity and the regression; the same ends on both axes."""
    test, reference = np.asarray(pairs.test_ml, float), np.asarray(pairs.reference_ml, float)
    finite = np.isfinite(test) & np.isfinite(reference)
    infinite = int((np.isinf(test) | np.isinf(reference)).sum())
    not_shown = counted_out(test.size - int(finite.sum()) - infinite, infinite)
    ends, series = (0.0, 1.0), _NO_SERIES
    if finite.any():
        test, reference = test[finite], reference[finite]
        ends = _ends(ends_of(test, reference))
        cases = tuple(case for case, shown in zip(pairs.cases, finite) if shown)
        points = Series(
            counted(test.size, "case"),
            _plain(reference),
            _plain(test),
            cases,
            marker="circle",
            colour=COLOURS[0],
        )
        identity = Series("Identity", ends, ends, line="dash", colour=FAINT)
        series = (identity, *_regression(pairs, reference), points)
    return Chart(
        id=file_stem("identity", pairs.title),
        title=f"Volumes: {pairs.title}",
        x_title=f"{pairs.reference_name} (mL)",
        y_title=f"{pairs.test_name} (mL)",
        x_range=ends,
        y_range=ends,
        series=series,
        note=_sentences(concordance_words(pairs) if series else _NOTHING, not_shown),
    )


def _limit_lines(limits: BlandAltman, x_range: tuple[float, float]) -> tuple[Series, ...]:
    """Intervals, bias and limits, as far as there are any; 0 is a line of the grid."""
    lines = [("Bias", limits.bias, limits.bias_interval, "solid", COLOURS[0])]
    if math.isfinite(limits.sd) and limits.sd > 0:
        sd = f"{limits.multiple:g} SD"
        lines.append((f"+{sd}", limits.upper_limit, limits.upper_limit_interval, "dash", INK))
        lines.append((f"\N{MINUS SIGN}{sd}", limits.lower_limit, limits.lower_limit_interval, "dash", INK))
    ends = [end for _, _, found, _, _ in lines for end in (found.low, found.high) if math.isfinite(end)]
    level = f"{100 * limits.bias_interval.confidence:g} % CI"
    intervals = [_levels(level, ends, x_range)] if ends else []
    drawn = [
        Series(f"{words} {in_digits(value)}", x_range, (value, value), line=line, colour=colour, width=2.0)
        for words, value, _, line, colour in lines
    ]
    return (*intervals, *drawn)


def _levels(name: str, values: list[float], x_range: tuple[float, float]) -> Series:
    """Several horizontal lines as one series, interrupted between them."""
    x = (*x_range, math.nan) * len(values)
    y = tuple(number for value in values for number in (value, value, math.nan))
    return Series(name, x[:-1], y[:-1], line="dot", colour=INK, width=1.5)


def _slope(limits: BlandAltman, mean: np.ndarray) -> tuple[Series, ...]:
    if not limits.slope_p < SLOPE_P:
        return ()
    x = (float(mean.min()), float(mean.max()))
    y = tuple(limits.bias + limits.slope * (end - float(mean.mean())) for end in x)
    return (
        Series(f"Slope {limits.slope:.3f} (p < {SLOPE_P:g})", x, y, line="dot", colour=COLOURS[1], width=2.0),
    )


def _regression(pairs: VolumePairs, reference: np.ndarray) -> tuple[Series, ...]:
    found = pairs.regression
    if found is None or not math.isfinite(found.slope):
        return ()
    x = (float(reference.min()), float(reference.max()))
    y = tuple(found.intercept + found.slope * end for end in x)
    name = line_words(pairs).split("\n")[0]
    return (Series(name, x, y, line="solid", colour=COLOURS[1], width=2.0),)


def _interval_note(limits: BlandAltman) -> str:
    """What the dotted lines are, and what they would need."""
    if not math.isfinite(limits.sd):
        return "Limits need two pairs or more."
    level = f"{100 * limits.bias_interval.confidence:g} %"
    return f"Dotted: {level} confidence intervals of bias and limits."


def _around(values: np.ndarray) -> tuple[float, float]:
    margin = _MARGIN * float(np.ptp(values)) or max(abs(float(values[0])) * 0.1, 1.0)
    return float(values.min()) - margin, float(values.max()) + margin


def _ends(ends: np.ndarray) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.tolist())


def _sentences(*parts: str) -> str:
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)
