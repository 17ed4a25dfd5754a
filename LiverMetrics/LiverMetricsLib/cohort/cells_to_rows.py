"""Cells of text to rows of a cohort: which columns are measures, and what their numbers are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from .cohort_error import CohortError
from .measures import KNOWN, NOT_MEASURES
from .number_cells import has_decimal_comma, has_decimal_point, is_missing, is_number, number
from .rows import KEYS, Row

Records = tuple[tuple[int, tuple[str, ...]], ...]

_OTHER = ("mask", "reference", "regions")


def rows_and_measures(
    source: str, names: tuple[str, ...], records: Records, commas_are_decimal: bool
) -> tuple[tuple[Row, ...], tuple[str, ...], tuple[str, ...]]:
    """The rows, the names of the measures, and warnings.

    Args:
        commas_are_decimal: Whether "0,94" can be a number; not where commas separate the cells.

    Raises:
        CohortError: If a case has no name, a cell of a measure is no number, decimal points and commas are
            mixed, or there is no measure.
    """
    measures, warnings = _measure_columns(names, records)
    if not measures:
        raise CohortError(
            f"{source}, row 1: no column holds numbers; give at least one measure, such as 'dice' or "
            f"'volume_test_ml' (found: {', '.join(names)}).",
            id="no-measure-column",
        )
    columns = {name: names.index(name) for name in measures}
    warnings += _decimal_commas(source, columns, records, commas_are_decimal)
    rows = tuple(_row(source, names, columns, line, cells) for line, cells in records)
    empty = [str(row.line) for row in rows if not row.values]
    if empty:
        warnings += (f"{len(empty)} rows hold no measure and are in no table: {_listed(empty)}.",)
    return _with_against(rows), measures, warnings


def _listed(lines: list[str], most: int = 10) -> str:
    return "rows " + ", ".join(lines[:most]) + (", ..." if len(lines) > most else "")


def _measure_columns(names: tuple[str, ...], records: Records) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of numbers. An unknown column without any number is text and is left out with a warning."""
    measures, texts = [], []
    for place, name in enumerate(names):
        cells = [row[place] for _, row in records if not is_missing(row[place])]
        if name in (*KEYS, *_OTHER) or name in NOT_MEASURES or not cells:
            continue
        if name in KNOWN or any(is_number(text) for text in cells):
            measures.append(name)
        else:
            texts.append(name)
    warnings = (f"Columns without numbers are not used: {', '.join(texts)}.",) if texts else ()
    return tuple(measures), warnings


def _decimal_commas(
    source: str, columns: dict[str, int], records: Records, allowed: bool
) -> tuple[str, ...]:
    """Refuse commas that may be decimal or not; a warning where they were read as decimal."""
    places: dict[bool, tuple[int, str, str]] = {}
    for line, cells in records:
        for name, place in columns.items():
            text = cells[place]
            comma = has_decimal_comma(text)
            if comma and not allowed:
                raise CohortError(
                    f"{source}, row {line}, column {name!r}: {text!r} is written with a comma; in a table "
                    "separated by commas, write decimal points and no thousands separators.",
                    id="mixed-decimals",
                )
            if comma or has_decimal_point(text):
                places.setdefault(comma, (line, name, text))
    if len(places) == 2:
        (line, name, text), (other_line, other_name, other) = places[True], places[False]
        raise CohortError(
            f"{source}, row {line}, column {name!r}: {text!r} has a decimal comma, but row {other_line}, "
            f"column {other_name!r} has a point ({other!r}); use one of them throughout.",
            id="mixed-decimals",
        )
    return ("Commas in numbers were read as decimal commas.",) if True in places else ()


def _row(
    source: str, names: tuple[str, ...], columns: dict[str, int], line: int, cells: tuple[str, ...]
) -> Row:
    named = {name: "" if is_missing(text) else text for name, text in zip(names, cells)}
    if not named["case"]:
        raise CohortError(
            f"{source}, row {line}, column 'case': the cell is empty; every row needs the name of its case.",
            id="missing-case",
        )
    values = {
        name: _number(source, line, name, cells[place])
        for name, place in columns.items()
        if not is_missing(cells[place])
    }
    return Row(
        **{key: named.get(key, "") for key in KEYS},
        values=values,
        regions=_regions(cells[names.index("regions")]) if "regions" in names else None,
        line=line,
        mask=named.get("mask", ""),
        reference=named.get("reference", ""),
    )


def _regions(text: str) -> tuple[str, ...] | None:
    """Names of regions; an empty cell is a mask without corrections, NA one that nobody looked at."""
    if text and is_missing(text):
        return None
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def _number(source: str, line: int, name: str, text: str) -> float:
    try:
        return number(text)
    except ValueError as error:
        raise CohortError(
            f"{source}, row {line}, column {name!r}: {text!r} is no number; correct it, or leave the cell "
            "empty where there is no value.",
            id="text-in-number-column",
            row=line,
            column=name,
            found=text,
        ) from error


def _with_against(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Rows that know what they were measured against, where the column ``reference`` names it.

    A reference is a name if it is that of a method or observer of the table, or if several cases share it:
    no file belongs to two patients.
    """
    names = {row.method for row in rows} | {row.observer for row in rows}
    cases_of: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        cases_of[row.reference].add(row.case)
    names |= {reference for reference, cases in cases_of.items() if len(cases) > 1}
    names.discard("")
    return tuple(_against(row, row.reference if row.reference in names else "") for row in rows)


def _against(row: Row, name: str) -> Row:
    return replace(row, against=name) if name else row
