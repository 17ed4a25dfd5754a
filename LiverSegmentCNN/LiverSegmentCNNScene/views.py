"""What the views are told to show: the place of a part that was removed, and surfaces in 3D."""

from __future__ import annotations

import time
from typing import Any

import slicer

from . import working_copies
from .working_copies import Mask


def largest_removed(report: dict) -> dict | None:
    """The largest part that post-processing removed, if the report says where it was."""
    parts = [part for part in (report["components"] or {}).get("removed", ()) if "centre_lps_mm" in part]
    return max(parts, key=lambda part: part["volume_ml"], default=None)


def jump_to(mask: Mask, lps_mm: Any) -> None:
    """Centre all slices on a place that the report of a mask names; its CT says where the place is now."""
    ras_mm = (-lps_mm[0], -lps_mm[1], lps_mm[2])
    volume = working_copies.volume_of(mask)
    world_mm = [0.0, 0.0, 0.0]
    (mask.node if volume is None else volume).TransformPointToWorld(ras_mm, world_mm)
    slicer.vtkMRMLSliceNode.JumpAllSlices(
        slicer.mrmlScene, *world_mm, slicer.vtkMRMLSliceNode.CenteredJumpSlice
    )


def has_surface(mask: Mask) -> bool:
    """Whether a CNN mask, or rather its working copy where there is one, is shown in 3D."""
    return _shown(mask).node.GetSegmentation().ContainsRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
    )


def show_surface(mask: Mask) -> float:
    """Show a CNN mask in 3D, or in its place its working copy; gives the seconds that the surface took."""
    began = time.monotonic()
    shown = _shown(mask)
    shown.node.CreateDefaultDisplayNodes()
    shown.node.CreateClosedSurfaceRepresentation()
    shown.node.GetDisplayNode().SetVisibility3D(True)
    shown.node.GetDisplayNode().SetSegmentVisibility3D(shown.segment_id, True)
    if shown != mask and mask.node.GetDisplayNode() is not None:
        mask.node.GetDisplayNode().SetSegmentVisibility3D(mask.segment_id, False)
    return time.monotonic() - began


def hide_surface(mask: Mask) -> None:
    """Remove the surfaces, which would be made anew with each edit."""
    for node in {mask.node, _shown(mask).node}:
        node.RemoveClosedSurfaceRepresentation()


def _shown(mask: Mask) -> Mask:
    return working_copies.find(mask) or mask
