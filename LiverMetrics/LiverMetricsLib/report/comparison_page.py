"""Comparisons as one HTML page that needs nothing but itself, written with nothing but Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from html import escape

from LiverCoreLib.html_page import html_page, named_values, section, text_list
from LiverCoreLib.output import PathLike, atomic_path

from ..comparison_table import ComparedPair, comparison_table
from ..definitions import SURFACE
from ..provenance import versions
from .table_view import Cell, TableView, table_view


def write_comparison_page(path: PathLike, pairs: Sequence[ComparedPair]) -> None:
    """Write comparisons as a page: numbers, definitions, warnings, versions.

    Raises:
        OutputError: If the file cannot be written.
    """
    text = comparison_page(pairs)
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def comparison_page(pairs: Sequence[ComparedPair]) -> str:
    """The page as HTML."""
    table = comparison_table(pairs)
    view = table_view(table, 1)
    notes = [f"In all columns: {view.constants}.", *table.notes] if view.constants else table.notes
    warnings = [f"{pair.mask}: {text}" for pair in pairs for text in pair.comparison.warnings]
    date = datetime.now(timezone.utc).date().isoformat()
    known = [(name, text or "from a checkout") for name, text in versions().items()]
    return html_page(
        table.title,
        f"Reference: {pairs[0].reference}. Written on {date} by LiverCNN.",
        [
            *section("Warnings", text_list(warnings), "warnings"),
            *section("Numbers", [*_table(view, pairs[0].comparison.family), *text_list(notes, "notes")]),
            *section("Provenance", named_values(known)),
        ],
    )


def _table(view: TableView, family: str) -> list[str]:
    """Measures as rows, tests (the first column) and definitions as columns: a page is read downwards."""
    lines = ['<div class="scroll" role="region" tabindex="0">', "<table>", "<thead><tr>"]
    lines.append('<th scope="col">Measure</th>')
    lines += [f'<th scope="col" class="number">{escape(row[0].text)}</th>' for row in view.rows]
    lines.append('<th scope="col">Definition</th></tr></thead>\n<tbody>')
    known = f"; surface: {SURFACE[family]}"  # said once, below
    for number, heading in enumerate(view.headings[1:], start=1):
        lines.append(f'<tr><th scope="row">{escape(heading.title)}</th>')
        lines += [_cell(row[number]) for row in view.rows]
        lines.append(f'<td class="caption">{escape(heading.definition.replace(known, ""))}</td></tr>')
    link = f"data:text/csv;charset=utf-8;base64,{view.csv_base64}"
    return [
        *lines,
        "</tbody>\n</table>\n</div>",
        f'<p class="files"><a download="{view.table.id}.csv" href="{link}">Save as CSV</a></p>',
    ]


def _cell(cell: Cell) -> str:
    shown = escape(cell.text)
    if not cell.numeric:
        return f'<td style="text-align: right">{shown}</td>'  # words may wrap, numbers do not
    return f'<td class="number"><data value="{escape(cell.exact)}">{shown}</data></td>'
