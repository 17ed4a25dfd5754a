"""One segmentation of a volume node, from the scene and back into it.

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
from LiverCoreScene import volumes
from LiverCoreScene.standardized import origin_of
from LiverCoreScene.volume_run import VolumeRun
from LiverCoreScene.voxel_views import voxel_view
from LiverSegmentCNNLib.background import BackgroundResult, BackgroundSegmentation
from LiverSegmentCNNLib.options import SegmentOptions

from . import segments
from .replaced import Replaced


class SegmentGone(LiverCNNError):
    """The segment to replace was removed meanwhile. Id: ``segment-gone``."""

    id = "segment-gone"


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


class SegmentationRun(VolumeRun):
    """A segmentation under way; its outcome is an Outcome."""

    CHANGED = _("The volume was changed while it was segmented; segment it again.")

    def __init__(self, volume: Any, target: Target, options: SegmentOptions, queue: JobQueue) -> None:
        self._target = target
        self._work = BackgroundSegmentation(
            voxel_view(volume),
            options,
            queue,
            Path(slicer.app.temporaryPath),
            probability=target.probability_id is not None,
            raw=target.raw and options.postprocess,
        )
        super().__init__(volume, {target.segmentation_id, target.probability_id} - {None})

    @property
    def fraction(self) -> float:
        """How far it is, 0 to 1."""
        return self._work.fraction

    @property
    def message(self) -> str:
        """With what."""
        return self._work.message

    def seconds_left(self) -> float | None:
        """About how long it is going to take; None while that is anybody's guess."""
        return self._work.seconds_left()

    def _stop(self) -> None:
        self._work.cancel()

    def _advance(self) -> None:
        self._watch_voxels()
        if self._work.poll():
            result = self._work.outcome()
            self._refuse_if_cancelled()
            self.outcome = self._land(result)

    def _land(self, result: BackgroundResult) -> Outcome:
        volume = self.volume
        if result.probability is not None:
            probability = slicer.mrmlScene.GetNodeByID(self._target.probability_id)
            volumes.fill_like(probability, volume, result.probability)
            probability.SetAttribute(volumes.PROBABILITY, volume.GetName())
        if result.mask.empty:
            return Outcome(None, "", result.report, result.seconds)
        node = slicer.mrmlScene.GetNodeByID(self._target.segmentation_id or "")
        if node is None:
            node = segments.new_segmentation(volume, _("{name} liver").format(name=volume.GetName()))
        report = {**result.report, "waited_s": result.seconds, "image": origin_of(volume)}
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
            raise SegmentGone(_("The segment to replace was removed meanwhile; choose another one."))
        return segment_id, Replaced.of(node, segment_id)
