"""A short piece of work in a thread of Slicer's own process, polled: numpy that lets go of Python's lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.job_errors import reported_error
from LiverCoreLib.worker import describe_error

_LET_IT_WORK_S = 0.001  # Slicer may hold Python's lock between polls, and nothing would move


class ThreadWork:
    """A function under way in a thread. It must take nothing from the scene: that is done before."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-thread")
        self._future = self._thread.submit(work)

    def poll(self) -> bool:
        """Whether it is over."""
        if not self._future.done():
            time.sleep(_LET_IT_WORK_S)
        return self._future.done()

    def outcome(self) -> Any:
        """What the function gave, once it is over. Raises its error, as one of ours."""
        self._thread.shutdown()
        error = self._future.exception()
        if error is None or isinstance(error, LiverCNNError):
            return self._future.result()
        raise reported_error(describe_error(error)) from error

    def end(self) -> None:
        """Wait for it, and forget what it gave."""
        self._thread.shutdown()
