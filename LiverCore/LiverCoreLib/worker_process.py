"""One worker process seen from its parent: started, read, cancelled, killed, cleaned up after.

Three threads of our own do the waiting, so that cancellation and clean-up do not depend on the program
calling anything in time. What happens is put into :attr:`WorkerProcess.events`, for one thread to take.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Union

from LiverCoreLib import scratch
from LiverCoreLib.worker_protocol import FINAL_TYPES, JOB_FILE, JOB_FOLDER_PREFIX, PROTOCOL, decode

_MAX_LINE_BYTES = 1 << 20
_STDERR_LINES_KEPT = 50
_LINGER_S = 5.0  # between the last message and the end of the process
_READERS_S = 1.0  # a grandchild may hold a pipe open after the worker is gone


class Message(NamedTuple):
    """A line of the protocol."""

    content: Mapping[str, Any]


class ForeignLine(NamedTuple):
    """A line that is not of the protocol; ``source`` is ``stdout`` or ``stderr``."""

    source: str
    text: str


class Ended(NamedTuple):
    """The worker is gone and its temporary files are removed; always the last event.

    ``returncode`` is negative for a signal, as in ``subprocess``; ``stderr`` holds the last lines.
    """

    returncode: int
    stderr: tuple[str, ...]


Event = Union[Message, ForeignLine, Ended]


class WorkerProcess:
    """Starts a worker for one job.

    Args:
        command: The interpreter and its arguments; the path of the job file is added.
        task, arguments: The job, see ``worker_protocol``.
        environment: The worker's whole environment.
        folder: The worker's current folder.
        grace_s: Time between a cancellation and the kill.

    Raises:
        OSError: If the process cannot be started; nothing is left behind.
        TypeError, ValueError: If the arguments are not plain data, or hold NaN or infinity.
    """

    def __init__(
        self,
        command: Iterable[str],
        task: str,
        arguments: Mapping[str, Any],
        *,
        environment: Mapping[str, str],
        folder: Path,
        grace_s: float,
    ) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._grace_s = grace_s
        self._timers: list[threading.Timer] = []
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
        job = json.dumps({"protocol": PROTOCOL, "task": task, "arguments": dict(arguments)}, allow_nan=False)
        self.job_folder = Path(tempfile.mkdtemp(prefix=JOB_FOLDER_PREFIX)).resolve()
        try:
            job_file = self.job_folder / JOB_FILE
            job_file.write_text(job, encoding="utf-8")
            self._process = subprocess.Popen(
                [*command, str(job_file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                cwd=folder,
                **_own_group(),
            )
        except OSError:
            shutil.rmtree(self.job_folder, ignore_errors=True)
            raise
        self._start_threads()

    @property
    def pid(self) -> int:
        """The worker's process number."""
        return self._process.pid

    def cancel(self) -> None:
        """Ask the worker to stop; kill it with its children if it is still there after the grace period."""
        self._close_stdin()
        self._kill_after(self._grace_s)

    def kill(self) -> None:
        """End the worker and its children at once."""
        if self._process.poll() is None:
            _kill_tree(self._process.pid)

    def _start_threads(self) -> None:
        assert self._process.stdout is not None and self._process.stderr is not None
        readers = [
            threading.Thread(target=self._read_stdout, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_stderr, args=(self._process.stderr,), daemon=True),
        ]
        for reader in readers:
            reader.start()
        threading.Thread(target=self._wait_for_the_end, args=(readers,), daemon=True).start()

    def _read_stdout(self, stream: BinaryIO) -> None:
        with stream:
            for line in _lines(stream):
                content = decode(line)
                if content is None:
                    self.events.put(ForeignLine("stdout", _text(line)))
                    continue
                self.events.put(Message(content))
                if content.get("type") in FINAL_TYPES:
                    self._kill_after(_LINGER_S)

    def _read_stderr(self, stream: BinaryIO) -> None:
        with stream:
            for line in _lines(stream):
                self._stderr.append(_text(line))
                self.events.put(ForeignLine("stderr", _text(line)))

    def _wait_for_the_end(self, readers: Iterable[threading.Thread]) -> None:
        returncode = self._process.wait()
        for timer in tuple(self._timers):
            timer.cancel()
        _kill_group_left_behind(self._process.pid)
        self._close_stdin()
        for reader in readers:
            reader.join(_READERS_S)
        scratch.remove_journalled(self.job_folder / scratch.JOURNAL_FILE)
        shutil.rmtree(self.job_folder, ignore_errors=True)
        self.events.put(Ended(returncode, tuple(self._stderr)))

    def _kill_after(self, delay_s: float) -> None:
        timer = threading.Timer(delay_s, self.kill)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _close_stdin(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # the worker may be gone already
            self._process.stdin.close()


def _own_group() -> dict[str, Any]:
    """A process group for the worker, so that it can be killed with its children, and no console window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _kill_tree(pid: int) -> None:
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: the latter for a zombie
            os.killpg(pid, signal.SIGKILL)


def _kill_group_left_behind(pid: int) -> None:
    """Kill what the worker started and left; its group's number is not given anew while a member lives."""
    if sys.platform != "win32":
        _kill_tree(pid)


def _lines(stream: BinaryIO) -> Iterable[bytes]:
    """Lines, longer ones in pieces."""
    return iter(lambda: stream.readline(_MAX_LINE_BYTES), b"")


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").rstrip("\r\n")
