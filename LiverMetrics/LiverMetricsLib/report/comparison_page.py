"""Comparisons as one HTML page that needs nothing but itself, written with nothing but Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from html import escape
from pathlib import Path

from LiverCoreLib.output import PathLike, atomic_path

from ..comparison_table import ComparedPair, comparison_table
from ..definitions import SURFACE
from ..provenance import versions
from .table_view import Cell, TableView, table_view

_CSS = Path(__file__).with_name("templates") / "report.css"
_NOTICE = "For research use only. Not a medical device."


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
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(table.title)}</title>",
            f"<style>\n{_CSS.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n<header>",
            f"<h1>{escape(table.title)}</h1>",
            f'<p class="sub">Reference: {escape(pairs[0].reference)}. Written on {date} by LiverCNN.</p>',
            f'<p class="notice">{_NOTICE}</p>\n</header>',
            *_section("Warnings", _list(warnings), "warnings"),
            *_section("Numbers", [*_table(view, pairs[0].comparison.family), *_list(notes, "notes")]),
            *_section("Provenance", _pairs(known)),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _section(title: str, content: list[str], kind: str = "") -> list[str]:
    """A section; none where there is nothing in it."""
    if not content:
        return []
    opening = f'<section class="{kind}">' if kind else "<section>"
    return [opening, f"<h2>{title}</h2>", *content, "</section>"]


def _list(texts: Sequence[str], kind: str = "") -> list[str]:
    if not texts:
        return []
    opening = f'<ul class="{kind}">' if kind else "<ul>"
    return [opening, *(f"<li>{escape(text)}</li>" for text in texts), "</ul>"]


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


def _pairs(entries: Iterable[tuple[str, str]]) -> list[str]:
    shown = (f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in entries)
    return ["<dl>", *shown, "</dl>"]
