"""Working copies of CNN masks: what a person corrects, while the CNN mask stays as it is.

A copy lies alone in a segmentation node of its own. Beside the CNN mask it would share the reach of effects
that work on all visible segments (Fill between slices, Smoothing) and of the editor's undo, which takes a
whole segmentation back and would remove masks that landed there meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreScene.roles import CORRECTED, FINGERPRINT, POSTPROCESSED, RAW, ROLE, role_of
from LiverCoreScene.volumes import volume_of_segment

from . import segments

PARENT, PARENT_SEGMENT = "LiverCNN.Parent", "LiverCNN.ParentSegment"
"""Node reference from a copy's node to that of the CNN mask, and attribute with the segment's ID there."""
PARENT_FINGERPRINT = "LiverCNN.ParentFingerprint"
"""Attribute of a copy's node: that of the CNN mask when it was copied."""
SECONDS_SPENT = "LiverCNN.SecondsCorrecting"
COLOUR = (255, 196, 96)  # of the liver's family (221, 130, 101), and told from it at a glance


@dataclass(frozen=True)
class Mask:
    """A segment and the segmentation node it is in."""

    node: Any
    segment_id: str

    @property
    def segment(self) -> Any:
        """The vtkSegment; None if it is gone."""
        return self.node.GetSegmentation().GetSegment(self.segment_id)


def network_masks() -> list:
    """The CNN masks in the scene, raw and post-processed."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return [mask for node in nodes for mask in network_masks_in(node)]


def network_masks_in(node: Any) -> list:
    """The CNN masks in a segmentation node."""
    found = [Mask(node, segment_id) for segment_id in node.GetSegmentation().GetSegmentIDs()]
    return [mask for mask in found if role_of(node, mask.segment_id) in (RAW, POSTPROCESSED)]


def volume_of(mask: Mask) -> Any:
    """The volume node that a mask was made on; None if it was removed."""
    return volume_of_segment(mask.node, mask.segment_id)


def why_not(mask: Mask) -> str:
    """Why a mask cannot be corrected, in one sentence; empty if it can."""
    if mask not in network_masks():
        return _("This is no CNN mask; choose one.")
    if volume_of(mask) is None:
        return _("The CT of this mask was removed; load it, and segment it again.")
    return ""


def find(parent: Mask) -> Mask | None:
    """The working copy of a CNN mask; None if there is none."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetNodeReferenceID(PARENT) == parent.node.GetID():
            for segment_id in node.GetSegmentation().GetSegmentIDs():
                copy = Mask(node, segment_id)
                if role_of(node, segment_id) == CORRECTED and parent_of(copy) == parent:
                    return copy
    return None


def parent_node(copy: Mask) -> Any:
    """The segmentation node of the CNN mask that a working copy was made of; None if it was removed."""
    return copy.node.GetNodeReference(PARENT)


def parent_of(copy: Mask) -> Mask | None:
    """The CNN mask that a working copy was made of; None if it was removed."""
    node = parent_node(copy)
    segment_id = copy.node.GetAttribute(PARENT_SEGMENT)
    if node is None or not segment_id or node.GetSegmentation().GetSegment(segment_id) is None:
        return None
    return Mask(node, segment_id)


def make(parent: Mask) -> Mask:
    """Make the working copy of a CNN mask, which from now on is shown as an outline."""
    name = _("{name} (corrected)")
    node = segments.new_segmentation(volume_of(parent), name.format(name=parent.node.GetName()))
    node.SetAndObserveTransformNodeID(parent.node.GetTransformNodeID())
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_of(parent))
    segment_id = segments.add_liver(node, name.format(name=parent.segment.GetName()))
    copy = Mask(node, segment_id)
    copy.segment.SetColor([part / 255 for part in COLOUR])
    start_again(copy, parent)
    node.SetAttribute(f"{ROLE}.{segment_id}", CORRECTED)
    node.SetNodeReferenceID(PARENT, parent.node.GetID())
    node.SetAttribute(PARENT_SEGMENT, parent.segment_id)
    if parent.node.GetDisplayNode() is not None:
        parent.node.GetDisplayNode().SetSegmentVisibility2DFill(parent.segment_id, False)
    return copy


def start_again(copy: Mask, parent: Mask) -> None:
    """Put the CNN mask into its working copy, in the place of what is there."""
    segments.copy_mask(parent.node, parent.segment_id, copy.node, copy.segment_id)
    copy.node.SetAttribute(PARENT_FINGERPRINT, _fingerprint(parent))


def was_replaced(parent: Mask, copy: Mask) -> bool:
    """Whether another CNN mask has landed in the place of the one that the copy was made of."""
    kept = copy.node.GetAttribute(PARENT_FINGERPRINT)
    return kept is not None and kept != _fingerprint(parent)


def _fingerprint(parent: Mask) -> str | None:
    """Of the CNN mask as it landed."""
    return parent.node.GetAttribute(f"{FINGERPRINT}.{parent.segment_id}")


def seconds_spent(copy: Mask) -> float:
    """For how long the copy has been corrected, as its node keeps it."""
    return float(copy.node.GetAttribute(f"{SECONDS_SPENT}.{copy.segment_id}") or 0)


def add_seconds_spent(copy: Mask, seconds: float) -> None:
    """Count time; silently, so that an editor does not start anew with each second."""
    total = seconds_spent(copy) + seconds
    was_silent = copy.node.GetDisableModifiedEvent()
    copy.node.SetDisableModifiedEvent(1)
    copy.node.SetAttribute(f"{SECONDS_SPENT}.{copy.segment_id}", f"{total:.2f}")
    copy.node.SetDisableModifiedEvent(was_silent)
