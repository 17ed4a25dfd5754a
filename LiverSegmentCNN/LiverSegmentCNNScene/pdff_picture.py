"""A small picture of a histogram, for the panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

WIDTH, HEIGHT = 330, 130
_LEFT, _TOP, _BOTTOM = 8, 8, 22  # margins; the axis stands below
_LEAST_PCT, _TICKS_PCT = 10, (5, 10, 20, 25)  # narrowest axis; distances between its numbers
_MOST_TICKS = 6
_BAR = (221, 130, 101)  # the liver's colour


def histogram_picture(counts: Sequence[int], mean_pct: float, widget: Any) -> Any:
    """A pixmap: bars of 1 % from 0 %, their axis, and the mean as a line. Colours of text: the widget's."""
    pixmap = qt.QPixmap(WIDTH, HEIGHT)
    pixmap.fill(widget.palette.color(qt.QPalette.Window))
    shown = max(_LEAST_PCT, 1 + max((place for place, count in enumerate(counts) if count), default=0))
    painter = qt.QPainter()
    painter.begin(pixmap)
    painter.setPen(widget.palette.color(qt.QPalette.WindowText))
    _draw_axis(painter, shown)
    _draw_bars(painter, counts[:shown], shown)
    if 0 <= mean_pct <= shown:
        place = round(_x(mean_pct, shown))
        painter.drawLine(place, _TOP, place, HEIGHT - _BOTTOM)
    painter.end()
    return pixmap


def _x(percent: float, shown: int) -> float:
    return _LEFT + percent * (WIDTH - 2 * _LEFT) / shown


def _draw_bars(painter: Any, counts: Sequence[int], shown: int) -> None:
    highest, height = max([*counts, 1]), HEIGHT - _TOP - _BOTTOM
    for place, count in enumerate(counts):
        left, right = round(_x(place, shown)), round(_x(place + 1, shown))
        bar = round(height * count / highest)
        painter.fillRect(left, HEIGHT - _BOTTOM - bar, max(1, right - left - 1), bar, qt.QColor(*_BAR))


def _draw_axis(painter: Any, shown: int) -> None:
    base = HEIGHT - _BOTTOM
    painter.drawLine(_LEFT, base, WIDTH - _LEFT, base)
    step = next((one for one in _TICKS_PCT if shown / one <= _MOST_TICKS), _TICKS_PCT[-1])
    for percent in range(0, shown + 1, step):
        place = round(_x(percent, shown))
        painter.drawLine(place, base, place, base + 3)
        text = _("{number} %").format(number=percent)
        painter.drawText(min(max(0, place - 10), WIDTH - 38), HEIGHT - 6, text)
