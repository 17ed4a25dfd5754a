"""A task of the worker for a program that must not wait: a window, above all.

Files for the worker are written in a thread, the task runs in a worker process, what it leaves is read in a
thread; the program polls from a timer::

    work = BackgroundWork("compare", write, read, JobQueue(JobRunner()))
    while not work.poll():
        ...
    result = work.outcome()
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .errors import Cancelled, LiverCNNError
from .job_errors import reported_error
from .job_queue import JobQueue
from .jobs import Job, JobCallbacks, JobState
from .work_folder import WorkFolder, remove_stale

FOLDER_PREFIX = "livercnn-work-"

_WRITTEN, _WORKED = 0.05, 0.95  # fractions of the whole at which the stages end
_STARTING = "starting the worker"
_WAIT_S = 0.02
_LET_THREADS_WORK_S = 0.001  # a program around Python may hold its lock between polls, and nothing would move
_LEAST_S_FOR_ESTIMATE, _LEAST_FRACTION_FOR_ESTIMATE = 2.0, 0.1


class BackgroundWork:
    """One task under way. It starts when it is made; its temporary files go with its end.

    Args:
        task: Its word in the worker's table.
        write: Called in a thread with a temporary folder; writes what the worker needs and gives the task's
            arguments.
        read: Called in a thread with that folder and the task's result; gives the outcome.
        queue: Runs the worker when its turn has come; other work may be in it.
        folder: Where the temporary folder is made; None is the system's. Folders that killed programs left
            there are removed.

    Attributes:
        fraction, message: How far it is, 0 to 1, and with what.
    """

    def __init__(
        self,
        task: str,
        write: Callable[[Path], Mapping[str, Any]],
        read: Callable[[Path, dict[str, Any]], Any],
        queue: JobQueue,
        folder: Path | None = None,
    ) -> None:
        self.fraction, self.message = 0.0, "handing over the input"
        self._task, self._write, self._read, self._queue = task, write, read, queue
        self._began = self._turn_came = time.monotonic()
        self._ended = 0.0
        self._cancelled = False
        self._job: Job | None = None
        self._result: Any = None
        self._error: LiverCNNError | None = None
        self._folder = WorkFolder(FOLDER_PREFIX, folder)
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-files")
        self._reading: Future[Any] | None = None
        self._writing: Future[Mapping[str, Any]] = self._files.submit(self._hand_over)

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
        worked_s = time.monotonic() - self._turn_came
        if worked_s < _LEAST_S_FOR_ESTIMATE or self.fraction < _LEAST_FRACTION_FOR_ESTIMATE:
            return None
        return worked_s * (1 - self.fraction) / self.fraction

    def cancel(self) -> None:
        """Stop; it is finished, with Cancelled, at a later poll (within 2 s)."""
        self._cancelled = True
        if self._job is not None:
            self._job.cancel()

    def poll(self) -> bool:
        """See what has happened, without waiting. Returns whether it is finished."""
        if not self.finished:
            time.sleep(_LET_THREADS_WORK_S)
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

    def wait(self, progress: Callable[[float, str], None] | None = None) -> Any:
        """Wait for the end and give the outcome. `progress` may raise Cancelled, or anything else."""
        try:
            while not self.poll():
                if progress is not None and not self._cancelled:
                    progress(self.fraction, self.message)
                time.sleep(_WAIT_S)
        except BaseException as interruption:
            self.cancel()
            while not self.poll():
                time.sleep(_WAIT_S)
            if not isinstance(interruption, Cancelled):
                raise
        return self.outcome()

    def _advance(self) -> None:
        """Take the next step if the present one is over."""
        if self._job is None:
            if self._writing.done():
                self._job = self._submit(self._take(self._writing))
        elif self._reading is None:
            self._follow(self._job)
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

    def _hand_over(self) -> Mapping[str, Any]:
        remove_stale(FOLDER_PREFIX, self._folder.path.parent)
        return self._write(self._folder.path)

    def _submit(self, arguments: Mapping[str, Any]) -> Job:
        self._report_progress(0.0, "waiting for other work to end" if self._queue.busy else _STARTING)
        return self._queue.submit(self._task, arguments, JobCallbacks(progress=self._report_progress))

    def _follow(self, job: Job) -> None:
        waited = job.state is JobState.WAITING
        self._queue.poll()
        if waited and job.state is JobState.RUNNING:
            self._turn_came = time.monotonic()
            self._report_progress(0.0, _STARTING)
        if job.finished:
            self._start_reading(job)

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
        self._reading = self._files.submit(self._read, self._folder.path, job.result)

    def _end(self, result: Any = None, error: LiverCNNError | None = None) -> None:
        self._files.shutdown()  # idle: nothing was submitted after what has just ended
        self._folder.remove()
        self.fraction = 1.0 if error is None else self.fraction
        self._result, self._error, self._ended = result, error, time.monotonic()
