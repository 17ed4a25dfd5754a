"""A run on the voxels of one volume."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import slicer

from LiverCoreLib.errors import Cancelled, LiverCNNError

from . import volumes
from .scene_run import SceneRun


class VolumeChanged(LiverCNNError):
    """The voxels of the input changed meanwhile. Id: ``volume-changed``."""

    id = "volume-changed"


class VolumeRun(SceneRun):
    """Base of runs whose worker reads a volume: it ends when that gets other voxels."""

    CHANGED = ""
    """What to tell the user then: a sentence, translated."""

    def __init__(self, volume: Any, node_ids: Collection[str]) -> None:
        """node_ids: of the other nodes without which the run makes no sense."""
        self._volume_id = volume.GetID()
        self._voxels, self._volume_changed = volumes.voxels_state(volume), False
        super().__init__({volume.GetID(), *node_ids})

    @property
    def volume(self) -> Any:
        """The volume; None if it was removed."""
        return slicer.mrmlScene.GetNodeByID(self._volume_id)

    def _watch_voxels(self) -> None:
        """To be called at each step: the voxels are read while the file is written."""
        volume = self.volume
        if volume is not None and not self._cancelled and volumes.voxels_state(volume) != self._voxels:
            self._volume_changed = True
            self.cancel()

    def _refuse_if_cancelled(self) -> None:
        """Raise Cancelled where it came too late for the work, and in time for the scene."""
        if self._cancelled:
            raise Cancelled()

    def _cancellation(self, cancelled: Cancelled) -> LiverCNNError:
        return VolumeChanged(self.CHANGED) if self._volume_changed else super()._cancellation(cancelled)
