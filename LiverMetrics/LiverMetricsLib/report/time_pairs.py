"""Working times: a line a case from method to method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .box_plot import AXIS_IN, columns_of, draw_paired, left_out_in_words
from .drawing import Drawing, Panel, counted, full_names
from .style import CHARACTERS_PER_INCH, INK, WIDTH_IN, drawing_style, fitted, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_HEIGHT_IN = 2.9
_WIDE_RANGE = 50.0  # longest over shortest, from which a logarithmic axis shows more


@drawing_style()
def time_pairs(panels: Sequence[Panel]) -> Drawing:
    """Minutes each method took, one panel an observer, with the median as a bar.

    Args:
        panels: Times in seconds.
    """
    in_minutes = [replace(panel, values=panel.values / 60.0) for panel in panels]
    columns = columns_of(in_minutes)
    rows = math.ceil(len(in_minutes) / columns)
    figure = new_figure(PANEL_HEIGHT_IN * rows + 0.2)
    grid = np.ravel(figure.subplots(rows, columns, sharey=True, squeeze=False))
    logarithmic = _wide(in_minutes)
    width_in = WIDTH_IN / columns - AXIS_IN
    for axes, panel in zip(grid, in_minutes):
        draw_paired(axes, panel, width_in, boxes=False)
        room = int(CHARACTERS_PER_INCH * width_in / max(len(panel.groups), 1))
        names = [_name(panel, number, room) for number in range(len(panel.groups))]
        axes.set_xticks(np.arange(len(panel.groups)), names)
        for number in range(len(panel.groups)):
            values = panel.values[panel.finite[:, number], number]
            if values.size:
                reach = [number - 0.22, number + 0.22]
                axes.plot(reach, [np.median(values)] * 2, color=INK, linewidth=2.2, zorder=4)
        axes.set_ylabel("Time (min)")
        axes.label_outer()
        axes.tick_params(labelbottom=True)
    _set_scale(grid[0], logarithmic)
    for axes in grid[len(in_minutes) :]:
        axes.remove()
    cases = {case for panel in panels for case in panel.cases}
    return Drawing(
        id="times",
        title="Working time",
        caption=(
            f"Time that each segmentation took, {counted(len(cases), 'case')}; a line is a case, a bar the "
            f"median{'; logarithmic axis' if logarithmic else ''}. "
            f"{left_out_in_words(panels)} {full_names(panels)}".strip()
        ),
        alt="Working times. " + " ".join(_in_words(panel) for panel in in_minutes),
        figure=settled(figure),
    )


def _name(panel: Panel, number: int, room: int) -> str:
    values = panel.values[panel.finite[:, number], number]
    name = fitted(panel.groups[number], room)
    if not values.size:
        return f"{name}\nn = 0"
    return f"{name}\nn = {values.size}\n{fitted(f'median {_minutes(np.median(values))}', room)}"


def _minutes(value: float) -> str:
    """One decimal; two where that is a few seconds only."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _wide(panels: Sequence[Panel]) -> bool:
    seen = np.concatenate([panel.values[panel.finite] for panel in panels])
    return bool(seen.size) and seen.min() > 0 and seen.max() / seen.min() > _WIDE_RANGE


def _set_scale(axes: Axes, logarithmic: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if not logarithmic:
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 0.0), high)
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _in_words(panel: Panel) -> str:
    parts = []
    for number, group in enumerate(panel.groups):
        values = panel.values[panel.finite[:, number], number]
        time = f"median {_minutes(np.median(values))} min" if values.size else "no time"
        parts.append(f"{group} {time}")
    return f"{panel.title + ': ' if panel.title else ''}{'; '.join(parts)}."
