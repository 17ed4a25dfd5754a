"""How the command shows progress, and keeps it apart from what it prints."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Callable, TextIO

from LiverCoreLib.errors import Cancelled, LiverCNNError

Progress = Callable[[float, str], None]

MODES = ("auto", "json", "none")


@contextlib.contextmanager
def progress_display(mode: str) -> Iterator[Progress]:
    """Show progress as a bar, as JSON lines or not at all, and keep it apart from what the command prints."""
    if mode == "json":
        lines = _JsonLines(sys.stdout)
        with lines.errors(), contextlib.redirect_stdout(_Forwarded(lines.output)):
            yield lines.progress
    elif mode == "auto" and sys.stderr.isatty():
        bar, stdout, stderr = _Bar(sys.stderr), sys.stdout, sys.stderr
        try:
            with (
                contextlib.redirect_stdout(_Forwarded(lambda text: bar.over(stdout, text), stdout)),
                contextlib.redirect_stderr(_Forwarded(lambda text: bar.over(stderr, text), stderr)),
            ):
                yield bar.progress
        finally:
            bar.clear()
    else:
        yield lambda fraction, message: None


class _Bar:
    """One line on a terminal, rewritten at most ten times a second, gone when something else is printed."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._start = clock()
        self._last = float("-inf")
        self._shown = 0

    def progress(self, fraction: float, message: str) -> None:
        now = self._clock()
        if now - self._last < 0.1 and fraction < 1.0:
            return
        self._last = now
        done = round(20 * fraction)
        line = f"[{'#' * done}{'.' * (20 - done)}] {fraction:4.0%} {now - self._start:5.1f} s  {message}"
        line = line[: max(shutil.get_terminal_size().columns - 1, 20)]
        self._stream.write("\r" + line.ljust(self._shown))
        self._stream.flush()
        self._shown = len(line)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0

    def over(self, stream: TextIO, text: str) -> None:
        """Write text to another stream that may share the terminal with the bar."""
        self.clear()
        stream.write(text)


class _JsonLines:
    """ASCII JSON, one object a line: ``{"type": "progress" | "output" | "error", ...}``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rest = ""

    def progress(self, fraction: float, message: str) -> None:
        self._emit(type="progress", fraction=round(fraction, 4), message=message)

    def output(self, text: str) -> None:
        """What the command printed, a line at a time."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._emit(type="output", text=line)

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        try:
            yield
        except LiverCNNError as error:
            self._emit(type="error", id=error.id, message=str(error))
            raise
        except KeyboardInterrupt:
            self._emit(type="error", id=Cancelled.id, message=str(Cancelled()))
            raise
        finally:
            if self._rest:
                self.output("\n")

    def _emit(self, **fields: object) -> None:
        self._stream.write(json.dumps(fields) + "\n")
        self._stream.flush()


class _Forwarded(io.TextIOBase):
    """A text stream that hands what is written to a function; all else it answers like the one behind."""

    def __init__(self, write: Callable[[str], None], behind: TextIO | None = None) -> None:
        self._write = write
        self._behind = behind

    def write(self, text: str) -> int:
        self._write(text)
        return len(text)

    def flush(self) -> None:
        if self._behind is not None:
            self._behind.flush()

    def isatty(self) -> bool:
        return self._behind is not None and self._behind.isatty()

    def writable(self) -> bool:
        return True
