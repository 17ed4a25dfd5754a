"""Volumes of a method against those of its reference, with identity, regression and concordance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .box_plot import say_nothing_to_draw
from .drawing import Drawing, counted, counted_out, file_stem
from .style import COLOURS, FAINT, drawing_style, fitted, new_figure, opacity, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..cohort.results import VolumePairs

HEIGHT_IN = 3.8


@drawing_style()
def identity_plot(pairs: VolumePairs) -> Drawing:
    """A point a pair; the same scale on both axes, so that the line of identity is a diagonal."""
    test, reference = np.asarray(pairs.test_ml, float), np.asarray(pairs.reference_ml, float)
    finite = np.isfinite(test) & np.isfinite(reference)
    infinite = int((np.isinf(test) | np.isinf(reference)).sum())
    not_shown = counted_out(test.size - int(finite.sum()) - infinite, infinite)
    figure = new_figure(HEIGHT_IN)
    axes = figure.subplots()
    axes.set_xlabel(fitted(pairs.reference_name, 40, 2) + " (mL)" + (f"\n{not_shown}" if not_shown else ""))
    axes.set_ylabel(fitted(pairs.test_name, 36, 2) + " (mL)")
    if finite.any():
        _draw(axes, pairs, test[finite], reference[finite])
    else:
        say_nothing_to_draw(axes)
    return Drawing(
        id=file_stem("identity", pairs.title),
        title=f"Identity: {pairs.title}",
        caption=(
            f"Volume of {pairs.test_name} against {pairs.reference_name}; "
            f"{counted(int(finite.sum()), 'pair')}. Broken line: identity; solid line: least-squares "
            f"regression. {concordance_words(pairs)}. {not_shown}{'.' if not_shown else ''}".strip()
        ),
        alt=(
            f"Scatter of the volumes of {pairs.test_name} against {pairs.reference_name} with the line of "
            f"identity. {concordance_words(pairs)}. Regression: {line_words(pairs)}.".replace("\n", ", ")
        ),
        figure=settled(figure),
    )


def _draw(axes: Axes, pairs: VolumePairs, test: np.ndarray, reference: np.ndarray) -> None:
    ends = ends_of(test, reference)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_aspect("equal", anchor="W")
    axes.set_yticks(axes.get_xticks(), minor=False)  # equal axes deserve equal ticks
    axes.set_ylim(*ends)  # which set_yticks has widened
    axes.grid()
    axes.plot(ends, ends, color=FAINT, linewidth=1.0, linestyle="--", zorder=1, label="Identity")
    if pairs.regression is not None and math.isfinite(pairs.regression.slope):
        x = np.array([reference.min(), reference.max()])
        y = pairs.regression.intercept + pairs.regression.slope * x
        axes.plot(x, y, color=COLOURS[1], linewidth=1.4, zorder=2, label=f"Regression\n{line_words(pairs)}")
    axes.plot(
        reference,
        test,
        linestyle="none",
        marker="o",
        markersize=3.8,
        markerfacecolor=COLOURS[0],
        markeredgecolor="white",
        markeredgewidth=0.3,
        alpha=max(opacity(test.size), 0.45),
        zorder=3,
        label=f"Pairs (n = {test.size})",
    )
    legend = axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.03, 1.0),
        borderaxespad=0.0,
        alignment="left",
        labelspacing=0.9,
        title=concordance_words(pairs).replace(" (", "\n(") + "\n",
    )
    legend.get_title().set_fontweight("bold")


def ends_of(test: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Both ends of the line of identity, and of the axes."""
    both = np.concatenate([test, reference])
    margin = 0.06 * float(np.ptp(both)) or max(abs(float(both[0])) * 0.1, 1.0)
    return np.array([both.min() - margin, both.max() + margin])


def concordance_words(pairs: VolumePairs) -> str:
    found = pairs.concordance
    if found is None or not math.isfinite(found.ccc):
        return "Concordance is not defined for these pairs"
    text = f"CCC {found.ccc:.3f}"
    if math.isfinite(found.interval.low):
        level = f"{100 * found.interval.confidence:g} % CI"
        text += f" ({level} {found.interval.low:.3f} to {found.interval.high:.3f})"
    return text.replace("-", "\N{MINUS SIGN}")


def line_words(pairs: VolumePairs) -> str:
    found = pairs.regression
    if found is None or not math.isfinite(found.slope):
        return "not defined for these pairs"
    sign = "+" if found.intercept >= 0 else "\N{MINUS SIGN}"
    slope = f"{found.slope:.3f}".replace("-", "\N{MINUS SIGN}")
    text = f"y = {slope} x {sign} {abs(found.intercept):.1f} mL"
    if not math.isfinite(found.pearson_r):
        return text
    return text + f"\nr = {found.pearson_r:.3f}".replace("-", "\N{MINUS SIGN}")
