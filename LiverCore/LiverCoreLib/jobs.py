"""Background jobs: a task run by a worker process, followed from one thread of the program.

No thread of ours calls back into the program: callbacks run inside :meth:`Job.poll` or :meth:`Job.wait`, on
the thread that calls them. A Qt program polls by a timer, a script waits::

    job = JobRunner().start("segment", {"input": "/data/ct.nii.gz", "output": "/data/liver.seg.nrrd"})
    result = job.wait()
"""

from __future__ import annotations

import enum
import logging
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_errors import JobFault, crash, reported_error, wrong_protocol
from LiverCoreLib.worker_environment import find_python, worker_environment
from LiverCoreLib.worker_process import Ended, Event, ForeignLine, Message, WorkerProcess
from LiverCoreLib.worker_protocol import FINAL_TYPES, PROTOCOL

logger = logging.getLogger(__name__)


class JobState(enum.Enum):
    """Where a job is. The last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class JobCallbacks:
    """What the program wants to hear; each is optional. All run on the polling thread.

    Attributes:
        progress: Called with fraction (0..1) and message; may raise Cancelled to cancel the job.
        log: Called with level and text.
        finished: Called once with the job, when its state is final and its temporary files are gone.
    """

    progress: Callable[[float, str], None] | None = None
    log: Callable[[str, str], None] | None = None
    finished: Callable[[Job], None] | None = None


class Job:
    """One run of a task.

    Attributes:
        state: Changes only inside ``poll``, ``wait``, ``cancel`` and ``start``.
        result: What the task returned, once the state is DONE.
        error: JobError or Cancelled, once the state is FAILED or CANCELLED.
    """

    def __init__(
        self, task: str, arguments: Mapping[str, Any], callbacks: JobCallbacks | None = None
    ) -> None:
        self.task = task
        self.arguments = dict(arguments)
        self.state = JobState.WAITING
        self.result: dict[str, Any] | None = None
        self.error: LiverCNNError | None = None
        self._callbacks = callbacks if callbacks is not None else JobCallbacks()
        self._process: WorkerProcess | None = None
        self._final: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Job({self.task!r}, {self.state.value}, pid {self.pid})"

    @property
    def finished(self) -> bool:
        """Whether the state is final."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def pid(self) -> int | None:
        """The worker's process number, or None before the start."""
        return None if self._process is None else self._process.pid

    def start(self, runner: JobRunner) -> None:
        """Start the worker; a job starts once. Failing to start makes the job FAILED, not an exception."""
        if self.state is not JobState.WAITING:
            raise RuntimeError(f"{self!r} was started before.")
        try:
            self._process = runner.launch(self.task, self.arguments)
        except LiverCNNError as error:
            self._finish(JobState.FAILED, error=error)
            return
        self.state = JobState.RUNNING

    def cancel(self) -> None:
        """Stop the job; it becomes CANCELLED at a later poll, when the worker is gone (within 2 s)."""
        if self.state is JobState.WAITING:
            self._finish(JobState.CANCELLED, error=Cancelled())
        elif self.state is JobState.RUNNING and self._process is not None:
            self.state = JobState.CANCELLING
            self._process.cancel()

    def poll(self) -> bool:
        """Handle what has happened since, without waiting. Returns whether the job is finished."""
        while not self.finished and self._process is not None:
            try:
                event = self._process.events.get_nowait()
            except queue.Empty:
                break
            self._handle(event)
        return self.finished

    def wait(self, timeout_s: float | None = None) -> dict[str, Any]:
        """Handle what happens until the job is finished, and return its result.

        Raises:
            JobError, Cancelled: If there is no result.
            TimeoutError: If the time is over; the job goes on.
            RuntimeError: If the job has not been started.
        """
        if self.state is JobState.WAITING:
            raise RuntimeError(f"{self!r} has not been started.")
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while not self.finished:
            assert self._process is not None
            try:
                left_s = None if end is None else max(0.0, end - time.monotonic())
                event = self._process.events.get(timeout=left_s)
            except queue.Empty:
                raise TimeoutError(f"{self!r} is not finished after {timeout_s} s.") from None
            self._handle(event)
        if self.error is not None:
            raise self.error
        assert self.result is not None
        return self.result

    def _handle(self, event: Event) -> None:
        if isinstance(event, Ended):
            self._conclude(event)
        elif isinstance(event, ForeignLine):
            self._log("info", f"{event.source}: {event.text}")
        else:
            self._handle_message(event)

    def _handle_message(self, message: Message) -> None:
        content = message.content
        if self._final is not None:
            self._log("warning", f"the worker went on after its last message: {dict(content)}")
        elif content["protocol"] != PROTOCOL:
            self._final = content
            assert self._process is not None
            self._process.cancel()
        elif content["type"] in FINAL_TYPES:
            self._final = content
        elif content["type"] == "log":
            self._log(str(content["level"]), str(content["message"]))
        elif self._callbacks.progress is not None and self.state is JobState.RUNNING:
            try:
                self._callbacks.progress(float(content["fraction"]), str(content["message"]))
            except Cancelled:
                self.cancel()

    def _conclude(self, ended: Ended) -> None:
        final = self._final
        if final is not None and final["protocol"] != PROTOCOL:
            self._finish(JobState.FAILED, error=wrong_protocol(final["protocol"]))
        elif final is not None and final["type"] == "result":
            # Also after a cancellation that came too late: the work is done and its outputs are there.
            self._finish(JobState.DONE, result=dict(final["result"]))
        elif self.state is JobState.CANCELLING or (final is not None and final["id"] == Cancelled.id):
            self._finish(JobState.CANCELLED, error=Cancelled())
        elif final is not None:
            self._finish(JobState.FAILED, error=reported_error(final))
        else:
            self._finish(JobState.FAILED, error=crash(ended))

    def _finish(
        self, state: JobState, result: dict[str, Any] | None = None, error: LiverCNNError | None = None
    ) -> None:
        self.state, self.result, self.error = state, result, error
        if self._callbacks.finished is not None:
            self._callbacks.finished(self)

    def _log(self, level: str, text: str) -> None:
        logger.debug("%s worker: %s: %s", self.task, level, text)
        if self._callbacks.log is not None:
            self._callbacks.log(level, text)


