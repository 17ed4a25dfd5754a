"""Reading a cohort: from a CSV file or from rows in memory."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .cells_to_rows import rows_and_measures
from .checks import check_rows
from .cohort_error import CohortError
from .derived import with_derived_measures
from .header import read_header
from .provenance_columns import measured_by
from .rows import Cohort
from .text_table import read_text_table

Records = tuple[tuple[int, tuple[str, ...]], ...]


def read_cohort(path: str | os.PathLike[str]) -> Cohort:
    """Read a tidy table: one row a measured mask.

    Columns (in any order, capitals do not matter): ``case``, required; ``observer``, ``method``,
    ``protocol``, ``stage``, ``mask``, ``reference``, ``regions`` (separated by semicolons); every other
    column of numbers is a measure, and there has to be one. Names of known measures are those of
    ``Comparison``, ``time_s`` and ``score``; ``volume_ml`` is read as ``volume_test_ml``. An empty cell or NA
    is missing, "nan" is undefined, "inf" infinite. Cells are separated by commas, semicolons or tabs; with
    the latter two, decimal commas are understood.

    Raises:
        CohortError: With file, row and column, if the table cannot be read or contradicts itself.
    """
    table = read_text_table(Path(path))
    return _cohort(table.source, table.header, table.records, commas_are_decimal=table.delimiter != ",")


def cohort_from_rows(rows: Iterable[Mapping[str, object]], source: str = "rows") -> Cohort:
    """A cohort from mappings of column to value, or from a data frame (anything with ``to_dict("records")``).

    None is missing; NaN counts as undefined, so turn the missing values of a data frame into None first.
    Regions may be a list. Rows are numbered as in a file: the first is row 2.

    Args:
        source: What to call them in messages.

    Raises:
        CohortError: As ``read_cohort``; also if something else than mappings is given.
    """
    to_dict = getattr(rows, "to_dict", None)
    mappings: list[Any] = list(to_dict("records")) if callable(to_dict) else list(rows)
    for number, mapping in enumerate(mappings, start=2):
        if not isinstance(mapping, Mapping):
            raise CohortError(
                f"{source}, row {number}: a row is a mapping of column to value; "
                f"found {type(mapping).__name__}.",
                id="unreadable-table",
            )
    if not mappings:
        raise CohortError(f"{source} is empty; give one row a mask.", id="empty-table")
    header = tuple(dict.fromkeys(str(name) for mapping in mappings for name in mapping))
    records = tuple(
        (number, tuple(_as_text(mapping.get(name)) for name in header))
        for number, mapping in enumerate(mappings, start=2)
    )
    return _cohort(source, header, records, commas_are_decimal=False)


def _cohort(source: str, header: tuple[str, ...], records: Records, *, commas_are_decimal: bool) -> Cohort:
    names = read_header(source, header)
    rows, measures, warnings = rows_and_measures(source, names, records, commas_are_decimal)
    check_rows(source, rows, measures)
    rows, measures, more = with_derived_measures(rows, measures)
    lines, mixed = measured_by(names, records)
    return Cohort(rows, measures, source, (*warnings, *more, *mixed), lines)


def _as_text(value: object) -> str:
    """A value as it would stand in a CSV file; numbers keep all their digits."""
    # pandas's missing values have no truth value and no float; their types are not imported for this.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ";".join(str(item) for item in value)
    if isinstance(value, float):  # numpy's float64, too
        if math.isfinite(value) and value == int(value):
            return str(int(value))
        return repr(float(value))
    return str(value).strip()
