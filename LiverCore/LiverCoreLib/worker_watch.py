"""The threads that end a worker: when it is cancelled, and when its parent is gone.

The task may sit inside a native call; these threads run meanwhile, as long as that call lets go of Python's
global lock, as torch's, SimpleITK's and numpy's long calls do. For one that does not, the parent kills.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from pathlib import Path

from LiverCoreLib import scratch
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.worker_protocol import Channel

GRACE_S = 1.0
_PARENT_PERIOD_S = 0.25
_REMOVAL_ATTEMPTS = 5
_REMOVAL_PAUSE_S = 0.02


class Watch:
    """Watches stdin and the parent process, and ends this process if the task does not end by itself.

    Attributes:
        stopping: Set once the task is to stop.
    """

    def __init__(self, folder: Path, channel: Channel) -> None:
        self.stopping = threading.Event()
        self._folder = folder
        self._channel = channel
        self._parent = os.getppid()
        self._end = threading.Lock()

    def start(self) -> None:
        """Start watching."""
        for target in (self._watch_stdin, self._watch_parent):
            threading.Thread(target=target, daemon=True, name=target.__name__).start()
        signal.signal(signal.SIGTERM, lambda number, frame: self.stopping.set())

    def claim_end(self) -> None:
        """Called by the main thread when the task is over: from here on nobody else ends the process.

        If the watch has begun to end the process, this never returns.
        """
        self._end.acquire()

    def _watch_stdin(self) -> None:
        """Anything on stdin, its end above all, is a cancellation; so is a stdin that was never there."""
        with contextlib.suppress(OSError):
            os.read(0, 1)
        self.stopping.set()

    def _watch_parent(self) -> None:
        """Wait for a reason to stop, give the task its time, then end the process."""
        while not self.stopping.wait(_PARENT_PERIOD_S):
            if self._orphaned():
                self.stopping.set()
        time.sleep(GRACE_S)
        if self._end.acquire(blocking=False):
            self._end_process()

    def _orphaned(self) -> bool:
        """Whether this process was given to another parent; Windows keeps the old number for ever."""
        return os.getppid() != self._parent

    def _end_process(self) -> None:
        remove_temporary_files(self._folder)
        cancelled = Cancelled()
        self._channel.send_last_now(
            "error", id=cancelled.id, message=str(cancelled), exit_code=cancelled.exit_code, details={}
        )
        if os.name == "posix" and self._orphaned() and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # nobody else is left to end the processes that the task started
        os._exit(cancelled.exit_code)


def remove_temporary_files(folder: Path) -> None:
    """Remove a job's folder and the temporary files that this process left elsewhere."""
    scratch.remove_tracked()
    for _ in range(_REMOVAL_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_REMOVAL_PAUSE_S)  # the task may just have written a file, or Windows has one still open
