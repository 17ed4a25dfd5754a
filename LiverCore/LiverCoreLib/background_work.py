"""A task of the worker for a program that must not wait: a window, above all.

Files for the worker are written in a thread, the task runs in a worker process, what it leaves is read in a
thread; the program polls from a timer::

    work = BackgroundWork("compare", write, read, JobRunner())
    while not work.poll():
        ...
    result = work.outcome()
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .errors import Cancelled, LiverCNNError
from .job_errors import reported_error
from .jobs import Job, JobCallbacks, JobRunner, JobState

FOLDER_PREFIX = "livercnn-work-"

_WRITTEN, _WORKED = 0.05, 0.95  # fractions of the whole at which the stages end
_WAIT_S = 0.02
_LEAST_S_FOR_ESTIMATE, _LEAST_FRACTION_FOR_ESTIMATE = 2.0, 0.1


class BackgroundWork:
    """One task under way. It starts when it is made; its temporary files go with its end.

    Args:
        task: Its word in the worker's table.
        write: Called in a thread with a temporary folder; writes what the worker needs and gives the task's
            arguments.
        read: Called in a thread with that folder and the task's result; gives the outcome.
        runner: Starts the worker.
        folder: Where the temporary folder is made; None is the system's.

    Attributes:
        fraction, message: How far it is, 0 to 1, and with what.
    """

    def __init__(
        self,
        task: str,
        write: Callable[[Path], Mapping[str, Any]],
        read: Callable[[Path, dict[str, Any]], Any],
        runner: JobRunner,
        folder: Path | None = None,
    ) -> None:
        self.fraction, self.message = 0.0, "handing over the input"
        self._task, self._read, self._runner = task, read, runner
        self._began, self._ended = time.monotonic(), 0.0
        self._cancelled = False
        self._job: Job | None = None
        self._result: Any = None
        self._error: LiverCNNError | None = None
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=folder))
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-files")
        self._reading: Future[Any] | None = None
        self._writing: Future[Mapping[str, Any]] = self._files.submit(write, self._folder)

    @property
    def finished(self) -> bool:
        """Whether there is an outcome."""
        return bool(self._ended)

    @property
    def seconds(self) -> float:
        """Seconds since the start, or from start to end."""
        return (self._ended or time.monotonic()) - self._began

    def seconds_left(self) -> float | None:
        """About how long it is going to take from now; None while that is anybody's guess."""
        if self.seconds < _LEAST_S_FOR_ESTIMATE or self.fraction < _LEAST_FRACTION_FOR_ESTIMATE:
            return None
        return self.seconds * (1 - self.fraction) / self.fraction

    def cancel(self) -> None:
        """Stop; it is finished, with Cancelled, at a later poll (within 2 s)."""
        self._cancelled = True
        if self._job is not None:
            self._job.cancel()

    def poll(self) -> bool:
        """See what has happened, without waiting. Returns whether it is finished."""
        if not self.finished:
            try:
                self._advance()
            except LiverCNNError as error:
                self._end(error=error)
        return self.finished

    def outcome(self) -> Any:
        """The result, once finished; raises the error (LiverCNNError, Cancelled) if there is none."""
        if self._error is not None:
            raise self._error
        if not self.finished:
            raise RuntimeError("The work is not finished.")
        return self._result

    def wait(self) -> Any:
        """Wait for the end and give the outcome. Ctrl+C cancels."""
        try:
            while not self.poll():
                time.sleep(_WAIT_S)
        except BaseException:
            self.cancel()
            while not self.poll():
                time.sleep(_WAIT_S)
            raise
        return self.outcome()

    def _advance(self) -> None:
        """Take the next step if the present one is over."""
        if self._job is None:
            if self._writing.done():
                arguments = self._take(self._writing)
                self._report_progress(0.0, "starting the worker")
                callbacks = JobCallbacks(progress=self._report_progress)
                self._job = self._runner.start(self._task, arguments, callbacks)
        elif self._reading is None:
            if self._job.poll():
                self._start_reading(self._job)
        elif self._reading.done():
            self._end(result=self._take(self._reading))

    def _take(self, future: Future[Any]) -> Any:
        """A thread's result; its error as one of ours. Raises Cancelled if it was waited for in vain."""
        if self._cancelled:
            raise Cancelled()
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, LiverCNNError):
            raise error
        from .worker import describe_error

        raise reported_error(describe_error(error)) from error

    def _report_progress(self, fraction: float, message: str) -> None:
        self.fraction, self.message = _WRITTEN + (_WORKED - _WRITTEN) * fraction, message

    def _start_reading(self, job: Job) -> None:
        if self._cancelled:
            raise Cancelled()
        if job.state is not JobState.DONE:
            assert job.error is not None
            raise job.error
        self.fraction, self.message = _WORKED, "taking over the result"
        assert job.result is not None
        self._reading = self._files.submit(self._read, self._folder, job.result)

    def _end(self, result: Any = None, error: LiverCNNError | None = None) -> None:
        self._files.shutdown()  # idle: nothing was submitted after what has just ended
        shutil.rmtree(self._folder, ignore_errors=True)
        self.fraction = 1.0 if error is None else self.fraction
        self._result, self._error, self._ended = result, error, time.monotonic()
