"""What had to be assumed of scans to make exams of them: each sentence once, with the number of exams.

Sentences that differ in their numbers alone are one, with the range of each number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from .exam_run import ExamResult
from .exam_store import MARKER


def exam_warnings(results: Sequence[ExamResult], store: Path) -> list[str]:
    """``3 of 8: The tube voltage is not stated ...``, the commonest first.

    store: Where exams that were made are kept, a folder each; one whose folder is gone says nothing.
    """
    alike: dict[str, list[list[str]]] = {}
    for one in results:
        for sentence in _warnings(store / one.plan.name / MARKER):
            alike.setdefault(_NUMBER.sub(_BLANK, sentence), []).append(_NUMBER.findall(sentence))
    commonest = sorted(alike.items(), key=lambda item: -len(item[1]))
    return [f"{len(found)} of {len(results)}: {_filled(blank, found)}" for blank, found in commonest]


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_BLANK = "\0"


def _filled(blank: str, found: Sequence[Sequence[str]]) -> str:
    """The sentence with its numbers: those of each place, or the range of them where they differ."""
    words = blank.split(_BLANK)
    ranges = [_range(place) for place in zip(*found)]
    return words[0] + "".join(number + word for number, word in zip(ranges, words[1:]))


def _range(numbers: Sequence[str]) -> str:
    least, most = min(numbers, key=float), max(numbers, key=float)
    return least if float(least) == float(most) else f"{least} to {most}"


def _warnings(marker: Path) -> list[str]:
    try:
        about = json.loads(marker.read_text(encoding="utf-8"))["about"]
    except (OSError, ValueError, KeyError):
        return []  # nothing was made for it, or it was deleted to save space
    return list(dict.fromkeys(about.get("warnings", ())))
