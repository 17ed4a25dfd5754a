"""One section in several reconstructions, side by side in one window, as a PNG."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from LiverCoreLib.output import atomic_path

LEVEL_HU, WIDTH_HU = 110.0, 500.0
"""One window for all, so that contrast compares; wide, for at 40 keV the liver has well over 200 HU."""
COLUMNS = 3
PANEL_INCHES = 4.3
TEXT_INCHES = 0.62
BODY_ABOVE_HU = -300
SMALLEST_SHARE = 0.02
"""Less of a row or column is a mark in the corner, no body."""
MARGIN_PIXELS = 8
DPI = 110
BACKGROUND, TEXT, FAINT = "#0b0b0d", "#f2f2f2", "#c8c8d0"


@dataclass(frozen=True)
class Panel:
    """name and meaning: above the section (y, x), HU."""

    name: str
    meaning: str
    section: np.ndarray


def draw_panels(
    panels: Sequence[Panel],
    liver: np.ndarray,
    caption: str,
    path: str | os.PathLike[str],
    *,
    pixel_aspect: float = 1.0,
) -> None:
    """Draw the panels, cut to the body, each with the liver's HU where `liver` (y, x) marks one.

    pixel_aspect: a pixel's height to its width. Raises OutputError.
    """
    from matplotlib.figure import Figure

    here = _body_box(panels[0].section)
    liver_here = liver[here]
    panel_inches = PANEL_INCHES * pixel_aspect * liver_here.shape[0] / liver_here.shape[1]
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    wide, tall = columns * PANEL_INCHES, rows * (panel_inches + TEXT_INCHES) + TEXT_INCHES
    figure = Figure(figsize=(wide, tall), facecolor=BACKGROUND)
    limits = f"window {LEVEL_HU:.0f}/{WIDTH_HU:.0f} HU    {caption}"
    figure.text(0.1 / wide, 1 - 0.3 / tall, limits, color=FAINT, fontsize=12, va="center")
    for number, panel in enumerate(panels):
        left = (number % columns) * PANEL_INCHES
        low = tall - TEXT_INCHES - (number // columns + 1) * (panel_inches + TEXT_INCHES)
        axes = figure.add_axes((left / wide, low / tall, PANEL_INCHES / wide, panel_inches / tall))
        axes.imshow(
            panel.section[here],
            cmap="gray",
            vmin=LEVEL_HU - WIDTH_HU / 2,
            vmax=LEVEL_HU + WIDTH_HU / 2,
            interpolation="bilinear",
            aspect=pixel_aspect,
        )
        axes.set_axis_off()
        above = (low + panel_inches) / tall
        x = (left + 0.1) / wide
        figure.text(
            x, above + 0.40 / tall, panel.name, color=TEXT, fontsize=15, fontweight="bold", va="center"
        )
        figure.text(x, above + 0.15 / tall, panel.meaning, color=FAINT, fontsize=11, va="center")
        if liver_here.any():
            hu = f"liver {np.median(panel.section[here][liver_here]):.0f} HU"
            right = (left + PANEL_INCHES - 0.1) / wide
            figure.text(right, above + 0.40 / tall, hu, color=TEXT, fontsize=13, va="center", ha="right")
    with atomic_path(Path(path)) as temporary:
        figure.savefig(temporary, dpi=DPI, facecolor=BACKGROUND)


def _body_box(section: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a section that show something, with a margin."""
    dense = section > BODY_ABOVE_HU
    box = []
    for axis in (1, 0):
        found = np.flatnonzero(dense.mean(axis=axis) > SMALLEST_SHARE)
        first, last = (found[0], found[-1]) if found.size else (0, dense.shape[1 - axis] - 1)
        box.append(slice(max(int(first) - MARGIN_PIXELS, 0), int(last) + 1 + MARGIN_PIXELS))
    return box[0], box[1]
