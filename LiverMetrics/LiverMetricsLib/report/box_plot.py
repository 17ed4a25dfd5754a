"""Box plots with a point a case, the points of one case joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .drawing import Drawing, Panel, counted, file_stem, full_names
from .style import (
    CHARACTERS_PER_INCH,
    FAINT,
    INK,
    RULE,
    SMALL,
    WIDTH_IN,
    colour,
    drawing_style,
    fitted,
    marker,
    new_figure,
    opacity,
    settled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_HEIGHT_IN = 2.9
AXIS_IN = 0.75  # what ticks and axis label take from the width of a panel
_ROWS = 3  # of panels on a page
_BOX_WIDTH = 0.5


@drawing_style()
def box_plot(name: str, panels: Sequence[Panel], *, key: str) -> Drawing:
    """Boxes of every group side by side, one panel after the other.

    A box goes from the lower to the upper quartile with the median in it (numpy's linear interpolation);
    whiskers reach to the farthest values within 1.5 box lengths. Values that are not finite are counted
    under the panel.

    Args:
        name: What is measured, with its unit, such as "Hausdorff distance (mm)".
        panels: At most six fit a page.
        key: Beginning of the file name.
    """
    columns = columns_of(panels)
    rows = math.ceil(len(panels) / columns)
    figure = new_figure(PANEL_HEIGHT_IN * rows + 0.3)
    grid = np.ravel(figure.subplots(rows, columns, sharey=True, squeeze=False))
    for axes, panel in zip(grid, panels):
        draw_paired(axes, panel, WIDTH_IN / columns - AXIS_IN)
        axes.set_ylabel(fitted(name, int(CHARACTERS_PER_INCH * (PANEL_HEIGHT_IN - 0.5)), 2))
        axes.label_outer()
        # The groups of every panel are named: a reader may cut one out.
        axes.tick_params(labelbottom=True)
    for axes in grid[len(panels) :]:
        axes.remove()
    return Drawing(
        id=file_stem("box", key),
        title=f"{name} by group",
        caption=(
            "Box: quartiles and median; whiskers: the farthest values within 1.5 box lengths; a point is a "
            f"case, and lines join the values of one case. {_cases_in_words(panels)}"
        ),
        alt=f"Box plots of {name}. " + " ".join(_in_words(panel) for panel in panels),
        figure=settled(figure),
    )


def draw_paired(axes: Axes, panel: Panel, width_in: float, *, boxes: bool = True) -> None:
    """Points and joining lines of one panel, with or without boxes behind them."""
    positions = np.arange(len(panel.groups))
    _join(axes, panel, positions)
    for number, position in enumerate(positions.tolist()):
        values = panel.values[panel.finite[:, number], number]
        if boxes and values.size:
            _box(axes, values, position, colour(number))
        axes.plot(
            np.full(values.size, position),
            values,
            linestyle="none",
            marker=marker(number),
            markersize=3.2,
            markerfacecolor=colour(number),
            markeredgecolor="white",
            markeredgewidth=0.3,
            alpha=max(opacity(values.size), 0.4),
            zorder=3,
        )
    axes.set_xlim(-0.6, len(positions) - 0.4)
    room = int(CHARACTERS_PER_INCH * width_in / max(len(positions), 1))
    names = [fitted(name, room) for name in panel.groups]
    counts = panel.finite.sum(axis=0)
    axes.set_xticks(positions, [f"{name}\nn = {n}" for name, n in zip(names, counts)])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")
    axes.set_title(fitted(panel.title, int(CHARACTERS_PER_INCH * width_in), 2))
    if not panel.finite.any():
        say_nothing_to_draw(axes)
    if panel.not_shown():
        note = fitted(panel.not_shown(), int(CHARACTERS_PER_INCH * width_in), 2)
        axes.set_xlabel(note, color=FAINT, fontsize=SMALL, style="italic")


def say_nothing_to_draw(axes: Axes) -> None:
    """Words in place of points, so that no panel is blank."""
    axes.set_yticks([])
    axes.text(0.5, 0.5, "no finite value", transform=axes.transAxes, ha="center", va="center", color=FAINT)


def _join(axes: Axes, panel: Panel, positions: np.ndarray) -> None:
    """One path for all cases, broken between them: a file of a few kilobytes even for many cases."""
    shown = np.where(panel.finite, panel.values, np.nan)
    n, groups = shown.shape
    gap = np.full((n, 1), np.nan)
    x = np.hstack([np.broadcast_to(positions.astype(float), (n, groups)), gap]).ravel()
    axes.plot(x, np.hstack([shown, gap]).ravel(), color=RULE, linewidth=0.7, alpha=opacity(n) + 0.2, zorder=1)


def _box(axes: Axes, values: np.ndarray, position: float, tint: str) -> None:
    axes.boxplot(
        [values],
        positions=[position],
        widths=_BOX_WIDTH,
        showfliers=False,  # every case is drawn as a point
        manage_ticks=False,
        patch_artist=True,
        boxprops={"facecolor": tint, "alpha": 0.22, "edgecolor": tint, "linewidth": 1.0},
        medianprops={"color": INK, "linewidth": 1.6},
        whiskerprops={"color": tint, "linewidth": 1.0},
        capprops={"color": tint, "linewidth": 1.0},
        zorder=2,
    )


def panels_in_a_figure(panels: Sequence[Panel]) -> int:
    """How many panels fit one page."""
    return _ROWS * columns_of(panels)


def columns_of(panels: Sequence[Panel]) -> int:
    """Two panels side by side as long as no more than four groups share half the width."""
    most = max((len(panel.groups) for panel in panels), default=1)
    return 1 if len(panels) == 1 or most > 4 else 2


def _in_words(panel: Panel) -> str:
    parts = []
    for number, group in enumerate(panel.groups):
        values = panel.values[panel.finite[:, number], number]
        median = f"median {np.median(values):.4g}" if values.size else "no finite value"
        parts.append(f"{group} {median}")
    title = f"{panel.title}: " if panel.title else ""
    return f"{title}{'; '.join(parts)}."


def _cases_in_words(panels: Sequence[Panel]) -> str:
    cases = {case for panel in panels for case in panel.cases}
    parts = [f"{counted(len(cases), 'case')}.", left_out_in_words(panels), full_names(panels)]
    return " ".join(part for part in parts if part)


def left_out_in_words(panels: Sequence[Panel]) -> str:
    """What is not shown in which panel; empty if everything is."""
    notes = [(panel.title, panel.not_shown()) for panel in panels if panel.not_shown()]
    return " ".join(f"{note} ({title})." if title else f"{note}." for title, note in notes)
