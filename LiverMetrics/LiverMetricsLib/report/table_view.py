"""A table as the page shows it: rounded numbers with every digit behind them, definitions as footnotes."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..cohort.table import Column, Table

_WIDE = 9  # columns; with more, tables are printed on pages turned by a quarter


@dataclass(frozen=True)
class Cell:
    """``text`` as shown; ``exact`` as in the CSV file."""

    text: str
    exact: str
    numeric: bool
    repeated: bool = False  # the row above begins with the same words


@dataclass(frozen=True)
class Heading:
    """A column; ``note`` is the number of its footnote, 0 for none."""

    title: str
    numeric: bool
    definition: str
    note: int


@dataclass(frozen=True)
class TableView:
    """What the template needs of one table.

    Attributes:
        footnotes: Definitions of columns, in the order of their numbers.
        constants: Columns that are not shown because all their cells say the same, in words.
        csv_base64: The CSV file, for a link without a network; it has every column.
    """

    number: int
    table: Table
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footnotes: tuple[str, ...]
    constants: str
    csv_base64: str

    @property
    def wide(self) -> bool:
        return len(self.headings) > _WIDE


def table_view(table: Table, number: int) -> TableView:
    """The table for the page; ``number`` is its place in the report."""
    text = table.to_csv()
    exact = list(csv.reader(io.StringIO(text)))[1:]
    shown = table.formatted()
    kept = [place for place in range(len(table.columns)) if not _is_constant(table, place)]
    rows: list[tuple[Cell, ...]] = []
    for shown_row, exact_row in zip(shown, exact):
        cells = [_cell(table.columns[place], shown_row[place], exact_row[place]) for place in kept]
        repeated = bool(rows) and rows[-1][0].text == cells[0].text
        rows.append((replace(cells[0], repeated=repeated), *cells[1:]))
    headings, footnotes = _headings([table.columns[place] for place in kept])
    left_out = [place for place in range(len(table.columns)) if place not in kept]
    constants = [_constant(table, shown[0], place) for place in left_out]
    return TableView(
        number=number,
        table=table,
        headings=headings,
        rows=tuple(rows),
        footnotes=footnotes,
        constants="; ".join(words for words in constants if words),
        # With the mark by which spreadsheets know UTF-8, as in the files of the tables.
        csv_base64=base64.b64encode(text.encode("utf-8-sig")).decode("ascii"),
    )


def _cell(column: Column, shown: str, exact: str) -> Cell:
    return Cell(shown, exact, numeric=_numeric(column) and exact != "")


def _is_constant(table: Table, place: int) -> bool:
    """Whether a column says nothing that one sentence could not: the same words, or 0, in every row."""
    values = {row[place] for row in table.rows}
    if place == 0 or len(table.rows) < 2 or len(values) > 1:
        return False
    return table.columns[place].kind == "text" or values == {0} or values == {None}


def _constant(table: Table, shown: list[str], place: int) -> str:
    """Such as "Protocol: portal venous"; empty for a column without values."""
    value = table.rows[0][place]
    return "" if value in (None, "") else f"{table.columns[place].title}: {shown[place]}"


def _headings(columns: Sequence[Column]) -> tuple[tuple[Heading, ...], tuple[str, ...]]:
    """Column headings; columns with the same definition share a footnote."""
    notes: list[str] = []
    headings = []
    for column in columns:
        note = 0
        if column.definition:
            text = column.definition
            if text not in notes:
                notes.append(text)
            note = notes.index(text) + 1
        title = f"{column.title} ({column.unit})" if column.unit else column.title
        headings.append(Heading(title, _numeric(column), column.definition, note))
    return tuple(headings), tuple(notes)


def _numeric(column: Column) -> bool:
    return column.kind != "text"
