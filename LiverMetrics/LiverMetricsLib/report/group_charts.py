"""Charts of a measure by group: a point a case, quartiles, median and whiskers of every group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..cohort.summary import quantile
from .chart import MARKER_STYLES, Chart, Series
from .drawing import file_stem
from .style import INK, RULE, colour

if TYPE_CHECKING:
    from .drawing import Panel

_HALF_BOX = 0.25  # of the distance between groups
_HALF_CAP = 0.1
_REACH = 1.5  # box lengths that whiskers may have
_MARGIN = 0.06
_GAP = math.nan


def group_chart(name: str, panel: Panel, *, key: str) -> Chart:
    """The values of every group side by side; the points of one case are joined.

    Args:
        name: What is measured, with its unit.
        key: Beginning of the chart's id.
    """
    finite = panel.finite
    series: list[Series] = []
    if finite.any():
        if len(panel.groups) > 1:
            series.append(_joined(panel))
        series.append(_boxes(panel))
        series.extend(
            _points(panel, number) for number in range(len(panel.groups)) if finite[:, number].any()
        )
    shown = panel.values[finite]
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    margin = _MARGIN * (high - low) or max(abs(high) * 0.1, 0.01)
    numbered = [f"{number}: {group}" for number, group in enumerate(panel.groups, start=1)]
    kinds = (
        "Box: quartiles and median; whiskers: the farthest values within 1.5 box lengths."
        if shown.size
        else "There is no finite value to draw."
    )
    return Chart(
        id=file_stem(key, panel.title),
        title=f"{name}: {panel.title}" if panel.title else name,
        x_title="     ".join(numbered),
        y_title=name,
        x_range=(0.4, len(panel.groups) + 0.6),
        y_range=(low - margin, high + margin),
        series=tuple(series),
        note=" ".join([kinds, *([f"{panel.not_shown()}."] if panel.not_shown() else [])]),
    )


def _points(panel: Panel, number: int) -> Series:
    shown = panel.finite[:, number]
    values = panel.values[shown, number]
    return Series(
        f"{panel.groups[number]}: median {quantile(np.sort(values), 0.5):.4g}, n = {values.size}",
        (float(number + 1),) * values.size,
        tuple(values.tolist()),
        tuple(case for case, kept in zip(panel.cases, shown) if kept),
        marker=MARKER_STYLES[1 + number % (len(MARKER_STYLES) - 1)],
        colour=colour(number),
    )


def _joined(panel: Panel) -> Series:
    """The values of each case, from group to group."""
    x: list[float] = []
    y: list[float] = []
    for row, kept in zip(panel.values, panel.finite):
        x.extend([*(float(place) if one else _GAP for place, one in enumerate(kept, start=1)), _GAP])
        y.extend([*(float(value) if one else _GAP for value, one in zip(row, kept)), _GAP])
    return Series("Lines: same case", tuple(x), tuple(y), line="solid", colour=RULE)


def _boxes(panel: Panel) -> Series:
    """Boxes, medians and whiskers of all groups in one interrupted line."""
    strokes: list[tuple[float, float]] = []
    for number in range(len(panel.groups)):
        values = np.sort(panel.values[panel.finite[:, number], number])
        if values.size:
            for stroke in _box(number + 1.0, values):
                strokes.extend([*stroke, (_GAP, _GAP)])
    x, y = zip(*strokes[:-1])
    return Series("Quartiles, median", tuple(x), tuple(y), line="solid", colour=INK, width=1.5)


def _box(at: float, values: np.ndarray) -> list[list[tuple[float, float]]]:
    """The strokes of one box around ``at``; values are sorted."""
    q1, median, q3 = (quantile(values, share) for share in (0.25, 0.5, 0.75))
    length = q3 - q1
    low = min(q1, float(values[values >= q1 - _REACH * length][0]))
    high = max(q3, float(values[values <= q3 + _REACH * length][-1]))
    left, right = at - _HALF_BOX, at + _HALF_BOX
    return [
        [(left, q1), (right, q1), (right, q3), (left, q3), (left, q1)],
        [(left, median), (right, median)],
        [(at, q1), (at, low)],
        [(at - _HALF_CAP, low), (at + _HALF_CAP, low)],
        [(at, q3), (at, high)],
        [(at - _HALF_CAP, high), (at + _HALF_CAP, high)],
    ]
