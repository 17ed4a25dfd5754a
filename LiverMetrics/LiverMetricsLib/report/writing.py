"""Writing a report: ``report.html`` and its figures as files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from LiverCoreLib.extras import require_extra
from LiverCoreLib.output import OutputError, atomic_path, check_output

from .drawing import Drawing
from .drawings import planned_drawings
from .page import ShownFigure, render_page
from .saving import FORMATS, check_formats, figure_bytes, inline_svg, save_figure

if TYPE_CHECKING:
    from ..cohort.results import Analysis
    from ..cohort.rows import Cohort

PACKAGES = ("matplotlib", "jinja2")
PAGE = "report.html"
FIGURES = "figures"

Progress = Callable[[float, str], None]


def write_report(
    cohort: Cohort,
    analysis: Analysis,
    folder: str | os.PathLike[str],
    *,
    title: str | None = None,
    formats: Sequence[str] = FORMATS,
    progress: Progress | None = None,
) -> Path:
    """Write ``folder/report.html``, which stands alone, and each figure as a file in ``folder/figures``.

    The page comes last, so that a page on the disk is always of a finished report; every file appears whole
    or not at all, and replaces one of the same name.

    Args:
        cohort: The measurements.
        analysis: Its tables and pairs of volumes.
        folder: Made if need be.
        title: Heading of the page; by default it says how many cases there are.
        formats: Of the files: "png" (200 dots an inch), "svg", "pdf"; the page has all figures anyway.
        progress: Called with a share from 0 to 1 and what is being done; raise ``Cancelled`` in it to stop.

    Returns:
        Path of the page.

    Raises:
        MissingPackage: If matplotlib or jinja2 is not installed.
        UnknownFigureFormat: If a format is unknown.
        OutputError: If folder or files cannot be written.
    """
    page, figures_folder = places(folder, formats)
    plans = planned_drawings(cohort, analysis)
    shown: list[ShownFigure] = []
    for number, draw in enumerate(plans):
        drawing = with_own_id(draw(), {figure.id for figure in shown})
        tell(progress, number / (len(plans) + 1), f"Figure {number + 1} of {len(plans)}: {drawing.title}")
        shown.append(shown_figure(drawing, figures_folder, formats))
    tell(progress, len(plans) / (len(plans) + 1), "Page")
    text = render_page(cohort, analysis, shown, title)
    with atomic_path(page) as temporary:
        temporary.write_bytes(text.encode("utf-8"))
    tell(progress, 1.0, "Done")
    return page


def places(folder: str | os.PathLike[str], formats: Sequence[str]) -> tuple[Path, Path]:
    """Where the page and the files of figures go. Their folders are made, and all is there that writes them.

    Raises MissingPackage, UnknownFigureFormat or OutputError.
    """
    require_extra("A report", "report", PACKAGES)
    check_formats(formats)
    page, figures_folder = Path(folder) / PAGE, Path(folder) / FIGURES
    make_folder(figures_folder if formats else page.parent)
    check_output(page)
    return page, figures_folder


def shown_figure(drawing: Drawing, folder: Path, formats: Sequence[str]) -> ShownFigure:
    """The figure for a page, its files written into the folder. Raises OutputError."""
    svg = figure_bytes(drawing, "svg")
    names = save_figure(drawing, folder, formats, svg)
    return ShownFigure(
        id=drawing.id,
        title=drawing.title,
        caption=drawing.caption,
        alt=drawing.alt,
        svg=inline_svg(drawing.id, svg),
        files=tuple(f"{FIGURES}/{name}" for name in names),
    )


def with_own_id(drawing: Drawing, taken: set[str]) -> Drawing:
    """The drawing under a name that no other has: long or foreign names may become the same file name."""
    name, count = drawing.id, 1
    while name in taken:
        count += 1
        name = f"{drawing.id}-{count}"
    return replace(drawing, id=name)


def make_folder(folder: Path) -> None:
    """Make a folder of results. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(
            f"{folder} cannot be made because a file has that name or one above it; give a folder.",
            id="not-a-folder",
            path=str(folder),
        ) from error
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be made ({error.strerror or error}); choose another one.",
            id="folder-not-writable",
            path=str(folder),
        ) from error


def tell(progress: Progress | None, share: float, message: str) -> None:
    """Report progress to whoever wants it."""
    if progress is not None:
        progress(share, message)
