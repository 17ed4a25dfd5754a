"""Pairs from a table of paths."""

from __future__ import annotations

import math
import os
from pathlib import Path

from ..cohort.number_cells import is_missing
from ..cohort.text_table import TextTable, read_text_table
from .many_error import PairsError
from .pair import CARRIED, KEYS, Pair, PairList, ambiguous_rows, case_of

_REQUIRED = ("reference", "test")
COLUMNS = (*_REQUIRED, *KEYS, "label", "segment", *CARRIED)
_NUMBERS = ("time_s", "score")


def read_pairs(path: str | os.PathLike[str]) -> PairList:
    """Read a table of pairs: a CSV file with one row a pair.

    Columns (in any order, capitals do not matter): ``reference`` and ``test``, required, are paths, relative
    to the table's folder; ``case`` (default: the reference's path without extension), ``observer``,
    ``method``, ``protocol``, ``stage`` say what the test is of; ``label`` (a number) and ``segment`` (a name)
    what to compare in the files; ``time_s``, ``score`` and ``regions`` are carried into the cohort. Other
    columns are left out, and a note says so.

    Raises:
        CohortError: If the file is no table that can be read.
        PairsError: With file, row and column, if a column or cell is missing or wrong.
    """
    source = Path(path)
    table = read_text_table(source)
    names = _column_names(table)
    places = {name: number for number, name in enumerate(names) if name in COLUMNS}
    pairs = tuple(
        _pair(table, line, {name: row[place] for name, place in places.items()}, source.parent)
        for line, row in table.records
    )
    unused = [name for name in names if name not in COLUMNS]
    notes = [f"{path}: not used: column {', '.join(map(repr, unused))}."] if unused else []
    return PairList(pairs, (*notes, *ambiguous_rows(pairs)))


def _column_names(table: TextTable) -> list[str]:
    names = [name.lower() for name in table.header]
    for name in _REQUIRED:
        if name not in names:
            raise PairsError(
                f"{table.source}, row 1: there is no column {name!r}; name the columns of paths 'reference' "
                f"and 'test' (found: {', '.join(names)}).",
                id="no-paths-column",
            )
    for name in COLUMNS:
        if names.count(name) > 1:
            raise PairsError(
                f"{table.source}, row 1: column {name!r} is there {names.count(name)} times; keep one."
            )
    return names


def _pair(table: TextTable, line: int, cells: dict[str, str], folder: Path) -> Pair:
    source = table.source
    for name in (*_REQUIRED, "case"):
        if cells.get(name) == "":
            raise PairsError(
                f"{source}, row {line}, column {name!r}: the cell is empty; fill it in or remove the row.",
                row=line,
                column=name,
            )
    decimal = "." if table.delimiter == "," else ","
    numbers = {name: _number(source, line, name, cells.get(name, ""), decimal) for name in _NUMBERS}
    texts = {name: cells.get(name, "") for name in (*KEYS, "segment", "regions")}
    return Pair(
        cells["reference"],
        cells["test"],
        folder,
        **{**texts, **numbers, "case": texts["case"] or case_of(cells["reference"])},
        label=_label(source, line, cells.get("label", "")),
        line=line,
    )


def _number(source: str, line: int, name: str, text: str, decimal: str) -> str:
    """A number as written, with a decimal point; "" where it is missing."""
    if is_missing(text):
        return ""
    pointed = text.replace(decimal, ".")
    try:
        wrong = not math.isfinite(float(pointed))
    except ValueError:
        wrong = True
    if wrong:
        raise PairsError(
            f"{source}, row {line}, column {name!r}: {text!r} is no number; write it with a decimal point, "
            "or leave it empty.",
            row=line,
            column=name,
        )
    return pointed


def _label(source: str, line: int, text: str) -> int | None:
    if text == "":
        return None
    if not text.isdecimal() or int(text) == 0:
        raise PairsError(
            f"{source}, row {line}, column 'label': {text!r} is no label; write a whole number above 0, or "
            "use the column 'segment' for a name.",
            row=line,
            column="label",
        )
    return int(text)
