"""Standardizing many volumes of the scene, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.case_queue import DONE, SKIPPED, Case, CaseQueue, CaseRun
from LiverCoreLib.case_queue import Outcome as CaseOutcome
from LiverCoreLib.job_queue import JobQueue
from LiverCoreScene.refusal import require
from LiverCoreScene.standardized import is_standardized, source_of
from LiverCoreScene.volume_case import VolumeCase
from LiverCoreScene.volumes import is_map
from LiverStandardizeLib.standardize_options import StandardizeOptions

from . import readiness
from .run import AlreadyTarget, StandardizationRun
from .stated import is_left_out, stated_protocol


@dataclass(frozen=True)
class VolumeOutcome(CaseOutcome):
    """What became of a volume. protocol: what it was taken for. result: name of the volume that came of it.
    error: also why it was skipped.
    """

    protocol: str = ""
    result: str = ""


class Batch(CaseQueue):
    """Standardizations under way; its outcomes are VolumeOutcomes."""

    OUTCOME = VolumeOutcome


def offered_volumes() -> list:
    """The volumes of the scene that may be standardized, in the scene's order; results are none of them."""
    return [volume for volume in _shown_volumes() if not why_left_out(volume)]


def volumes_to_standardize() -> list:
    """Those of them that the user has not unticked."""
    return [volume for volume in offered_volumes() if not is_left_out(volume)]


def left_out_volumes() -> list:
    """The other volumes of the scene, each with the reason."""
    return [(volume, why_left_out(volume)) for volume in _shown_volumes() if why_left_out(volume)]


def why_left_out(volume: Any) -> str:
    """Why a volume is not offered, in one sentence; empty if it is."""
    if is_standardized(volume):
        return _("{name} is a standardized CT.").format(name=volume.GetName())
    if is_map(volume):
        return _("{name} is no CT.").format(name=volume.GetName())
    return readiness.why_no_volume(volume)


def volumes_batch(
    volumes: Sequence[Any], options: StandardizeOptions, target: str, queue: JobQueue, *, redo: bool
) -> Batch:
    """The volumes under way; each gets a new volume beside it.

    options: the protocol of each is what was stated for it. target: the protocol that the model makes. redo:
    standardize again what has a standardized volume in the scene; otherwise it is skipped.
    """
    runs = _Runs(options, target, queue)
    return Batch([_case(volume.GetID(), volume.GetName(), runs, redo) for volume in volumes])


def _shown_volumes() -> list:
    volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return [volume for volume in volumes if not volume.GetHideFromEditors()]


def _case(volume_id: str, name: str, runs: _Runs, redo: bool) -> Case:
    def start() -> CaseRun | CaseOutcome:
        volume = slicer.mrmlScene.GetNodeByID(volume_id)
        require(_("The volume was removed before its turn.") if volume is None else "")
        earlier = None if redo else _earlier(volume)
        if earlier is not None:
            why = _("Its result was there.")
            return VolumeOutcome(name, SKIPPED, result=earlier.GetName(), error=why)
        return runs.start(volume)

    return Case(name, start)


def _earlier(volume: Any) -> Any:
    """A standardized volume that was made of a volume; None without one."""
    return next((one for one in _shown_volumes() if source_of(one) is volume), None)


@dataclass(frozen=True)
class _Runs:
    """How all volumes of a batch are standardized."""

    options: StandardizeOptions
    target: str
    queue: JobQueue

    def start(self, volume: Any) -> _Standardization:
        require(readiness.why_no_volume(volume))
        options = replace(self.options, protocol=stated_protocol(volume) or "auto")
        run = StandardizationRun(volume, options, self.target, None, self.queue)
        return _Standardization(volume.GetName(), run)


class _Standardization(VolumeCase):
    """One volume on its way."""

    def result(self) -> VolumeOutcome:
        error = self._run.error
        if isinstance(error, AlreadyTarget):
            return VolumeOutcome(self._name, SKIPPED, protocol=error.details["target"], error=str(error))
        if error is not None:
            raise error
        node, report = self._run.outcome.node, self._run.outcome.report
        return VolumeOutcome(
            self._name,
            DONE,
            self._run.outcome.seconds,
            tuple(report["warnings"]),
            protocol=report["detection"]["name"],
            result=node.GetName(),
        )
