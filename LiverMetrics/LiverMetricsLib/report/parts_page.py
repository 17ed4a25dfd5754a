"""A report made of parts: sentences, tables and figures of one study that is more than one cohort."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from LiverCoreLib.output import atomic_path

from .page import ShownFigure, render_template
from .saving import FORMATS
from .source import software_versions
from .table_view import TableView, table_view
from .writing import Progress, places, shown_figure, tell, with_own_id

if TYPE_CHECKING:
    from ..cohort.table import Table
    from .drawing import Drawing


@dataclass(frozen=True)
class PagePart:
    """A part of the page.

    Attributes:
        id: Kebab-case, unique in the page.
        sentences: What it says, in the order of importance.
        facts: Name and value.
        tables: In order; their ids are unique in the page.
        draw: Functions that draw a figure each, so that many are never in memory at once.
        is_warning: Whether readers must not miss it.
    """

    id: str
    title: str
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    draw: tuple[Callable[[], Drawing], ...] = ()
    is_warning: bool = False


@dataclass(frozen=True)
class _ShownPart:
    """A part for the template; figures come with their numbers."""

    id: str
    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    tables: tuple[TableView, ...]
    figures: tuple[tuple[int, ShownFigure], ...]
    is_warning: bool

    @property
    def wide(self) -> bool:
        return any(view.wide for view in self.tables)


def write_parts_page(
    folder: str | os.PathLike[str],
    title: str,
    subtitle: str,
    parts: Sequence[PagePart],
    *,
    provenance: Sequence[tuple[str, str]] = (),
    formats: Sequence[str] = FORMATS,
    progress: Progress | None = None,
) -> Path:
    """Write ``folder/report.html``, which stands alone, and each figure as a file in ``folder/figures``.

    As ``write_report``: the page comes last, and every file appears whole or not at all. Tables and figures
    are numbered through.

    Args:
        provenance: What the study was made with, by name; versions of the software are added.

    Raises:
        MissingPackage: If matplotlib or jinja2 is not installed.
        UnknownFigureFormat: If a format is unknown.
        OutputError: If folder or files cannot be written.
    """
    page, figures_folder = places(folder, formats)
    total = sum(len(part.draw) for part in parts)
    shown: list[_ShownPart] = []
    taken: set[str] = set()
    tables_before = 0
    for part in parts:
        figures = []
        for draw in part.draw:
            tell(progress, len(taken) / (total + 1), f"Figure {len(taken) + 1} of {total}")
            drawing = with_own_id(draw(), taken)
            taken.add(drawing.id)
            figures.append((len(taken), shown_figure(drawing, figures_folder, formats)))
        views = [table_view(table, tables_before + n) for n, table in enumerate(part.tables, start=1)]
        tables_before += len(views)
        shown.append(
            _ShownPart(
                part.id, part.title, part.sentences, part.facts, tuple(views), tuple(figures), part.is_warning
            )
        )
    text = render_template(
        "parts.html",
        title=title,
        subtitle=subtitle,
        parts=shown,
        provenance=[*provenance, *software_versions().items()],
    )
    with atomic_path(page) as temporary:
        temporary.write_bytes(text.encode("utf-8"))
    tell(progress, 1.0, "Done")
    return page
