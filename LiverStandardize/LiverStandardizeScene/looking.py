"""Looking at the chosen volume while the panel lives on."""

from __future__ import annotations

from typing import Any

from LiverCoreScene import volumes
from LiverCoreScene.thread_work import ThreadWork

from .look import Look, look
from .scan import scan_of
from .stated import stated_protocol


class Looking:
    """Looks again, in a thread, whenever the volume, or what is asked of it, is another one.

    Attributes:
        seen: What was seen of what is wanted now; None while it is being looked at, or where nothing is.
    """

    def __init__(self) -> None:
        self.seen: Look | None = None
        self._wanted: tuple = ()
        self._work: ThreadWork | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being looked at."""
        return self._work is not None

    def want(self, volume: Any, target: str, force: bool) -> None:
        """Have a volume looked at, unless it was. target, force: as for ``look``."""
        stated = stated_protocol(volume)
        wanted = (volume.GetID(), volumes.voxels_state(volume), stated, target, force)
        if wanted != self._wanted:
            scan = scan_of(volume)
            self._wanted, self.seen = wanted, None
            self._work = ThreadWork(lambda: look(scan, stated, target, force))  # one before ends unheard

    def forget(self) -> None:
        """Look at nothing."""
        self.seen, self._wanted, self._work = None, (), None

    def poll(self) -> bool:
        """Whether something was seen since."""
        if self._work is None or not self._work.poll():
            return False
        work, self._work = self._work, None
        self.seen = work.outcome()
        return True

    def end(self) -> None:
        """Wait until nothing is looked at: for a panel that goes."""
        if self._work is not None:
            self._work.end()
        self.forget()
