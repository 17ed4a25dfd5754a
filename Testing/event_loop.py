"""For how long the window would not have answered."""

from __future__ import annotations

import time


class EventLoopWatch:
    """Measures for how long the window would not have answered, at the worst.

    In processor time of this thread: on a busy machine others take the rest of the clock's.
    """

    def __init__(self) -> None:
        import qt

        self.longest_s, self._last = 0.0, time.thread_time()
        self._timer = qt.QTimer()
        self._timer.setInterval(10)
        self._timer.connect("timeout()", self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.thread_time()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now

    def stop(self) -> float:
        self._timer.stop()
        return self.longest_s
