"""The protocol between a program and its worker process, version 1. This page is the whole of it.

Starting
    The program makes a folder ``livercnn-job-<random>`` that belongs to the job alone, writes ``job.json``
    into it and starts ``python -m LiverCoreLib.worker <folder>/job.json`` with pipes for stdin, stdout and
    stderr, as the leader of a process group of its own::

        {"protocol": 1, "task": "segment", "arguments": {...}}

    ``task`` is a name from the worker's table, never code; what ``arguments`` may hold is the task's affair.
    Paths among them are absolute: the worker's current folder is not the program's.

From the worker (stdout)
    One JSON object a line, ASCII, ``protocol`` first, then ``type``, which decides the other keys. NaN and
    infinity are written as null.

    ======== ================================== ==========================================================
    type     keys                               meaning
    ======== ================================== ==========================================================
    progress fraction (0..1), message           where the task is, for people
    log      level (debug, info, warning,       what the libraries have to say
             error), message
    result   result (object)                    the task is done; last line
    error    id, message, exit_code, details    the task ended without a result; last line. ``cancelled`` is
                                                the id after a cancellation; exit_code 1 means our fault
    ======== ================================== ==========================================================

    Exactly one ``result`` or ``error`` comes, as the last line, after the job's folder has been removed. Any
    other line is foreign (a library that prints): it is logged and harms nothing. A line with another
    ``protocol`` ends the job with an error. What the task prints goes to stderr, which is logged, too.

Cancelling
    The program closes the worker's stdin (or writes anything to it). The task is stopped at its next progress
    report; one second later the worker removes the temporary files and ends itself, whatever the task is
    doing. A worker that is still there after the program's own grace period is killed with its process group.

Clean-up
    The job's folder is the place for all temporary files (``tempfile`` is pointed there). Files that must lie
    elsewhere (beside an output, to be renamed) are recorded in it by ``LiverCoreLib.scratch``. The worker
    removes both at its end. The program does so again after the worker is gone, in case it was killed. If the
    program dies, the worker sees the end of its stdin, or another parent process, and ends as if cancelled.
"""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping
from typing import Any

PROTOCOL = 1

JOB_FOLDER_PREFIX = "livercnn-job-"
JOB_FILE = "job.json"

FINAL_TYPES = ("result", "error")
_FIELDS: dict[str, dict[str, Any]] = {
    "progress": {"fraction": (int, float), "message": str},
    "log": {"level": str, "message": str},
    "result": {"result": dict},
    "error": {"id": str, "message": str, "exit_code": int, "details": dict},
}


def encode(kind: str, **fields: Any) -> bytes:
    """Return one line. Raises TypeError for what JSON cannot hold."""
    message = {"protocol": PROTOCOL, "type": kind, **fields}
    return json.dumps(without_nan(message), ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any] | None:
    """Return the message in a line, or None where the line is foreign.

    A message of another protocol version comes back as it is, so that the caller can name both versions.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not isinstance(message.get("protocol"), int):
        return None
    if message["protocol"] == PROTOCOL and not _is_complete(message):
        return None
    return message


def _is_complete(message: Mapping[str, Any]) -> bool:
    fields = _FIELDS.get(str(message.get("type")))
    return fields is not None and all(isinstance(message.get(name), kind) for name, kind in fields.items())


def without_nan(value: Any) -> Any:
    """Return plain data with null in the place of NaN and infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return value


class Channel:
    """The worker's end of the protocol: whole lines to a file descriptor from any thread, one last line."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._ended = False

    def send(self, kind: str, **fields: Any) -> None:
        """Write one line; silently nothing after the last one or when the program no longer listens."""
        line = encode(kind, **fields)
        with self._lock:
            if not self._ended:
                self._ended = kind in FINAL_TYPES
                self._write(line)

    def send_last_now(self, kind: str, **fields: Any) -> None:
        """Write the last line without waiting for anything: for a process that must end at once."""
        line = encode(kind, **fields)
        if self._lock.acquire(timeout=0.1):
            if not self._ended:
                self._ended = True
                if os.name == "posix":
                    os.set_blocking(self._descriptor, False)
                self._write(line)
            self._lock.release()

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except (BrokenPipeError, BlockingIOError):
            self._ended = True  # the program is gone, or does not read: nobody misses the rest
