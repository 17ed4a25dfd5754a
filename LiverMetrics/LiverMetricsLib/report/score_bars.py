"""Stacked bars of scores: how many segmentations got which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .drawing import Drawing, counted, counted_out
from .style import INK, add_legend, drawing_style, fitted, new_figure, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_STEPS = 10  # more colours than that cannot be told apart
_NARROWEST_LABEL = 0.045  # share of a bar that its number fits into
_NAME_CHARACTERS = 30
_LINE_IN = 0.16
_COLOUR_MAP = "cividis"  # made to look the same with and without colour blindness


@dataclass(frozen=True)
class Scores:
    """Scores of one group, such as a method scored by one observer; only finite ones are drawn."""

    group: str
    values: np.ndarray


@drawing_style()
def score_bars(groups: Sequence[Scores]) -> Drawing:
    """One bar a group, cut in proportion to the cases that got each score, low scores left.

    More than ten different scores are put together into ten classes of equal width.
    """
    from matplotlib.patches import Patch

    steps = _steps(np.concatenate([group.values for group in groups]))
    names = [_name(group) for group in groups]
    heights = [max(2, name.count("\n") + 1) * _LINE_IN for name in names]
    figure = new_figure(1.5 + sum(heights) + 0.08 * len(heights))
    axes = figure.subplots()
    middles = -(np.cumsum(heights) - np.array(heights) / 2 + 0.08 * np.arange(len(heights)))
    for group, middle, height in zip(groups, middles, heights):
        _bar(axes, _counts(group.values, steps), middle, 0.86 * height)
    axes.set_yticks(middles, names)
    axes.tick_params(axis="y", length=0)
    axes.margins(y=0.02)
    axes.set_xlim(0, 1)
    axes.set_xticks(np.linspace(0, 1, 5), ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("Share of cases; numbers in the bars count cases")
    axes.spines["left"].set_visible(False)
    tints = _tints(len(steps.labels))
    add_legend(figure, [Patch(facecolor=tint) for tint in tints], steps.labels, "Score")
    return Drawing(
        id="scores",
        title="Scores",
        caption=(
            "Scores given to the segmentations, as a share of the cases with a score"
            f"{_classes(steps)}. " + " ".join(_left_out(group) for group in groups if _left_out(group))
        ).strip(),
        alt="Stacked bars of scores. " + " ".join(_in_words(group, steps) for group in groups),
        figure=settled(figure),
    )


@dataclass(frozen=True)
class _Steps:
    """Classes of scores: ``edges`` one longer than ``labels``."""

    edges: np.ndarray
    labels: tuple[str, ...]
    grouped: bool


def _steps(values: np.ndarray) -> _Steps:
    found = np.unique(values[np.isfinite(values)])
    if found.size <= MOST_STEPS:
        middles = (found[1:] + found[:-1]) / 2
        edges = np.concatenate([[-np.inf], middles, [np.inf]])
        return _Steps(edges, tuple(f"{value:g}" for value in found), grouped=False)
    edges = np.linspace(found[0], found[-1], MOST_STEPS + 1)
    labels = tuple(f"{low:.3g} to {high:.3g}" for low, high in zip(edges, edges[1:]))
    edges[-1] = np.inf  # the highest score belongs to the last class
    return _Steps(edges, labels, grouped=True)


def _counts(values: np.ndarray, steps: _Steps) -> np.ndarray:
    finite = values[np.isfinite(values)]
    class_of = np.searchsorted(steps.edges, finite, side="right") - 1
    return np.bincount(class_of, minlength=len(steps.labels))


def _tints(count: int) -> np.ndarray:
    """Colours (count, 4) from dark to light."""
    from matplotlib import colormaps

    places = np.linspace(0.05, 0.97, count) if count > 1 else np.array([0.5])
    return np.asarray(colormaps[_COLOUR_MAP](places))


def _bar(axes: Axes, counts: np.ndarray, middle: float, height: float) -> None:
    shares = counts / max(counts.sum(), 1)
    starts = np.concatenate([[0.0], np.cumsum(shares)[:-1]])
    for count, share, start, tint in zip(counts, shares, starts, _tints(len(counts))):
        if not count:
            continue
        axes.barh(middle, share, left=start, height=height, color=tint, edgecolor="white", linewidth=0.6)
        if share >= _NARROWEST_LABEL:
            ink = INK if _lightness(tint) > 0.45 else "white"
            axes.text(start + share / 2, middle, str(count), ha="center", va="center", color=ink, fontsize=8)


def _lightness(tint: Sequence[float]) -> float:
    """Relative luminance, roughly: what decides whether black or white can be read on it."""
    red, green, blue = tint[:3]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _name(group: Scores) -> str:
    return fitted(group.group, _NAME_CHARACTERS) + f"\nn = {int(np.isfinite(group.values).sum())}"


def _left_out(group: Scores) -> str:
    note = counted_out(int(np.isnan(group.values).sum()), int(np.isinf(group.values).sum()))
    return f"{group.group}: {note}." if note else ""


def _classes(steps: _Steps) -> str:
    return f", in {len(steps.labels)} classes of equal width" if steps.grouped else ""


def _in_words(group: Scores, steps: _Steps) -> str:
    counts = _counts(group.values, steps)
    if not counts.sum():
        return f"{group.group}: no score."
    parts = [f"{counted(int(n), 'case')} {label}" for n, label in zip(counts, steps.labels) if n]
    return f"{group.group}: {', '.join(parts)}."
