"""Two mask files that are to be compared, and what is known about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from LiverCoreLib.output import file_suffix

# What a row of a cohort is of; the columns of the table and the placeholders of a pattern.
KEYS = ("case", "observer", "method", "protocol", "stage")
# Carried into the cohort as they are.
CARRIED = ("time_s", "score", "regions")


@dataclass(frozen=True)
class Pair:
    """A reference and a test.

    Attributes:
        reference, test: Paths as they were given.
        folder: What relative paths are relative to.
        case, observer, method, protocol, stage: What the test is of; "" where that was not said.
        label: Label value to compare; None for the one of the settings.
        segment: Segment to compare, by name; "" for the one of the settings.
        time_s, score, regions: As written; "" where there is nothing.
        line: Row of the table the pair comes from, the header being 1; 0 if from none.
    """

    reference: str
    test: str
    folder: Path = Path()
    case: str = ""
    observer: str = ""
    method: str = ""
    protocol: str = ""
    stage: str = ""
    label: int | None = None
    segment: str = ""
    time_s: str = ""
    score: str = ""
    regions: str = ""
    line: int = 0

    @property
    def reference_path(self) -> Path:
        """Where the reference is, absolute: workers have other working folders."""
        return (self.folder / self.reference).absolute()

    @property
    def test_path(self) -> Path:
        """Where the test is, absolute."""
        return (self.folder / self.test).absolute()

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this row from the others of its cohort."""
        return tuple(getattr(self, name) for name in KEYS)

    @property
    def name(self) -> str:
        """For messages: the test's path and the row it stands in."""
        return f"{self.test} (row {self.line})" if self.line else self.test


@dataclass(frozen=True)
class PairList:
    """Pairs, and what a user should know about how they were found."""

    pairs: tuple[Pair, ...]
    notes: tuple[str, ...] = ()


def case_of(reference: str) -> str:
    """The case where nobody names it: the reference's path without its extension."""
    return reference[: len(reference) - len(file_suffix(reference))] or reference


def ambiguous_rows(pairs: Iterable[Pair]) -> tuple[str, ...]:
    """A note on each group of pairs that a cohort cannot tell apart."""
    pairs = tuple(pairs)
    counts = Counter(pair.key for pair in pairs)
    notes = []
    for key, count in counts.items():
        if count > 1:
            names = ", ".join(pair.name for pair in pairs if pair.key == key)
            words = ", ".join(f"{name} {value!r}" for name, value in zip(KEYS, key) if value)
            notes.append(
                f"{count} pairs are all of {words}: {names}; tell them apart by observer, method, protocol "
                "or stage before you make a cohort of them."
            )
    return tuple(notes)