class JobRunner:
    """Starts workers.

    Args:
        python: The interpreter; None finds it (see ``find_python``).
        environment: The workers' whole environment; None takes a clean one (see ``worker_environment``).
        grace_s: Time from a cancellation to the kill. The worker ends itself after 1 s.
        command: The command in the place of ``[python, "-m", "LiverCoreLib.worker"]``.
    """

    def __init__(
        self,
        python: Path | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        grace_s: float = 1.5,
        command: Sequence[str] | None = None,
    ) -> None:
        self._python = python
        self._environment = environment
        self._grace_s = grace_s
        self._command = command

    def start(self, task: str, arguments: Mapping[str, Any], callbacks: JobCallbacks | None = None) -> Job:
        """Start a task and return its job, which may already have failed to start."""
        job = Job(task, arguments, callbacks)
        job.start(self)
        return job

    def launch(self, task: str, arguments: Mapping[str, Any]) -> WorkerProcess:
        """Start a worker process. Raises JobFault (``worker-not-started``) or PythonNotFound."""
        python = self._python if self._python is not None else find_python()
        environment = self._environment if self._environment is not None else worker_environment(python)
        command = self._command if self._command is not None else [str(python), "-m", "LiverCoreLib.worker"]
        try:
            return WorkerProcess(
                command,
                task,
                arguments,
                environment=environment,
                # `python -m` imports from the current folder first: it must be one of ours, not the user's.
                folder=Path(__file__).resolve().parents[1],
                grace_s=self._grace_s,
            )
        except OSError as error:
            raise JobFault(
                f"Background work could not be started with {command[0]} ({error.strerror or error}); check "
                "the installation and the free space of the temporary folder.",
                id="worker-not-started",
            ) from error
