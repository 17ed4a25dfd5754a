"""How often each region of the liver was corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .drawing import Drawing, counted
from .style import SMALL, add_legend, colour, drawing_style, fitted, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_REGIONS = 20
_NAME_CHARACTERS = 30
_BAR_IN = 0.15
_GAP_IN = 0.12


@dataclass(frozen=True)
class Corrections:
    """Corrected regions of one group, such as an observer.

    Attributes:
        regions: One tuple a case whose corrections were written down; empty where nothing was corrected.
    """

    group: str
    regions: tuple[tuple[str, ...], ...]


@drawing_style()
def region_bars(groups: Sequence[Corrections]) -> Drawing:
    """A bar a region and group: the share of the cases in which it was corrected; most frequent on top."""
    counts = [Counter(region for case in group.regions for region in set(case)) for group in groups]
    order = sorted(
        set().union(*counts), key=lambda region: (-sum(count[region] for count in counts), region)
    )
    shown = order[:MOST_REGIONS]
    slot = max(len(groups) * _BAR_IN + _GAP_IN, 0.34)  # never narrower than two lines of a name
    figure = new_figure(1.2 + slot * max(len(shown), 1))
    axes = figure.subplots()
    bar = (slot - _GAP_IN) / len(groups)
    for number, (group, count) in enumerate(zip(groups, counts)):
        cases = len(group.regions)
        shares = np.array([count[region] / cases if cases else 0.0 for region in shown])
        places = -slot * np.arange(len(shown)) - (number - (len(groups) - 1) / 2) * bar
        bars = axes.barh(
            places,
            shares,
            height=0.9 * bar,
            color=colour(number),
            label=f"{fitted(group.group, 30, 2)} (n = {cases})".strip(),
        )
        words = [f"{count[region]}" for region in shown]
        axes.bar_label(bars, words, padding=2, fontsize=min(SMALL, 66 * bar))
    axes.set_yticks(-slot * np.arange(len(shown)), [fitted(name, _NAME_CHARACTERS, 2) for name in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-slot * (len(shown) - 0.5), slot / 2)
    _finish(axes)
    add_legend(figure, *axes.get_legend_handles_labels())
    left_out = len(order) - len(shown)
    return Drawing(
        id="regions",
        title="Corrected regions",
        caption=(
            "Share of the cases in which a region was corrected; numbers at the bars count cases."
            + (f" {counted(left_out, 'rarer region')} not shown; the table has all." if left_out else "")
        ),
        alt="Bars of corrected regions. " + " ".join(_in_words(g, c) for g, c in zip(groups, counts)),
        figure=settled(figure),
    )


def _finish(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_xlim(0, max(axes.get_xlim()[1] * 1.05, 0.1))
    axes.set_xlabel("Share of cases")
    axes.grid(axis="x")


def _in_words(group: Corrections, count: Counter[str]) -> str:
    if not count:
        return f"{group.group}: nothing was corrected."
    most = "; ".join(f"{region} in {n} of {len(group.regions)}" for region, n in count.most_common(5))
    return f"{group.group}: {most}."
