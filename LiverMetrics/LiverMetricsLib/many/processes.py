"""A joblib backend in which the death of a worker costs the task it was at, and nothing else.

joblib's own pool (loky) is broken as a whole when one of its processes dies: every task fails, and nobody can
tell which one was to blame. Here each worker is a loky executor of one process, so that a death breaks that
one, and the next task gets a new one.

Written for joblib 1.5 and newer, in which a backend has ``submit``.
"""

from __future__ import annotations

import contextlib
import multiprocessing.resource_tracker
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Callable

from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import (
    BrokenProcessPool,
    ProcessPoolExecutor,
    ShutdownExecutorError,
)
from joblib.parallel import ParallelBackendBase

Callback = Callable[[Any], None]

# One thread each, for there are as many processes as cores. Read when numpy and SimpleITK are imported.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1",
}

_PARENT_LOOK_S = 1.0


class SeparateProcesses(ParallelBackendBase):
    """Workers that can die one by one.

    Use it with ``batch_size=1`` and ``pre_dispatch=workers``: there is no queue in front of the workers.

    Args:
        workers: How many processes.
        instead: Gives the result of a task whose process died: (function, arguments, keywords) to result.
    """

    supports_retrieve_callback = True
    uses_threads = False
    supports_sharedmem = False

    def __init__(self, workers: int, instead: Callable[[tuple[Any, ...]], Any]) -> None:
        super().__init__(nesting_level=0)
        self._workers = workers
        self._instead = instead
        self._lock = threading.Lock()
        self._idle: list[ProcessPoolExecutor] = []
        self._busy: set[ProcessPoolExecutor] = set()
        self._is_closed = False

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """At least 2: with 1, joblib would run the tasks in this process, and a death would be ours."""
        return max(2, self._workers)

    def configure(self, n_jobs: int = 1, parallel: Any = None, **_options: Any) -> int:
        self.parallel = parallel
        self._is_closed = False
        _start_trackers()
        return self.effective_n_jobs(n_jobs)

    def submit(self, func: Any, callback: Callback | None = None) -> Future[Any]:
        """Start a batch of one task on an idle worker; joblib's name and signature."""
        with _interruptions_held_back():  # else a new process may get a Ctrl-C before it can ignore it
            executor, future = self._start(func)

        def done(finished: Future[Any]) -> None:
            died = isinstance(finished.exception(), BrokenProcessPool)
            self._put_back(executor, is_broken=died)
            if callback is not None:
                callback([self._instead(func.items[0])] if died else finished)

        future.add_done_callback(done)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """The results of a batch, from what ``submit`` handed to the callback."""
        return out.result() if isinstance(out, Future) else out

    def terminate(self) -> None:
        """End all processes at once; joblib calls it at the end and when it gives up."""
        with self._lock:
            self._is_closed = True
            executors = [*self._idle, *self._busy]
            self._idle.clear()
            self._busy.clear()
        for executor in executors:
            executor.shutdown(wait=True, kill_workers=True)

    def abort_everything(self, ensure_ready: bool = True) -> None:
        self.terminate()

    def get_nested_backend(self) -> tuple[ParallelBackendBase, int | None]:
        from joblib.parallel import SequentialBackend

        return SequentialBackend(nesting_level=1), 1

    def _start(self, func: Any) -> tuple[ProcessPoolExecutor, Future[Any]]:
        """Hand a call to an idle worker; one that died while it was idle is let go."""
        while True:
            executor = self._take()
            try:
                return executor, executor.submit(func)
            except BrokenProcessPool:
                self._put_back(executor, is_broken=True)

    def _take(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._is_closed:
                raise ShutdownExecutorError("The run is over.")
            executor = self._idle.pop() if self._idle else _new_executor()
            self._busy.add(executor)
            return executor

    def _put_back(self, executor: ProcessPoolExecutor, *, is_broken: bool) -> None:
        with self._lock:
            if executor in self._busy:
                self._busy.remove(executor)
                if not is_broken:
                    self._idle.append(executor)


def _new_executor() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, initializer=_prepare_worker, env=_ONE_THREAD)


def _prepare_worker() -> None:
    """In the worker: leave Ctrl-C to the parent, which ends its workers, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_LOOK_S)
    os._exit(1)  # nobody is left to hear of it


def _start_trackers() -> None:
    """Start what removes the semaphores of dead processes: its start lets held back interruptions in."""
    if hasattr(signal, "pthread_sigmask"):
        multiprocessing.resource_tracker.ensure_running()
        resource_tracker.ensure_running()


@contextlib.contextmanager
def _interruptions_held_back() -> Iterator[None]:
    """Let SIGINT wait; processes started meanwhile inherit that (Windows has no such thing)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
