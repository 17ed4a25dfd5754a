"""Work of Liver Set-up: a task of the worker, followed by polling."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Callable

import slicer

from LiverCoreLib.background_work import BackgroundWork
from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner


class SetUpWork(BackgroundWork):
    """Background work that remembers all that it said.

    Attributes:
        lines: All messages so far, each once.
    """

    def __init__(
        self,
        runner: JobRunner,
        task: str,
        write: Callable[[Path], dict],
        read: Callable[[Path, dict], Any] = lambda folder, result: result,
    ) -> None:
        """Start it.

        write: gets a temporary folder and gives the task's arguments. read: gets both, and gives the outcome.
        """
        self.lines: list = []
        super().__init__(task, write, read, JobQueue(runner), Path(slicer.app.temporaryPath))
        self.message = ""

    def end(self) -> None:
        """Cancel, and wait (at most 2 s or so) until nothing is left of it: for a panel that goes."""
        self.cancel()
        with contextlib.suppress(LiverCNNError):  # nobody is left to be told
            self.wait()

    def _report_progress(self, fraction: float, message: str) -> None:
        super()._report_progress(fraction, message)
        if message not in self.lines[-1:]:
            self.lines.append(message)
