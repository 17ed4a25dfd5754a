"""A figure with the words that go with it, and a sample of measurements to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


LONG_NAME = 40  # characters; longer ones may lose their middle where there is little room


@dataclass(frozen=True)
class Drawing:
    """One figure of the report.

    Attributes:
        id: Name of its files without extension, and its anchor in the page: lower case, digits, hyphens.
        title: A few words.
        caption: What is drawn, how many cases, what is not shown.
        alt: What a reader who cannot see it needs to know, with the main numbers.
        figure: matplotlib's figure, without a window.
    """

    id: str
    title: str
    caption: str
    alt: str
    figure: Figure


@dataclass(frozen=True)
class Panel:
    """Paired measurements: the same cases in every group.

    Attributes:
        title: What all of them have in common, such as "observer A"; empty where nothing needs saying.
        groups: Names of the groups, such as methods.
        cases: Names of the cases.
        values: Array (cases, groups); NaN where undefined, infinity where a mask was empty.
        missing: Array of the same shape: True where there is no measurement at all.
    """

    title: str
    groups: tuple[str, ...]
    cases: tuple[str, ...]
    values: np.ndarray
    missing: np.ndarray

    @property
    def finite(self) -> np.ndarray:
        """Where there is a point to draw."""
        return np.isfinite(self.values)

    def not_shown(self) -> str:
        """Measurements that have no place on an axis, in words; empty if there are none."""
        undefined = int((np.isnan(self.values) & ~self.missing).sum())
        infinite = int(np.isinf(self.values).sum())
        return counted_out(undefined, infinite)


def counted_out(undefined: int, infinite: int) -> str:
    """Such as "Not shown: 2 infinite, 1 undefined"; empty if nothing is left out."""
    parts = [f"{infinite} infinite"] if infinite else []
    parts += [f"{undefined} undefined"] if undefined else []
    return f"Not shown: {', '.join(parts)}" if parts else ""


def full_names(panels: Sequence[Panel]) -> str:
    """Names that a figure may have had to shorten, for its caption; empty if all are short."""
    names = dict.fromkeys(name for panel in panels for name in (*panel.groups, panel.title))
    long_names = [name for name in names if len(name) > LONG_NAME]
    return f"Names in full: {'; '.join(long_names)}." if long_names else ""


def counted(n: int, one: str, many: str = "") -> str:
    """Such as "1 case" and "2 cases"."""
    return f"{n} {one}" if n == 1 else f"{n} {many or one + 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names separated by commas; after ``most`` of them only how many more."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def file_stem(*parts: str) -> str:
    """Words as a lower-case name with hyphens for a file and an anchor."""
    text = "-".join(parts).lower()
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in text)
    return "-".join(word for word in kept.split("-") if word)[:80].rstrip("-")
