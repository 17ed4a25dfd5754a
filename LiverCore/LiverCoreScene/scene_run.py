"""Work of a panel that takes nodes of the scene and lands its outcome there: its life, from start to end.

Nodes are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection
from typing import Any

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_errors import reported_error
from LiverCoreLib.worker import describe_error

from .watch import SceneWatch

_WAIT_S = 0.02


class SceneRun:
    """Base of all runs. It ends as cancelled when the scene is closed or one of its nodes is removed.

    A run says what its next step is, how its work is stopped, and what is to be let go at the end.

    Attributes:
        outcome: What landed, once it is done; None before, and after an error.
        error: LiverCNNError that ended it, or None.
    """

    def __init__(self, node_ids: Collection[str]) -> None:
        """node_ids: of the nodes without which the run makes no sense."""
        self.outcome: Any = None
        self.error: LiverCNNError | None = None
        self._cancelled, self._why = False, ""
        self._watch = SceneWatch(node_ids, self.cancel)

    def _advance(self) -> None:
        """Take the next step, without waiting; sets ``outcome`` in the end. Raises LiverCNNError."""
        raise NotImplementedError

    def _stop(self) -> None:
        """Tell the work that nobody wants it any more. ``_advance`` raises Cancelled at a later poll."""

    def _let_go(self) -> None:
        """The run is over: let go of what it held."""

    def _cancellation(self, cancelled: Cancelled) -> LiverCNNError:
        """The error of a run that was cancelled."""
        return Cancelled(self._why) if self._why else cancelled

    @property
    def finished(self) -> bool:
        """Whether it is over, one way or another."""
        return self.outcome is not None or self.error is not None

    def cancel(self, why: str = "") -> None:
        """Stop; it is finished at a later poll. why: a sentence for the user who did not ask for it."""
        if not self.finished:
            self._cancelled, self._why = True, self._why or why
            self._stop()

    def poll(self) -> bool:
        """See what has happened, and land the result when it is there. Returns whether it is finished."""
        if self.finished:
            return True
        try:
            self._advance()
        except Cancelled as cancelled:
            self.error = self._cancellation(cancelled)
        except LiverCNNError as error:
            self.error = error
        except BaseException as fault:  # ours: shown as such, once, for the run is over
            self.error = reported_error(describe_error(fault))
            raise
        finally:
            if self.finished:
                self._watch.end()
                self._let_go()
        return self.finished

    def wait(self) -> Any:
        """Wait for the end; gives the outcome, or raises the error if there is none. Ctrl+C cancels."""
        try:
            while not self.poll():
                time.sleep(_WAIT_S)
        except KeyboardInterrupt:
            self.end()
            raise
        if self.error is not None:
            raise self.error
        return self.outcome

    def end(self) -> None:
        """Cancel, and wait (at most 2 s or so) until nothing is left of it: for a panel that goes."""
        self.cancel()
        with contextlib.suppress(LiverCNNError):  # nobody is left to be told
            self.wait()
