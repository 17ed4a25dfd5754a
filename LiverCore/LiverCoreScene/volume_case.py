"""A run on a volume as one case of a batch."""

from __future__ import annotations

from typing import Any

from LiverCoreLib.case_queue import Outcome


class VolumeCase:
    """Base of the cases (``LiverCoreLib.case_queue.CaseRun``) of the batch sections: all but its result."""

    def __init__(self, name: str, run: Any) -> None:
        """name: of the volume. run: a VolumeRun with ``fraction`` and ``message``."""
        self._name, self._run = name, run

    @property
    def fraction(self) -> float:
        """How far it is, 0 to 1."""
        return self._run.fraction

    @property
    def message(self) -> str:
        """With what."""
        return self._run.message

    def poll(self) -> bool:
        """See what has happened. Returns whether it is finished."""
        return self._run.poll()

    def cancel(self) -> None:
        """Stop; it is finished at a later poll."""
        self._run.cancel()

    def result(self) -> Outcome:
        """Once finished: what came of it. Raises the error that ended it, if one did."""
        raise NotImplementedError
