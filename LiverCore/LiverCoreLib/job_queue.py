"""One sequential queue of background jobs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from LiverCoreLib.jobs import Job, JobCallbacks, JobRunner, JobState


class JobQueue:
    """Runs jobs one after the other, in the order in which they came; one program needs one queue.

    Two networks at once would halve each other's speed and double the memory.
    """

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._waiting: deque[Job] = deque()
        self.current: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return self.current is not None or bool(self._waiting)

    def submit(self, task: str, arguments: Mapping[str, Any], callbacks: JobCallbacks | None = None) -> Job:
        """Add a job at the end and return it; it starts at a later poll."""
        job = Job(task, arguments, callbacks)
        self._waiting.append(job)
        return job

    def poll(self) -> bool:
        """Handle what has happened and start the next job when its turn has come. Returns ``busy``."""
        if self.current is not None and self.current.poll():
            self.current = None
        while self.current is None and self._waiting:
            job = self._waiting.popleft()
            if job.state is JobState.WAITING:  # not cancelled meanwhile
                job.start(self._runner)
                self.current = None if job.finished else job
        return self.busy

    def cancel_all(self) -> None:
        """Cancel the running job and all that wait; poll until not ``busy`` to see them end."""
        for job in tuple(self._waiting):
            job.cancel()
        self._waiting.clear()
        if self.current is not None:
            self.current.cancel()
