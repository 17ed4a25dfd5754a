"""What was measured, kept beside the table of a cohort, so that a run that was stopped can go on.

A line holds what was measured (``key``), of which files (their marks), when, and the comparison.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from LiverCoreLib.line_journal import LineJournal

from ..comparison import Comparison
from .file_marks import FileMark
from .task import Outcome, Task

VERSION = 1
SUFFIX = ".journal.jsonl"


def journal_path(out: Path) -> Path:
    """Where the journal of an output is: beside it."""
    return out.with_name(out.name + SUFFIX)


class Journal:
    """The journal of one output, open for more lines; a context manager.

    Raises:
        OutputError: If it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = LineJournal(path, VERSION, "comparison")

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lines.__exit__(kind, error, traceback)

    def recall(self, task: Task) -> Outcome | None:
        """The outcome of a pair that was measured before in the same way and of the same content, or None."""
        entry = self._lines.entry(task.key)
        if entry is None:
            return None
        try:
            comparison = Comparison.from_dict(entry["comparison"])
            reference_mark = FileMark.from_dict(entry["reference_mark"])
            test_mark = FileMark.from_dict(entry["test_mark"])
            measured_ns = int(entry["measured_ns"])
        except (KeyError, TypeError, ValueError, AttributeError):  # damaged, or of another version
            return None
        for path, mark in ((task.reference, reference_mark), (task.test, test_mark)):
            if not mark.still_holds(path, measured_ns):
                return None
        return Outcome(task.number, comparison, reference_mark, test_mark, measured_ns)

    def add(self, task: Task, outcome: Outcome) -> None:
        """Write an outcome down, for good.

        Raises:
            OutputError: If the line cannot be written.
        """
        self._lines.add(task.key, _entry(outcome))


def _entry(outcome: Outcome) -> dict[str, Any]:
    if outcome.comparison is None or outcome.reference_mark is None or outcome.test_mark is None:
        return {"error": outcome.error, "error_id": outcome.error_id}
    comparison = outcome.comparison.to_dict()
    # Their words are long and the same in each line; their version stays.
    del comparison["definitions"]
    return {
        "comparison": comparison,
        "reference_mark": outcome.reference_mark.to_dict(),
        "test_mark": outcome.test_mark.to_dict(),
        "measured_ns": outcome.measured_ns,
    }
