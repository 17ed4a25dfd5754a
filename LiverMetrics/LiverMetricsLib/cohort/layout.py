"""Columns that many tables share, and footnotes."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from ..statistic import FEW
from .grouping import Group
from .measures import Measure
from .table import Column

_KEY_COLUMNS = (
    Column("method", "Method", kind="text"),
    Column("protocol", "Protocol", kind="text"),
    Column("stage", "Stage", kind="text"),
    Column("against", "Against", kind="text", definition="Whose masks were the reference"),
)

MEASURE_COLUMNS = (
    Column("measure", "Measure", kind="text"),
    Column("unit", "Unit", kind="text"),
)

REMARKS = Column("remarks", "Remarks", kind="text", definition="Letters: see the notes below the table")


class KeyColumns:
    """The columns that name a group: only those in which some group has a name.

    Args:
        groups: All groups of the table.
        without: Keys that the table says in another way.
    """

    def __init__(self, groups: Iterable[Group], without: tuple[str, ...] = ()) -> None:
        found = list(groups)
        self.columns = tuple(
            column
            for column in _KEY_COLUMNS
            if column.key not in without and any(getattr(group, column.key) for group in found)
        )

    def cells(self, group: Group) -> tuple[str, ...]:
        """The group's names in these columns."""
        return tuple(getattr(group, column.key) for column in self.columns)


class Footnotes:
    """Remarks on rows, one letter for each different text."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def mark(self, texts: Iterable[str]) -> str:
        """The letters of some remarks, separated by commas; empty for none."""
        letters = [self._letter(_without_numbers(text)) for text in texts]
        return ", ".join(sorted(set(letters), key=lambda letter: (len(letter), letter)))

    def notes(self) -> tuple[str, ...]:
        """One note a letter."""
        return tuple(f"{letter}: {text}" for text, letter in self._letters.items())

    def _letter(self, text: str) -> str:
        number = len(self._letters)
        return self._letters.setdefault(text, string.ascii_lowercase[number % 26] * (number // 26 + 1))


def measure_cells(measure: Measure) -> tuple[str, str]:
    """Cells for ``MEASURE_COLUMNS``."""
    return measure.title, measure.unit


def interval_columns(key: str, title: str, confidence: float, **style: object) -> tuple[Column, Column]:
    """Columns of the ends of an interval: ``key_low`` and ``key_high``."""
    level = f"{100 * confidence:g} % CI"
    return (
        Column(f"{key}_low", f"{title} {level} low".strip(), **style),  # type: ignore[arg-type]
        Column(f"{key}_high", f"{title} {level} high".strip(), **style),  # type: ignore[arg-type]
    )


# The statistics put this row's numbers into their warnings; a footnote is shared, and numbers are in columns.
_GENERAL = (
    (r"^Only \d+ cases; .*", f"Fewer than {FEW} cases: says little."),
    (r"\(Shapiro-Wilk p = [^)]*\)", "(Shapiro-Wilk p < 0.05)"),
    (r"^\d+ of \d+ cases left out: undefined \(NaN\)\.$", "Undefined cases are left out."),
    (r"^\d+ of \d+ cases left out: .*", "Means leave out cases that are undefined or infinite."),
    (r"^\d+ infinite cases rank", "Infinite cases rank"),
    (r"^\d+ pairs without a difference are", "Pairs without a difference are"),
    (r"\(Mauchly p = .*", "(Mauchly p < 0.05); p of the ANOVA is corrected for it."),
    (r"^\d+ cases left out: there is no percentage of 0\.", "Cases with a 0 to divide by are left out."),
)


def _without_numbers(text: str) -> str:
    for pattern, general in _GENERAL:
        text = re.sub(pattern, general, text)
    return text
