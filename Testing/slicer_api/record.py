"""known.json: for each name that we use, in which versions of Slicer it was found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("known.json")
NOT_LOOKED_UP = " "


@dataclass
class Record:
    """versions: version of Slicer to what it was looked up in, oldest first. marks: name to one mark for each
    version, in that order (see lookup.py).
    """

    versions: dict[str, str]
    marks: dict[str, str]

    def mark(self, name: str, version: str) -> str:
        """What was found; NOT_LOOKED_UP if nobody looked."""
        marks = self.marks.get(name, "")
        place = list(self.versions).index(version)
        return marks[place] if place < len(marks) else NOT_LOOKED_UP

    def with_version(self, version: str, sources: str, marks: dict[str, str]) -> Record:
        """The record with all names of one version looked up again; names that are no longer used go."""
        versions = {**self.versions, version: sources}
        ordered = {one: versions[one] for one in sorted(versions, key=_numbers)}
        merged = {
            name: "".join(
                marks[name] if one == version else self.mark(name, one) if one in self.versions else " "
                for one in ordered
            )
            for name in sorted(marks)
        }
        return Record(ordered, merged)


def read(path: Path = PATH) -> Record:
    """The record; an empty one if there is none."""
    if not path.is_file():
        return Record({}, {})
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Record(kept["versions"], kept["names"])


def write(record: Record, path: Path = PATH) -> None:
    """Keep it, with a line for each name."""
    text = json.dumps({"versions": record.versions, "names": record.marks}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
