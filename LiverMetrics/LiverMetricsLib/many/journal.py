"""Results on disk as they come: one line each, so that a run that was stopped can go on.

A line is a JSON object with what was measured (``key``), of which files (their marks), when, and the
comparison. Lines are only ever added, each flushed to the disk. A line that is cut short (the machine went
down), of another version or damaged is skipped, and its pair is measured again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from LiverCoreLib.output import OutputError

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
        try:
            self._entries = _read(path)
            self._stream: BinaryIO = open(path, "ab")  # noqa: SIM115  closed by __exit__
            self._end_torn_line()
        except OSError as error:
            raise self._as_output_error(error) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stream.close()

    def recall(self, task: Task) -> Outcome | None:
        """The outcome of a pair that was measured before in the same way and of the same content, or None."""
        entry = self._entries.get(_text(task.key))
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
        line = {"version": VERSION, "key": task.key, **_entry(outcome)}
        try:
            self._stream.write(_text(line).encode("ascii") + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._as_output_error(error) from error

    def _end_torn_line(self) -> None:
        """A line that was cut short must not swallow the next one."""
        if self.path.stat().st_size == 0:
            return
        with open(self.path, "rb") as stream:
            stream.seek(-1, os.SEEK_END)
            is_whole = stream.read(1) == b"\n"
        if not is_whole:
            self._stream.write(b"\n")
            self._stream.flush()

    def _as_output_error(self, error: OSError) -> OutputError:
        return OutputError(
            f"The journal {self.path} could not be written ({error.strerror or error}); what was measured so "
            "far is kept: make room or mend the folder, and run the same command again.",
            id="write-failed",
            path=str(self.path),
        )


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


def _read(path: Path) -> dict[str, Mapping[str, Any]]:
    """What was measured, by its key; of several lines with one key the last. Failures are not taken over."""
    entries: dict[str, Mapping[str, Any]] = {}
    if not path.exists():
        return entries
    with open(path, "rb") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
            except ValueError:  # cut short; a text that is not UTF-8 is a ValueError, too
                continue
            if isinstance(entry, dict) and entry.get("version") == VERSION and "comparison" in entry:
                entries[_text(entry.get("key"))] = entry
    return entries


def _text(value: object) -> str:
    """JSON in one line and one way, so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
