"""What standardization did, as one picture: a section before and after, what changed, noise and sharpness."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from LiverCoreLib.extras import require_extra
from LiverCoreLib.output import atomic_path

from .measure import BODY_ABOVE_HU, Quality

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVEL_HU, WIDTH_HU = 110.0, 500.0  # wide, for at 40 keV the liver has well over 200 HU
CHANGE_HU = 150.0
PANEL_INCHES, CURVES_INCHES = 3.6, 2.8
MARGIN_PIXELS = 6
DPI = 120
LONGEST_NAME = 20
"""Letters of a protocol that fit above its picture; what is uncertain is spelled out in the report."""
COLOURS = {"before": "#D55E00", "after": "#0072B2", "target": "#666666"}  # of Okabe and Ito (2008)
INK, FAINT = "#1c1e21", "#5b6067"


def draw_quality(quality: Quality, path: str | os.PathLike[str], protocol: str, target: str) -> None:
    """Write the picture as a PNG. Raises OutputError, MissingPackage."""
    content = quality_png(quality, protocol, target)
    with atomic_path(Path(path)) as temporary:
        temporary.write_bytes(content)


def quality_png(quality: Quality, protocol: str, target: str) -> bytes:
    """The picture as the bytes of a PNG.

    Args:
        quality: What was measured.
        protocol: What the image was before, for its title.
        target: What it was made to look like.

    Raises:
        MissingPackage: matplotlib is not installed.
    """
    require_extra("The figure of a report", "report", ("matplotlib",))
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sections = quality.sections
    index = _section_to_show(quality)
    titles = {
        "before": f"Before: {protocol}" if len(protocol) <= LONGEST_NAME else "Before",
        "after": f"After: like {target}",
        "target": f"Target: {target}",
    }
    shown = {"before": sections.before, "after": sections.after}
    if sections.target is not None:
        shown["target"] = sections.target
    here = _body_box(shown["before"][index])
    aspect = sections.pixel_mm[0] / sections.pixel_mm[1]
    rows, columns = shown["before"][index][here].shape
    columns_of_panels = len(shown) + 1
    tall = PANEL_INCHES * rows * aspect / columns + 0.5
    figure = Figure((columns_of_panels * PANEL_INCHES, tall + CURVES_INCHES), layout="constrained")
    FigureCanvasAgg(figure)
    halves: Any = figure.subfigures(2, 1, height_ratios=[tall, CURVES_INCHES])
    above, below = halves
    panels = above.subplots(1, columns_of_panels)
    for axes, (name, image) in zip(panels, shown.items()):
        low, high = LEVEL_HU - WIDTH_HU / 2, LEVEL_HU + WIDTH_HU / 2
        axes.imshow(image[index][here], cmap="gray", vmin=low, vmax=high, aspect=aspect)
        _panel(axes, titles[name], f"window {LEVEL_HU:g}/{WIDTH_HU:g} HU", "#c8c8d0")
    change = (sections.after - sections.before)[index][here]
    shade = panels[-1].imshow(change, cmap="RdBu_r", vmin=-CHANGE_HU, vmax=CHANGE_HU, aspect=aspect)
    _panel(panels[-1], "After less before", f"section {int(sections.indices[index]) + 1}", FAINT)
    bar = figure.colorbar(shade, ax=panels[-1], shrink=0.8, pad=0.02)
    bar.set_label("HU", color=INK, fontsize=8)
    bar.ax.tick_params(labelsize=8, colors=INK)
    left, middle, right = below.subplots(1, 3)
    _draw_regions(left, quality)
    _draw_noise(middle, quality)
    _draw_edges(right, quality)
    return _png(figure)


def _panel(axes: Axes, title: str, note: str, colour: str) -> None:
    axes.set_axis_off()
    axes.set_title(title, fontsize=11, fontweight="bold", color=INK, loc="left")
    axes.text(0.02, 0.02, note, transform=axes.transAxes, fontsize=7, color=colour)


def _draw_regions(axes: Axes, quality: Quality) -> None:
    """HU of each tissue, with bars of one standard deviation of its noise."""
    for shift, (name, colour) in zip((-0.2, 0.0, 0.2), COLOURS.items()):
        rows = [
            (number + shift, getattr(region, f"hu_{name}"), getattr(region, f"noise_{name}"))
            for number, region in enumerate(quality.regions)
        ]
        rows = [row for row in rows if row[1] is not None]
        if rows:
            x, hu, noise = zip(*rows)
            axes.errorbar(x, hu, noise, fmt="o", color=colour, capsize=3, markersize=5, label=name)
    axes.set_xticks(range(len(quality.regions)), [region.name for region in quality.regions])
    axes.set_xlim(-0.6, len(quality.regions) - 0.4)
    _finish(axes, "HU of tissues, bars: noise", "", "HU", bool(quality.regions))


def _draw_noise(axes: Axes, quality: Quality) -> None:
    for name, spectrum in quality.noise.items():
        label = f"{name}, mean {spectrum.mean_frequency_per_mm:.2f}/mm"
        axes.plot(spectrum.frequency_per_mm, spectrum.power, color=COLOURS[name], label=label)
    _finish(axes, "Noise power", "1/mm", "HU$^2$ mm$^2$", bool(quality.noise))


def _draw_edges(axes: Axes, quality: Quality) -> None:
    for name, response in quality.edges.items():
        half = "" if response.mtf50_per_mm is None else f", half at {response.mtf50_per_mm:.2f}/mm"
        axes.plot(response.frequency_per_mm, response.mtf, color=COLOURS[name], label=f"{name}{half}")
    axes.set_xlim(0, 0.5 / min(quality.sections.pixel_mm))
    axes.set_ylim(0, 1.15)
    _finish(axes, "Edges of fat and soft tissue: MTF", "1/mm", "", bool(quality.edges))


def _finish(axes: Axes, title: str, x: str, y: str, is_drawn: bool) -> None:
    axes.set_title(title, fontsize=10, fontweight="bold", color=INK, loc="left")
    axes.set_xlabel(x, fontsize=8, color=FAINT)
    axes.set_ylabel(y, fontsize=8, color=FAINT)
    axes.tick_params(labelsize=8, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    if is_drawn:
        axes.grid(color="#e4e7ea", linewidth=0.7)
        axes.legend(fontsize=8, frameon=False)
    else:
        axes.text(
            0.5, 0.5, "too little was found to measure", ha="center", transform=axes.transAxes, color=FAINT
        )


def _section_to_show(quality: Quality) -> int:
    """The one with most liver, or the middle one."""
    liver = quality.sections.liver
    if liver is None or not liver.any():
        return len(quality.sections.before) // 2
    return int(liver.sum(axis=(1, 2)).argmax())


def _body_box(section: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a section that show something, with a margin."""
    dense = section > BODY_ABOVE_HU
    box = []
    for axis in (1, 0):
        found = np.flatnonzero(dense.any(axis=axis))
        first, last = (int(found[0]), int(found[-1])) if found.size else (0, dense.shape[1 - axis] - 1)
        box.append(slice(max(first - MARGIN_PIXELS, 0), last + 1 + MARGIN_PIXELS))
    return box[0], box[1]


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, facecolor="white")
    return stream.getvalue()
