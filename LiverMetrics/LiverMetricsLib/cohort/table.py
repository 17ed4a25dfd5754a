"""A table of results: typed columns, plain cells, and what a reader must know about them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Union

from ..json_values import NOT_FINITE, plain

Cell = Union[float, int, str, None]

KINDS = ("number", "text", "integer", "p")

NOT_AVAILABLE = "\N{EN DASH}"
INFINITE = "\N{INFINITY}"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        key: Name in CSV files; unique in its table.
        title: Name for readers.
        unit: Unit of all its cells; empty for none, or where another column of the row states it.
        kind: "number", "integer", "text" or "p" (a p value).
        digits: Decimals shown of a number, fewer from 10 on; CSV files keep all.
        definition: What it means, for a tooltip or a footnote.
    """

    key: str
    title: str
    unit: str = ""
    kind: str = "number"
    digits: int = 3
    definition: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"A column is one of {', '.join(KINDS)}; found {self.kind!r}.")


@dataclass(frozen=True)
class Table:
    """A table of results.

    Cells are float, int, str or None. None is not available; the notes say why. Infinity is a value (see
    DESIGN: one mask was empty); NaN is refused, because it would be shown as if it were a number.

    Attributes:
        id: Kebab-case, unique in an analysis; the name of its CSV file.
        caption: What is in it, in a sentence or two.
        notes: What a reader must know: rules, cases left out, why cells are not available.

    Raises:
        ValueError: If a row has another number of cells than there are columns, or a cell is NaN.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    caption: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) < len(keys):
            raise ValueError(f"Table {self.id!r} names a column twice: {', '.join(keys)}.")
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"Table {self.id!r}: {len(row)} cells for {len(keys)} columns.")
            for key, cell in zip(keys, row):
                if isinstance(cell, float) and math.isnan(cell):
                    raise ValueError(f"Table {self.id!r}, column {key!r}: NaN; a missing value is None.")

    def to_csv(self) -> str:
        """The table as CSV: keys as header, all digits, an empty cell for None, ``inf`` for infinity."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(column.key for column in self.columns)
        writer.writerows([_exact(cell) for cell in row] for row in self.rows)
        return stream.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON (see ``json_values``)."""
        return {**asdict(self), "rows": plain(self.rows)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Table:
        """The table of which ``to_dict`` gave these values."""
        columns = tuple(Column(**column) for column in values["columns"])
        rows = tuple(
            tuple(_as_it_was(cell, column) for cell, column in zip(row, columns)) for row in values["rows"]
        )
        return cls(**{**values, "columns": columns, "rows": rows, "notes": tuple(values["notes"])})

    def formatted(self) -> list[list[str]]:
        """The cells as text for readers, by the kind and digits of their columns."""
        return [[_shown(cell, column) for cell, column in zip(row, self.columns)] for row in self.rows]

    def column(self, key: str) -> tuple[object, ...]:
        """The cells of one column.

        Raises:
            KeyError: If there is no such column.
        """
        for place, column in enumerate(self.columns):
            if column.key == key:
                return tuple(row[place] for row in self.rows)
        raise KeyError(key)


def cell(value: float) -> float | None:
    """A number as a cell: NaN is not available."""
    return None if math.isnan(value) else float(value)


def _as_it_was(value: Cell, column: Column) -> Cell:
    if column.kind != "text" and isinstance(value, str):
        return NOT_FINITE.get(value, value)
    return value


def _exact(value: object) -> object:
    if value is None:
        return ""
    return repr(float(value)) if isinstance(value, float) else value


def _shown(value: object, column: Column) -> str:
    if value is None:
        return NOT_AVAILABLE
    if column.kind == "text" or not isinstance(value, (int, float)):
        return str(value)
    if column.kind == "integer":
        return str(int(value))
    if math.isinf(value):
        return INFINITE if value > 0 else "-" + INFINITE
    if column.kind == "p":
        return _shown_p(float(value))
    text = f"{value:.{_decimals(abs(value), column.digits)}f}"
    return text.lstrip("-") if float(text) == 0 else text


def _decimals(size: float, digits: int) -> int:
    """Fewer decimals for large numbers: nobody measures microlitres of a liver."""
    return min(digits, 1 if size >= 100 else 2 if size >= 10 else digits)


def _shown_p(p: float) -> str:
    if p < 0.001:
        return "< 0.001"
    return "> 0.999" if p > 0.999 else f"{p:.3f}"
