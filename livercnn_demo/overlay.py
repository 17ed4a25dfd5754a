"""Pictures of a scan with the outlines of masks: a montage of axial slices, coronal with sagittal, and
one slice of several reconstructions.

All show window, voxel size, scale bar and patient sides, at the patient's true proportions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import SimpleITK as sitk
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from LiverCoreLib.output import atomic_path

from .planes import AXIAL_MARKS, Plane, Scan

DPI = 110
WIDTH_INCHES = 13.0
GAP_INCHES = 0.05
HEADER_INCHES = 0.82
BACKGROUND = "#0b0b0d"
TEXT = "#f2f2f2"
FAINT = "#c8c8d0"
HALO = [withStroke(linewidth=3, foreground=BACKGROUND)]
"""A dark rim, so that letters read on bright tissue."""


@dataclass(frozen=True)
class Outline:
    """A mask (on the image's grid, not 0 is inside), its name in the legend, how its outline is drawn."""

    mask: sitk.Image
    name: str
    colour: str = "#ff9f1c"
    dashed: bool = False


@dataclass(frozen=True)
class Window:
    """Display window in HU."""

    level: float = 40.0
    width: float = 400.0

    @property
    def limits(self) -> tuple[float, float]:
        return self.level - self.width / 2, self.level + self.width / 2

    def __str__(self) -> str:
        return f"{self.level:.0f}/{self.width:.0f} HU"


ABDOMEN_WINDOW = Window(40.0, 400.0)


WIDE_WINDOW = Window(110.0, 500.0)
"""For reconstructions side by side: at 40 keV the liver has well over 200 HU."""


@dataclass(frozen=True)
class Panel:
    """One of several images of the same patient on the same grid, with its outlines and what stands below."""

    image: sitk.Image
    outlines: Sequence[Outline]
    caption: str


def side_by_side(
    panels: Sequence[Panel],
    where: sitk.Image,
    path: str | Path,
    *,
    title: str = "",
    columns: int = 3,
    window: Window = WIDE_WINDOW,
) -> None:
    """Write a PNG of the same axial slice of every panel: the one in which the mask `where` is largest.

    Outlines are named after those of the first panel. Raises as `montage` does.
    """
    scan = Scan(panels[0].image, (where,))
    index = scan.fullest(0)
    # Kept until they are drawn: planes are views of their memory.
    scans = [
        Scan(panel.image, tuple(outline.mask for outline in panel.outlines), scan.box) for panel in panels
    ]
    planes = [replace(one.axial(index), caption=panel.caption) for one, panel in zip(scans, panels)]
    grid = [planes[start : start + columns] for start in range(0, len(planes), columns)]
    subtitle = f"{scan.axial(index).caption}    window {window}"
    _draw(grid, panels[0].outlines, path, title, subtitle, window)


def montage(
    image: sitk.Image,
    outlines: Sequence[Outline],
    path: str | Path,
    *,
    title: str = "",
    columns: int = 4,
    rows: int = 3,
    window: Window = ABDOMEN_WINDOW,
) -> None:
    """Write a PNG of axial slices, head to foot, spread evenly over the slices that the masks reach.

    image: 3-D HU. title: the first line, such as the volume. Raises OutputError if it cannot be written and
    ValueError if a mask is on another grid.
    """
    scan = Scan(image, tuple(outline.mask for outline in outlines))
    first, last = scan.masked_range(0)
    count = min(columns * rows, last - first + 1)
    shares = (np.arange(count) + 0.5) / count
    slices = np.unique((first + shares * (last - first + 1)).astype(int))[::-1]
    planes = [scan.axial(int(index)) for index in slices]
    columns = min(columns, len(planes))
    grid = [planes[start : start + columns] for start in range(0, len(planes), columns)]
    _draw(grid, outlines, path, title, _subtitle(scan, image, window), window)


def coronal_and_sagittal(
    image: sitk.Image,
    outlines: Sequence[Outline],
    path: str | Path,
    *,
    title: str = "",
    window: Window = ABDOMEN_WINDOW,
) -> None:
    """Write a PNG of the coronal and the sagittal slice in which the first mask is largest."""
    scan = Scan(image, tuple(outline.mask for outline in outlines))
    planes = [scan.coronal(scan.fullest(1)), scan.sagittal(scan.fullest(2))]
    _draw([planes], outlines, path, title, _subtitle(scan, image, window), window)


def _subtitle(scan: Scan, image: sitk.Image, window: Window) -> str:
    size = " x ".join(str(count) for count in image.GetSize())
    spacing = " x ".join(f"{step:.2f}" for step in image.GetSpacing())
    return f"{size} voxels of {spacing} mm    window {window}"


def _draw(
    grid: list[list[Plane]],
    outlines: Sequence[Outline],
    path: str | Path,
    title: str,
    subtitle: str,
    window: Window,
) -> None:
    """Lay planes out in rows at one scale, so that lengths compare between them."""
    widest_mm = max(sum(plane.extent_mm[0] for plane in row) for row in grid)
    most = max(len(row) for row in grid)
    inches_per_mm = (WIDTH_INCHES - GAP_INCHES * (most + 1)) / widest_mm
    heights = [max(plane.extent_mm[1] for plane in row) * inches_per_mm for row in grid]
    height = HEADER_INCHES + sum(heights) + GAP_INCHES * (len(grid) + 1)
    figure = Figure(figsize=(WIDTH_INCHES, height), facecolor=BACKGROUND)
    _draw_header(figure, height, outlines, title, subtitle)
    top = height - HEADER_INCHES
    for number, (row, row_height) in enumerate(zip(grid, heights)):
        left = GAP_INCHES
        for plane in row:
            width, tall = (length * inches_per_mm for length in plane.extent_mm)
            box = (left / WIDTH_INCHES, (top - tall) / height, width / WIDTH_INCHES, tall / height)
            with_bar = number == 0 and plane is row[0]
            _draw_plane(figure.add_axes(box), plane, outlines, window, with_bar)
            left += width + GAP_INCHES
        top -= row_height + GAP_INCHES
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=DPI, facecolor=BACKGROUND)


