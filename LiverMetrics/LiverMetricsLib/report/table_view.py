"""A table as the page shows it: rounded numbers with every digit behind them, definitions as footnotes."""

from __future__ import annotations

import base64
import csv
import io
from dataclasses import dataclass

from ..cohort.table import Column, Table

_WIDE = 9  # columns, from which a table is printed on a page of its own, turned


@dataclass(frozen=True)
class Cell:
    """``text`` as shown; ``exact`` as in the CSV file."""

    text: str
    exact: str
    numeric: bool


@dataclass(frozen=True)
class Heading:
    """A column; ``note`` is the number of its footnote, 0 for none."""

    title: str
    numeric: bool
    definition: str
    note: int


@dataclass(frozen=True)
class TableView:
    """What the template needs of one table; ``csv_base64`` is its CSV file, for a link without a network."""

    number: int
    table: Table
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footnotes: tuple[str, ...]
    csv_base64: str

    @property
    def wide(self) -> bool:
        return len(self.headings) > _WIDE


def table_view(table: Table, number: int) -> TableView:
    """The table for the page; ``number`` is its place in the report."""
    text = table.to_csv()
    exact = list(csv.reader(io.StringIO(text)))[1:]
    rows = tuple(
        tuple(
            Cell(shown, digits, _numeric(column) and digits != "")
            for shown, digits, column in zip(shown_row, exact_row, table.columns)
        )
        for shown_row, exact_row in zip(table.formatted(), exact)
    )
    headings, footnotes = _headings(table.columns)
    encoded = base64.b64encode(text.encode("utf-8")).decode("ascii")
    return TableView(number, table, headings, rows, footnotes, encoded)


def _headings(columns: tuple[Column, ...]) -> tuple[tuple[Heading, ...], tuple[str, ...]]:
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
