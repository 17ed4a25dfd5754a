"""Progress and timings of work that runs in named stages."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Callable, Optional

Progress = Optional[Callable[[float, str], None]]


class Stages:
    """Divides one progress callback (0..1) among stages and keeps each stage's seconds in `seconds`.

    The callback may raise Cancelled at any call: it is called as each stage starts and from within it.
    """

    def __init__(self, progress: Progress = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextlib.contextmanager
    def stage(
        self, name: str, start: float, stop: float, message: str
    ) -> Iterator[Callable[[float, str], None]]:
        """Run a stage between two fractions; gives the progress callback for the work inside, 0..1 again."""

        def report(fraction: float, text: str = "") -> None:
            if self._progress is not None:
                self._progress(start + (stop - start) * min(1.0, max(0.0, fraction)), text or message)

        report(0.0)
        began = time.perf_counter()
        try:
            yield report
        finally:
            self.seconds[name] = time.perf_counter() - began
        report(1.0)
