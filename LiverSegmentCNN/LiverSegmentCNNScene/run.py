"""One segmentation of a volume node, from the scene and back into it.

Nodes are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreScene import volumes
from LiverCoreScene.watch import SceneWatch
from LiverSegmentCNNLib.background import BackgroundResult, BackgroundSegmentation
from LiverSegmentCNNLib.options import SegmentOptions

from . import segments
from .replaced import Replaced
from .voxel_views import voxel_view


class SceneChanged(LiverCNNError):
    """Something in the scene does not allow the segmentation. Ids: ``volume-changed``, ``segment-gone``."""

    id = "volume-changed"


@dataclass(frozen=True)
class Target:
    """Where results go. segmentation_id: None makes a new node. segment_id: to replace, empty adds one.
    probability_id: of a volume node for the probability map, or None. raw: whether the mask from before
    post-processing is kept in a segment of its own.
    """

    segmentation_id: str | None = None
    segment_id: str = ""
    probability_id: str | None = None
    raw: bool = False


@dataclass(frozen=True)
class Outcome:
    """What landed. node: the segmentation, None if no liver was found. replaced: for undo, or None.
    raw_segment_id: of the mask before post-processing, empty if it was not asked for.
    """

    node: Any
    segment_id: str
    report: dict
    seconds: float
    replaced: Replaced | None = None
    raw_segment_id: str = ""


class SegmentationRun:
    """A run under way. It ends as cancelled when the scene is closed or one of its nodes is removed.

    Attributes:
        outcome: What landed, once it is done; None before, and after an error.
        error: LiverCNNError that ended it, or None.
    """

    def __init__(self, volume: Any, target: Target, options: SegmentOptions, queue: JobQueue) -> None:
        self.outcome: Outcome | None = None
        self.error: LiverCNNError | None = None
        self._volume_id, self._target = volume.GetID(), target
        self._voxels = _voxels_of(volume)
        self._cancelled, self._why, self._volume_changed = False, "", False
        self._work = BackgroundSegmentation(
            voxel_view(volume),
            options,
            queue,
            Path(slicer.app.temporaryPath),
            probability=target.probability_id is not None,
            raw=target.raw and options.postprocess,
        )
        needed = {volume.GetID(), target.segmentation_id, target.probability_id} - {None}
        self._watch = SceneWatch(needed, self.cancel)

    @property
    def finished(self) -> bool:
        """Whether it is over, one way or another."""
        return self.outcome is not None or self.error is not None

    @property
    def work(self) -> BackgroundSegmentation:
        """The work, for its progress."""
        return self._work

    def cancel(self, why: str = "") -> None:
        """Stop; it is finished at a later poll. why: a sentence for the user who did not ask for it."""
        if not self.finished:
            self._cancelled, self._why = True, self._why or why
            self._work.cancel()

    def poll(self) -> bool:
        """See what has happened, and land the result when it is there. Returns whether it is finished."""
        self._watch_voxels()
        if not self.finished and self._work.poll():
            try:
                result = self._work.outcome()
                if self._cancelled:  # too late for the work, in time for the scene
                    raise Cancelled()
                self.outcome = self._land(result)
            except Cancelled as cancelled:
                self.error = self._cancellation(cancelled)
            except LiverCNNError as error:
                self.error = error
            finally:
                self._watch.end()
        return self.finished

    def wait(self) -> Outcome:
        """Wait for the end; raises the error if there is no outcome. Ctrl+C cancels."""
        with contextlib.suppress(LiverCNNError):  # poll keeps it
            self._work.wait()
        self.poll()
        if self.error is not None:
            raise self.error
        assert self.outcome is not None
        return self.outcome

    def end(self) -> None:
        """Cancel, and wait (at most 2 s or so) until nothing is left of it: for a panel that goes."""
        self.cancel()
        with contextlib.suppress(LiverCNNError):  # nobody is left to be told
            self.wait()

    def _watch_voxels(self) -> None:
        """Cancel when the volume has got other voxels: they are read while the file is written."""
        volume = slicer.mrmlScene.GetNodeByID(self._volume_id)
        if volume is not None and not self._cancelled and _voxels_of(volume) != self._voxels:
            self._volume_changed = True
            self.cancel()

    def _cancellation(self, cancelled: Cancelled) -> LiverCNNError:
        if self._volume_changed:
            return SceneChanged(_("The volume was changed while it was segmented; segment it again."))
        return Cancelled(self._why) if self._why else cancelled

    def _land(self, result: BackgroundResult) -> Outcome:
        volume = slicer.mrmlScene.GetNodeByID(self._volume_id)
        if result.probability is not None:
            probability = slicer.mrmlScene.GetNodeByID(self._target.probability_id)
            volumes.fill_like(probability, volume, result.probability)
            probability.SetAttribute(volumes.PROBABILITY, volume.GetName())
        if result.mask.empty:
            return Outcome(None, "", result.report, result.seconds)
        node = slicer.mrmlScene.GetNodeByID(self._target.segmentation_id or "")
        if node is None:
            node = segments.new_segmentation(volume, _("{name} liver").format(name=volume.GetName()))
        report = {**result.report, "waited_s": result.seconds}
        segment_id, replaced = self._segment(node, report)
        segments.set_mask(node, segment_id, result.mask, volume)
        segments.describe(node, segment_id, report)
        raw_id = "" if result.raw is None else segments.add_raw(node, result.raw, volume, report)
        if replaced is not None:
            replaced.note_landing(node, raw_id)
        return Outcome(node, segment_id, report, result.seconds, replaced, raw_id)

    def _segment(self, node: Any, report: dict) -> tuple:
        segment_id = self._target.segment_id
        if not segment_id:
            raw = not report["provenance"]["parameters"]["postprocess"]
            return segments.add_liver(node, _("liver (raw)") if raw else _("liver")), None
        if node.GetSegmentation().GetSegment(segment_id) is None:
            raise SceneChanged(
                _("The segment to replace was removed meanwhile; choose another one."), id="segment-gone"
            )
        return segment_id, Replaced.of(node, segment_id)


def _voxels_of(volume: Any) -> tuple:
    """What tells whether a volume still has the same voxels: their array, and when it was last changed."""
    image = volume.GetImageData()
    scalars = None if image is None else image.GetPointData().GetScalars()
    return (scalars, None if scalars is None else scalars.GetMTime())
