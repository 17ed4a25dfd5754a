"""The mask of the liver that belongs to a volume, for the table of tissues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.terminology import LIVER
from LiverCoreScene.roles import CORRECTED, POSTPROCESSED, RAW, role_of
from LiverCoreScene.volumes import volume_of_segment

_BEST_FIRST = (CORRECTED, POSTPROCESSED, None, RAW)
"""Roles; None is a segment that somebody drew or loaded, and that is called liver."""


@dataclass(frozen=True)
class LiverMask:
    """A segment."""

    node: Any
    segment_id: str

    @property
    def name(self) -> str:
        """Segmentation and segment, as a user knows them."""
        segment = self.node.GetSegmentation().GetSegment(self.segment_id)
        return _("{segmentation}: {segment}").format(
            segmentation=self.node.GetName(), segment=segment.GetName()
        )

    @property
    def state(self) -> tuple:
        """What tells whether it is still the same mask."""
        segment = self.node.GetSegmentation().GetSegment(self.segment_id)
        labelmap = segment.GetRepresentation("Binary labelmap")
        changed = 0 if labelmap is None else labelmap.GetMTime()
        return (self.node.GetID(), self.segment_id, changed, self.node.GetTransformNodeID())


def find_liver(volumes: list) -> LiverMask | None:
    """The best mask of the liver on one of these volumes; None without one."""
    ids = {volume.GetID() for volume in volumes if volume is not None}
    found: dict = {}
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        for segment_id in node.GetSegmentation().GetSegmentIDs():
            volume = volume_of_segment(node, segment_id)
            if volume is None or volume.GetID() not in ids or not _is_liver(node, segment_id):
                continue
            found.setdefault(role_of(node, segment_id), LiverMask(node, segment_id))
    return next((found[role] for role in _BEST_FIRST if role in found), None)


def _is_liver(node: Any, segment_id: str) -> bool:
    """Whether a segment is one of ours, or is called liver."""
    name = node.GetSegmentation().GetSegment(segment_id).GetName()
    return role_of(node, segment_id) is not None or name.strip().lower() == LIVER.name.lower()
