"""Bland-Altman plots: in mL and in percent, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .axis_notes import spread
from .box_plot import say_nothing_to_draw
from .drawing import Drawing, counted, counted_out, file_stem, listed
from .style import COLOURS, FAINT, INK, SMALL, drawing_style, fitted, new_figure, opacity, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..cohort.results import VolumePairs
    from ..limits_of_agreement import BlandAltman

HEIGHT_IN = 3.4
UNITS = {"absolute": "mL", "percent-of-reference": "% of reference", "percent-of-mean": "% of mean"}
_NOTE_SHARE = 0.13  # of the height of an axis: two lines of small type and a gap
SLOPE_P = 0.05


@drawing_style()
def bland_altman_plot(pairs: VolumePairs) -> Drawing:
    """Difference against mean of each pair, with bias, limits of agreement and their intervals.

    A slope of the difference on the mean is drawn where its p is below .05: the limits then mislead.
    """
    figure = new_figure(HEIGHT_IN)
    left, right = figure.subplots(1, 2)
    results = ((left, pairs.limits_ml), (right, pairs.limits_percent))
    for axes, limits in results:
        draw_agreement(axes, pairs, limits, reach_of(points_of(pairs, limits.scale)[1], limits))
        axes.set_title(f"Difference in {UNITS[limits.scale]}")
    shown = [points_of(pairs, limits.scale) for _, limits in results]
    return Drawing(
        id=file_stem("bland-altman", pairs.title),
        title=f"Bland-Altman: {pairs.title}",
        caption=(
            f"{pairs.test_name} minus {pairs.reference_name}, volumes in mL (left) and in "
            f"{UNITS[pairs.limits_percent.scale]} (right), against the mean of both; "
            f"{counted(pairs.limits_ml.n, 'pair')}. Solid line: bias; broken lines: limits of agreement; "
            f"bands: {100 * pairs.limits_ml.bias_interval.confidence:g} % confidence intervals; dotted line, "
            f"drawn where p < {SLOPE_P:g}: regression of the difference on the mean. {_outside(pairs)}"
        ),
        alt=(
            f"Bland-Altman plots of {pairs.test_name} against {pairs.reference_name}. "
            + " ".join(_in_words(limits, n) for (_, limits), (_, _, n) in zip(results, shown))
        ),
        figure=settled(figure),
    )


def draw_agreement(axes: Axes, pairs: VolumePairs, limits: BlandAltman, reach: tuple[float, float]) -> None:
    """Points, bias and limits on one axis; `reach` is the range of differences that it shows."""
    unit = UNITS[limits.scale]
    mean, difference, not_shown = points_of(pairs, limits.scale)
    axes.set_ylabel(fitted(f"{pairs.test_name} \N{MINUS SIGN} {pairs.reference_name}", 34, 2) + f"\n({unit})")
    axes.set_xlabel("Mean of both (mL)" + (f"\n{not_shown}" if not_shown else ""))
    if not mean.size:
        say_nothing_to_draw(axes)
        return
    axes.plot(
        mean,
        difference,
        linestyle="none",
        marker="o",
        markersize=3.6,
        markerfacecolor=COLOURS[0],
        markeredgecolor="white",
        markeredgewidth=0.3,
        alpha=max(opacity(mean.size), 0.45),
        zorder=3,
    )
    axes.axhline(0.0, color=FAINT, linewidth=0.6, zorder=1)
    axes.margins(x=0.08)
    axes.set_ylim(*reach)
    _lines(axes, limits)
    if limits.slope_p < SLOPE_P:
        x = np.array([mean.min(), mean.max()])
        middle = limits.bias + limits.slope * (x - mean.mean())
        axes.plot(x, middle, color=COLOURS[1], linewidth=1.2, linestyle=":", zorder=4)


def points_of(pairs: VolumePairs, scale: str) -> tuple[np.ndarray, np.ndarray, str]:
    """Means and differences that can be drawn, and how many cannot."""
    mean, difference, _, not_shown = named_points_of(pairs, scale)
    return mean, difference, not_shown


def named_points_of(pairs: VolumePairs, scale: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], str]:
    """As ``points_of``, with the names of the cases before the last."""
    test, reference = np.asarray(pairs.test_ml, float), np.asarray(pairs.reference_ml, float)
    finite = np.isfinite(test) & np.isfinite(reference)
    infinite = int((np.isinf(test) | np.isinf(reference)).sum())
    cases = np.array(pairs.cases, dtype=object)[finite]
    mean = (test + reference)[finite] / 2
    difference = (test - reference)[finite]
    if scale != "absolute":
        whole = reference[finite] if scale == "percent-of-reference" else mean
        has_share = whole != 0
        mean, difference = mean[has_share], 100 * difference[has_share] / whole[has_share]
        cases = cases[has_share]
    return mean, difference, tuple(cases), counted_out(test.size - mean.size - infinite, infinite)


def reach_of(difference: np.ndarray, limits: BlandAltman) -> tuple[float, float]:
    """Both ends of the axis of differences: room for points, limits and their intervals."""
    edges = [limits.lower_limit_interval.low, limits.upper_limit_interval.high, limits.bias]
    seen = np.array([*difference, 0.0, *(edge for edge in edges if math.isfinite(edge))])
    low, high = float(seen.min()), float(seen.max())
    margin = 0.06 * (high - low) or max(abs(high), 1.0)
    return low - margin, high + margin


def _lines(axes: Axes, limits: BlandAltman) -> None:
    lines = [("Bias", limits.bias, limits.bias_interval, "-", COLOURS[0])]
    if math.isfinite(limits.sd) and limits.sd > 0:
        upper, lower = f"+{limits.multiple:g} SD", f"\N{MINUS SIGN}{limits.multiple:g} SD"
        lines.append((upper, limits.upper_limit, limits.upper_limit_interval, "--", INK))
        lines.append((lower, limits.lower_limit, limits.lower_limit_interval, "--", INK))
    bottom, top = axes.get_ylim()
    places = spread([value for _, value, *_ in lines], _NOTE_SHARE * (top - bottom))
    for (words, value, interval, dashes, tint), place in zip(lines, places):
        if math.isfinite(interval.low):
            axes.axhspan(interval.low, interval.high, color=tint, alpha=0.10, linewidth=0, zorder=0)
        axes.axhline(value, color=tint, linewidth=1.1, linestyle=dashes, zorder=2)
        axes.annotate(
            f"{words}\n{in_digits(value)}",
            xy=(1.0, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
        )


def _outside(pairs: VolumePairs) -> str:
    """Which cases lie outside the limits in mL."""
    limits = pairs.limits_ml
    difference = np.asarray(pairs.test_ml, float) - np.asarray(pairs.reference_ml, float)
    if not math.isfinite(limits.sd):
        return "Limits need two pairs or more."
    outside = (difference < limits.lower_limit) | (difference > limits.upper_limit)
    names = [case for case, out in zip(pairs.cases, outside & np.isfinite(difference)) if out]
    return f"Outside the limits in mL: {listed(names) or 'none'}."


def _in_words(limits: BlandAltman, not_shown: str) -> str:
    unit = UNITS[limits.scale]
    if not math.isfinite(limits.bias):
        return f"In {unit}: no finite pair."
    text = f"In {unit}: bias {in_digits(limits.bias)}"
    if math.isfinite(limits.sd):
        text += f", limits of agreement {in_digits(limits.lower_limit)} to {in_digits(limits.upper_limit)}"
    return f"{text}.{f' {not_shown}.' if not_shown else ''}"


def in_digits(value: float) -> str:
    """Three significant digits or all whole ones, with a real minus sign."""
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 1
    text = f"{value:.{min(digits, 3)}f}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text) else text.lstrip("-")
