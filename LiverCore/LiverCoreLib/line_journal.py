"""Results on disk as they come: one line each, so that a run that was stopped can go on.

A line is a JSON object: what was done (``key``), by which version of the format, and what came of it. Lines
are only ever added, each flushed to the disk. A line that is cut short (the machine went down), of another
version or damaged is skipped, and its work is done again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from .output import OutputError


class LineJournal:
    """A journal, open for more lines; a context manager.

    Args:
        path: The file; made if need be.
        version: Of the format of its lines; others are skipped.
        result: Name of the value that a line with a result has; lines without it (failures) are skipped.

    Raises:
        OutputError: If it cannot be read or written.
    """

    def __init__(self, path: Path, version: int, result: str) -> None:
        self.path = path
        self._version, self._result = version, result
        try:
            self._entries = self._read()
            self._stream: BinaryIO = open(path, "ab")  # noqa: SIM115  closed by __exit__
            self._end_torn_line()
        except OSError as error:
            raise self._as_output_error(error) from error

    def __enter__(self) -> LineJournal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stream.close()

    def entry(self, key: object) -> Mapping[str, Any] | None:
        """The last line with this key and a result, or None."""
        return self._entries.get(_text(key))

    def add(self, key: object, values: Mapping[str, Any]) -> None:
        """Write a line down, for good.

        Raises:
            OutputError: If it cannot be written.
        """
        line = {"version": self._version, "key": key, **values}
        try:
            self._stream.write(_text(line).encode("ascii") + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._as_output_error(error) from error
        if self._result in line:
            self._entries[_text(key)] = line

    def _read(self) -> dict[str, Mapping[str, Any]]:
        entries: dict[str, Mapping[str, Any]] = {}
        if not self.path.exists():
            return entries
        with open(self.path, "rb") as stream:
            for line in stream:
                try:
                    entry = json.loads(line)
                except ValueError:  # cut short; a text that is not UTF-8 is a ValueError, too
                    continue
                if (
                    isinstance(entry, dict)
                    and entry.get("version") == self._version
                    and self._result in entry
                ):
                    entries[_text(entry.get("key"))] = entry
        return entries

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


def _text(value: object) -> str:
    """JSON in one line and one way, so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
