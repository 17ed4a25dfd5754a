"""What had to be assumed of scans to make exams of them: each sentence once, with the number of exams."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .exam_run import ExamResult
from .exam_store import MARKER


def exam_warnings(results: Sequence[ExamResult], store: Path) -> list[str]:
    """``3 of 8: The tube voltage is not stated ...``, the commonest first.

    store: Where exams that were made are kept, a folder each; one whose folder is gone says nothing.
    """
    counts = Counter(sentence for one in results for sentence in _warnings(store / one.plan.name / MARKER))
    return [f"{count} of {len(results)}: {sentence}" for sentence, count in counts.most_common()]


def _warnings(marker: Path) -> list[str]:
    try:
        about = json.loads(marker.read_text(encoding="utf-8"))["about"]
    except (OSError, ValueError, KeyError):
        return []  # nothing was made for it, or it was deleted to save space
    return list(dict.fromkeys(about.get("warnings", ())))