def _draw_header(
    figure: Figure, height: float, outlines: Sequence[Outline], title: str, subtitle: str
) -> None:
    left = 0.1 / WIDTH_INCHES
    figure.text(left, 1 - 0.10 / height, title, color=TEXT, fontsize=20, fontweight="bold", va="top")
    figure.text(left, 1 - 0.48 / height, subtitle, color=FAINT, fontsize=14, va="top")
    handles = [
        Line2D([], [], color=outline.colour, linewidth=3, linestyle=_style(outline), label=outline.name)
        for outline in outlines
    ]
    if handles:
        figure.legend(
            handles=handles,
            loc="upper right",
            bbox_to_anchor=(1, 1),
            frameon=False,
            labelcolor=TEXT,
            fontsize=14,
            borderpad=0.3,
            labelspacing=0.25,
        )


def _draw_plane(
    axes: Axes, plane: Plane, outlines: Sequence[Outline], window: Window, with_bar: bool
) -> None:
    width, height = plane.extent_mm
    low, high = window.limits
    axes.imshow(
        plane.values,
        cmap="gray",
        vmin=low,
        vmax=high,
        extent=(0, width, height, 0),
        interpolation="bilinear",
        aspect="equal",
    )
    for outline, mask in zip(outlines, plane.masks):
        _draw_outline(axes, mask, plane.extent_mm, outline)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    _draw_marks(axes, plane)
    if with_bar:
        _draw_scale_bar(axes, width, height)


def _draw_outline(axes: Axes, mask: np.ndarray, extent_mm: tuple[float, float], outline: Outline) -> None:
    if not mask.any():
        return
    # A rim of background closes outlines that reach the picture's edge.
    rows, columns = mask.shape
    x = (np.arange(-1, columns + 1) + 0.5) * extent_mm[0] / columns
    y = (np.arange(-1, rows + 1) + 0.5) * extent_mm[1] / rows
    axes.contour(
        x, y, np.pad(mask, 1).astype(float), levels=[0.5], colors=outline.colour, linewidths=1.6,
        linestyles=_style(outline),
    )  # fmt: skip


def _draw_marks(axes: Axes, plane: Plane) -> None:
    left, right, top, bottom = plane.marks
    letters = [(0.012, 0.5, left, "left", "center"), (0.988, 0.5, right, "right", "center")]
    if plane.marks != AXIAL_MARKS:  # front and back of an axial slice are plain to see
        letters += [(0.5, 0.988, top, "center", "top"), (0.5, 0.012, bottom, "center", "bottom")]
    for x, y, text, across, up in letters:
        axes.text(
            x, y, text, transform=axes.transAxes, color=TEXT, fontsize=15, fontweight="bold",
            ha=across, va=up, path_effects=HALO,
        )  # fmt: skip
    axes.text(
        0.015, 0.02, plane.caption, transform=axes.transAxes, color=FAINT, fontsize=12, va="bottom",
        path_effects=HALO,
    )  # fmt: skip


def _draw_scale_bar(axes: Axes, width_mm: float, height_mm: float) -> None:
    length = 50.0 if width_mm < 300 else 100.0
    right, low = 0.97 * width_mm, 0.955 * height_mm
    axes.plot([right - length, right], [low, low], color=TEXT, linewidth=3, path_effects=HALO)
    axes.text(
        right - length / 2, low - 0.015 * height_mm, f"{length / 10:.0f} cm", color=TEXT, fontsize=13,
        ha="center", va="bottom", path_effects=HALO,
    )  # fmt: skip


def _style(outline: Outline) -> Literal["dashed", "solid"]:
    return "dashed" if outline.dashed else "solid"
