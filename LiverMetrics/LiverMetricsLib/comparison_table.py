"""Comparisons as one table: a row a test, columns that say what they mean.

Its columns have the names of a cohort's, so that the CSV file of one case can be read as, or added to, one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .cohort.measures import measure_of
from .cohort.table import Column, Table, cell
from .comparison import Comparison
from .definitions import DEFINITIONS_VERSION, EMPTY_RULE, NEIGHBOURHOOD, SURFACE, definitions_of
from .many.cohort_csv import MEASURES

TITLE = "Agreement with the reference"

_WHAT = ("mask", "reference", "case", "method")
_DISTANCES = ("msd", "masd", "rmsd", "hd")
_WORDS = {
    "case": ("Case", "the image that the masks are of"),
    "method": ("Method", "how the test was made, where that is known"),
    "mask": ("Test", "the mask that is measured (A)"),
    "reference": ("Reference", "the mask that it is measured against (B)"),
    "status": ("Status", f'"ok", or which mask is empty; {EMPTY_RULE}'),
    "warnings": ("Warnings", "what to know before a number is used"),
    "hd_point_lps": ("Place of the Hausdorff distance", "left, posterior and superior, mm"),
    "geometry": ("Geometry", "same-grid and same-lattice are exact; resampled is nearest neighbour"),
    "family": ("Family", "how surfaces and their distances are defined"),
    "neighbourhood": ("Neighbourhood", "what makes a voxel or cell part of the surface"),
    "definitions_version": ("Definitions", "version of the definitions"),
}


@dataclass(frozen=True)
class ComparedPair:
    """A comparison and what was compared. method: "" where it is not known."""

    comparison: Comparison
    mask: str
    reference: str
    case: str = ""
    method: str = ""


def comparison_table(pairs: Sequence[ComparedPair]) -> Table:
    """The table of comparisons made in one way (family and tolerance); at least one.

    A number that is not defined (NaN) is an empty cell; status and notes say why.
    """
    first = pairs[0].comparison
    measures = [name for name in MEASURES if name != "surface_dice" or first.surface_dice is not None]
    columns = (
        *(_text_column(name) for name in _WHAT),
        *(_measure_column(name, first) for name in measures),
        *(_text_column(name) for name in ("status", "warnings")),
        *([] if first.tolerance_mm is None else [_tolerance_column()]),
        *(_text_column(name) for name in ("hd_point_lps", "geometry", "family", "neighbourhood")),
        _text_column("definitions_version"),
    )
    return Table(
        id="comparison",
        title=TITLE,
        columns=columns,
        rows=tuple(tuple(_value(column.key, pair) for column in columns) for pair in pairs),
        notes=(
            f"Surface: {SURFACE[first.family]}.",
            f"Neighbourhood: {NEIGHBOURHOOD[first.family]}.",
            f"95th percentile: {definitions_of(first.family)['percentile']}.",
            f"Empty masks: {EMPTY_RULE}.",
            f"Definitions {DEFINITIONS_VERSION} of LiverCNN, {first.family} family.",
        ),
    )


def tab_separated(table: Table) -> str:
    """The table as text for the clipboard: titles with units, then rows with every digit."""
    titles = [f"{column.title} ({column.unit})" if column.unit else column.title for column in table.columns]
    rows = [["" if value is None else str(value) for value in row] for row in table.rows]
    return "".join("\t".join(" ".join(text.split()) for text in row) + "\n" for row in (titles, *rows))


def _text_column(name: str) -> Column:
    title, definition = _WORDS[name]
    return Column(name, title, kind="text", definition=definition)


def _tolerance_column() -> Column:
    return Column("tolerance_mm", "Tolerance", "mm", digits=2, definition="of the surface Dice")


def _measure_column(name: str, comparison: Comparison) -> Column:
    measure, known = measure_of(name), definitions_of(comparison.family)
    title, definition = measure.title, known[name]
    if name == "surface_dice":
        title = f"{title} at {comparison.tolerance_mm:g} mm"
        definition = f"{definition}; surface: {known['surface_of_surface_dice']}"
    elif name.startswith(_DISTANCES):
        definition = f"{definition}; surface: {known['surface']}"
    return Column(name, title, measure.unit, digits=measure.digits, definition=definition)


def _value(name: str, pair: ComparedPair) -> object:
    if name in _WHAT:
        return getattr(pair, name)
    value: Any = getattr(pair.comparison, name)
    if name == "warnings":
        return " ".join(value)
    if name == "hd_point_lps":
        return "" if value is None else " ".join(f"{part:.3f}" for part in value)
    return cell(value) if isinstance(value, float) else value
