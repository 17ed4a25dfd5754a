"""Reporting checklists with those items filled in that the software can know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TO_BE_FILLED = "To be filled in by the authors."
_FILE = Path(__file__).with_name("checklists.json")


@dataclass(frozen=True)
class Item:
    """One item; ``answer`` is None where only the authors can know."""

    number: int
    section: str
    item: str
    answer: str | None


@dataclass(frozen=True)
class Checklist:
    """A checklist: its items are put in our own words, the publication in ``source`` decides."""

    id: str
    title: str
    source: str
    items: tuple[Item, ...]

    @property
    def filled(self) -> int:
        """How many items have an answer."""
        return sum(item.answer is not None for item in self.items)


def filled_checklists(answers: Mapping[str, str | None]) -> tuple[Checklist, ...]:
    """GRRAS and CLAIM with the answers given.

    Args:
        answers: By the keys that ``checklists.json`` names; None where the cohort does not tell.

    Raises:
        KeyError: If an answer that the checklists name is not among them.
    """
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Checklist(
            id=entry["id"],
            title=entry["title"],
            source=entry["source"],
            items=tuple(_item(item, answers) for item in entry["items"]),
        )
        for entry in document["checklists"]
    )


def _item(entry: Mapping[str, object], answers: Mapping[str, str | None]) -> Item:
    key = entry.get("answer")
    return Item(
        number=int(str(entry["number"])),
        section=str(entry["section"]),
        item=str(entry["item"]),
        answer=answers[str(key)] if key is not None else None,
    )
