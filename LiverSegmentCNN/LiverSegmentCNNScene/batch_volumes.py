"""Segmenting many volumes of the scene, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.case_queue import SKIPPED, Case, CaseRun
from LiverCoreLib.job_queue import JobQueue
from LiverCoreScene.refusal import require
from LiverCoreScene.roles import POSTPROCESSED, RAW, report_of, role_of
from LiverCoreScene.volume_case import VolumeCase
from LiverCoreScene.volumes import volume_of_segment
from LiverSegmentCNNLib.batch import Batch, CaseOutcome
from LiverSegmentCNNLib.options import SegmentOptions

from . import readiness
from .edited import edited_volume_ml
from .run import SegmentationRun, Target
from .working_copies import Mask


def volumes_to_segment(modality: str) -> list:
    """The volumes of the scene that a model for a modality may be tried on, in the scene's order."""
    return [
        volume
        for volume in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
        if not volume.GetHideFromEditors() and not readiness.why_no_volume(volume, modality)
    ]


def volumes_batch(
    volumes: Sequence[Any], options: SegmentOptions, queue: JobQueue, *, redo: bool, raw: bool
) -> Batch:
    """The volumes under way; each gets a new segmentation node beside it.

    redo: segment again what has a CNN mask in the scene; otherwise it is skipped. raw: keep the mask from
    before post-processing, too.
    """
    runs = _Runs(options, queue, raw)
    return Batch([_case(volume.GetID(), volume.GetName(), runs, redo) for volume in volumes])


def _case(volume_id: str, name: str, runs: _Runs, redo: bool) -> Case:
    def start() -> CaseRun | CaseOutcome:
        volume = slicer.mrmlScene.GetNodeByID(volume_id)
        require(_("The volume was removed before its turn.") if volume is None else "")
        earlier = None if redo else _earlier(volume)
        return earlier if earlier is not None else runs.start(volume)

    return Case(name, start)


def _earlier(volume: Any) -> CaseOutcome | None:
    """The CNN mask that a volume has; None without one."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        for segment_id in node.GetSegmentation().GetSegmentIDs():
            if volume_of_segment(node, segment_id) is not volume:
                continue
            report = report_of(node, segment_id)
            if role_of(node, segment_id) in (RAW, POSTPROCESSED) and report is not None:
                report = _as_it_is_now(report, Mask(node, segment_id))
                return CaseOutcome.reported(volume.GetName(), SKIPPED, report, None, node.GetName())
    return None


def _as_it_is_now(report: dict, mask: Mask) -> dict:
    """The report of a mask; of one that was edited since, with the volume that it has now."""
    volume_ml = edited_volume_ml(mask)
    if volume_ml is None:
        return report
    note = _("The mask was edited since it was segmented; this is its volume now.")
    return {**report, "volume_ml": volume_ml, "components": None, "warnings": [*report["warnings"], note]}


@dataclass(frozen=True)
class _Runs:
    """How all volumes of a batch are segmented."""

    options: SegmentOptions
    queue: JobQueue
    raw: bool

    def start(self, volume: Any) -> _Segmentation:
        run = SegmentationRun(volume, Target(raw=self.raw), self.options, self.queue)
        return _Segmentation(volume.GetName(), run)


class _Segmentation(VolumeCase):
    """One volume on its way into a segmentation node."""

    def result(self) -> CaseOutcome:
        if self._run.error is not None:
            raise self._run.error
        outcome = self._run.outcome
        assert outcome is not None
        mask = "" if outcome.node is None else outcome.node.GetName()
        return CaseOutcome.segmented(self._name, outcome.report, outcome.seconds, mask)
