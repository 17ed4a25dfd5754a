"""Work on masks of the scene under way: copied in the window's thread, measured in a worker.

Masks are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import SimpleITK as sitk
import slicer
from slicer.i18n import tr as _

from LiverCoreLib.background_work import BackgroundWork
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreScene import fingerprints
from LiverCoreScene.masks import MaskCopy, UnreadableSegment
from LiverCoreScene.scene_run import SceneRun

from .compare_masks import Mask


class MaskRun(SceneRun):
    """Base of runs on masks. One is copied in each poll, so that none keeps the window waiting for long."""

    TASK = ""

    def __init__(self, masks: list, runner: JobRunner) -> None:
        """masks: Those that the worker needs, each once."""
        self._masks, self._runner = list(masks), runner
        self._copies: list = []
        self._fingerprints: list = []  # of the masks as they were taken out of the scene
        self._work: BackgroundWork | None = None
        super().__init__({mask.node_id for mask in self._masks})

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

    def _stop(self) -> None:
        if self._work is not None:
            self._work.cancel()

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
