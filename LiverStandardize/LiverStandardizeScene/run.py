"""One standardization of a volume node, from the scene and back into it.

Nodes are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreScene.thread_work import ThreadWork
from LiverCoreScene.volume_run import VolumeRun
from LiverCoreScene.voxel_images import vtk_image
from LiverCoreScene.voxel_views import voxel_view
from LiverStandardizeLib.background import BackgroundStandardization, BackgroundStandardized
from LiverStandardizeLib.standardize_options import StandardizeOptions

from .look import Look, look
from .result_node import land
from .scan import scan_of

_LOOKED = 0.02  # of the whole


class AlreadyTarget(LiverCNNError):
    """The volume is of the target protocol. Id: ``already-target``."""

    id = "already-target"


@dataclass(frozen=True)
class Outcome:
    """What landed. node: the standardized volume. report: as ``livercnn standardize`` writes it, with
    ``waited_s``, the seconds from start to end.
    """

    node: Any
    report: dict
    seconds: float


class StandardizationRun(VolumeRun):
    """A standardization under way; its outcome is an Outcome."""

    CHANGED = _("The volume was changed while it was standardized; standardize it again.")

    def __init__(
        self, volume: Any, options: StandardizeOptions, target: str, output: Any, queue: JobQueue
    ) -> None:
        """options: its protocol is what the user states, or "auto". target: what the model makes.
        output: the volume that is replaced, or None for a new one.
        """
        self._options, self._target, self._queue = options, target, queue
        self._output_id = "" if output is None else output.GetID()
        scan, stated = scan_of(volume), "" if options.protocol == "auto" else options.protocol
        self._looking: ThreadWork | None = ThreadWork(lambda: look(scan, stated, target, options.force))
        self._work: BackgroundStandardization | None = None
        self._copying: ThreadWork | None = None
        super().__init__(volume, {self._output_id} - {""})

    @property
    def fraction(self) -> float:
        """How far it is, 0 to 1."""
        return 0.0 if self._work is None else _LOOKED + (1 - _LOOKED) * self._work.fraction

    @property
    def message(self) -> str:
        """With what."""
        return "looking at the volume" if self._work is None else self._work.message

    def seconds_left(self) -> float | None:
        """About how long it is going to take; None while that is anybody's guess."""
        return None if self._work is None else self._work.seconds_left()

    def _stop(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _let_go(self) -> None:
        for thread in (self._looking, self._copying):
            if thread is not None:
                thread.end()

    def _advance(self) -> None:
        self._watch_voxels()
        if self._looking is not None:
            if self._looking.poll():
                self._start(self._looking.outcome())
                self._looking = None
        elif self._copying is None:
            if self._work.poll():
                self._copy(self._work.outcome())
        elif self._copying.poll():
            self._refuse_if_cancelled()
            self.outcome = self._land(self._copying.outcome(), self._work.outcome())

    def _start(self, seen: Look) -> None:
        self._refuse_if_cancelled()
        if seen.error is not None:
            raise seen.error
        volume = self.volume
        if seen.is_of(self._target) and not self._options.force:
            raise AlreadyTarget(
                _("{name} is {target} already; it needs no standardization, unless you ask for it.").format(
                    name=volume.GetName(), target=self._target
                ),
                target=self._target,
            )
        self._work = BackgroundStandardization(
            voxel_view(volume),
            self._options,
            self._queue,
            Path(slicer.app.temporaryPath),
            detection=seen.headers,
        )

    def _copy(self, result: BackgroundStandardized) -> None:
        self._refuse_if_cancelled()
        values = result.values
        self._copying = ThreadWork(lambda: vtk_image(values))

    def _land(self, voxels: Any, result: BackgroundStandardized) -> Outcome:
        volume = self.volume
        output = slicer.mrmlScene.GetNodeByID(self._output_id) if self._output_id else None
        report = {**result.report, "waited_s": result.seconds}
        return Outcome(land(voxels, volume, report, output), report, result.seconds)
