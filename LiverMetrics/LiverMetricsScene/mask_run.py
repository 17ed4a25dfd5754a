"""Work on masks of the scene under way: copied in the window's thread, measured in a worker.

Masks are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import SimpleITK as sitk
import slicer
from slicer.i18n import tr as _

from LiverCoreLib.background_work import BackgroundWork
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_errors import reported_error
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreLib.worker import describe_error
from LiverCoreScene import fingerprints
from LiverCoreScene.masks import MaskCopy, UnreadableSegment
from LiverCoreScene.watch import SceneWatch

from .compare_masks import Mask

_WAIT_S = 0.02


class MaskRun:
    """Base of runs. It ends as cancelled when the scene is closed or the node of a mask is removed.

    One mask is copied in each poll, so that none of them keeps the window waiting for long.

    Attributes:
        outcome: What landed, once it is done; None before, and after an error.
        error: LiverCNNError that ended it, or None.
    """

    TASK = ""

    def __init__(self, masks: list, runner: JobRunner) -> None:
        """masks: Those that the worker needs, each once."""
        self.outcome: Any = None
        self.error: LiverCNNError | None = None
        self._masks, self._runner = list(masks), runner
        self._copies: list = []
        self._fingerprints: list = []  # of the masks as they were taken out of the scene
        self._work: BackgroundWork | None = None
        self._cancelled, self._why = False, ""
        self._watch = SceneWatch({mask.node_id for mask in self._masks}, self.cancel)

    def _write(self, folder: Path, files: list) -> Mapping[str, Any]:
        """In a thread: the task's arguments. files: paths of the masks, in their order."""
        raise NotImplementedError

    def _read(self, folder: Path, result: dict) -> Any:
        """In a thread: what the task left."""
        raise NotImplementedError

    def _land(self, result: Any) -> Any:
        """Put the result into the scene; gives the outcome."""
        raise NotImplementedError

    @property
    def finished(self) -> bool:
        """Whether it is over, one way or another."""
        return self.outcome is not None or self.error is not None

    @property
    def fraction(self) -> float:
        """How far it is, 0 to 1."""
        return self._work.fraction if self._work is not None else 0.0

    @property
    def message(self) -> str:
        """What is being done."""
        return self._work.message if self._work is not None else "taking over the masks"

    def seconds_left(self) -> float | None:
        """About how long it is going to take; None while that is anybody's guess."""
        return self._work.seconds_left() if self._work is not None else None

    def cancel(self, why: str = "") -> None:
        """Stop; it is finished at a later poll. why: a sentence for the user who did not ask for it."""
        if not self.finished:
            self._cancelled, self._why = True, self._why or why
            if self._work is not None:
                self._work.cancel()

    def poll(self) -> bool:
        """See what has happened, and land the result when it is there. Returns whether it is finished."""
        if self.finished:
            return True
        try:
            self._advance()
        except Cancelled as cancelled:
            self.error = Cancelled(self._why) if self._why else cancelled
        except LiverCNNError as error:
            self.error = error
        except BaseException as fault:  # ours: shown as such, once, for the run is over
            self.error = reported_error(describe_error(fault))
            raise
        finally:
            if self.finished:
                self._watch.end()
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

    def _advance(self) -> None:
        if self._work is None:
            if self._cancelled:
                raise Cancelled()
            if len(self._copies) < len(self._masks):
                self._copies.append(self._copy(self._masks[len(self._copies)]))
            else:
                self._start()
        elif self._work.poll():
            result = self._work.outcome()
            if self._cancelled:  # too late for the work, in time for the scene
                raise Cancelled()
            self._check_masks()
            self.outcome = self._land(result)

    def _copy(self, mask: Mask) -> tuple:
        if not mask.is_there:
            raise UnreadableSegment(_("The segment is gone; choose another one."))
        return mask.copy(), mask.grid() is not None

    def _start(self) -> None:
        copies = _on_a_grid(self._copies)
        self._copies = []

        def write(folder: Path) -> Mapping[str, Any]:
            self._fingerprints = [fingerprints.of_copy(copy) for copy in copies]
            return self._write(folder, [_write_mask(copy, folder, n) for n, copy in enumerate(copies)])

        folder = Path(slicer.app.temporaryPath)
        self._work = BackgroundWork(self.TASK, write, self._read, JobQueue(self._runner), folder)

    def _check_masks(self) -> None:
        if not all(mask.is_there for mask in self._masks):
            raise UnreadableSegment(_("A segment was removed while it was compared; compare again."))


def _on_a_grid(copies: list) -> list:
    """The copies; one without voxels gets the place of another, so that it can be compared."""
    places = [copy.grid for copy, has_grid in copies if has_grid]
    if not places:
        return [replace(copy, grid=copies[0][0].grid) for copy, _has_grid in copies]
    place = replace(places[0], shape=(1, 1, 1))
    return [copy if has_grid else replace(copy, grid=place) for copy, has_grid in copies]


def _write_mask(copy: MaskCopy, folder: Path, number: int) -> str:
    """Write without compression, which would take longer than the comparison."""
    from LiverCoreLib.output import OutputError

    path = folder / f"mask{number}.nrrd"
    try:
        sitk.WriteImage(copy.image(), str(path), useCompression=False)
    except RuntimeError as error:
        raise OutputError(
            _("A mask could not be handed over through {folder}; check the free space of that disk.").format(
                folder=folder
            ),
            id="write-failed",
            path=str(path),
        ) from error
    return str(path)
