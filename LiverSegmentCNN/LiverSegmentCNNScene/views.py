"""What the views are told to show: the place of a part that was removed, and surfaces in 3D."""

from __future__ import annotations

import time
from typing import Any

import slicer


def largest_removed(report: dict) -> dict | None:
    """The largest part that post-processing removed, if the report says where it was."""
    parts = [part for part in (report["components"] or {}).get("removed", ()) if "centre_lps_mm" in part]
    return max(parts, key=lambda part: part["volume_ml"], default=None)


def jump_to(node: Any, lps_mm: Any) -> None:
    """Centre all slices on a place that a report names.

    node: the segmentation that the report is about; the CT on whose grid it is says where the place is now.
    """
    ras_mm = (-lps_mm[0], -lps_mm[1], lps_mm[2])
    volume = node.GetNodeReference(slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole())
    world_mm = [0.0, 0.0, 0.0]
    (node if volume is None else volume).TransformPointToWorld(ras_mm, world_mm)
    slicer.vtkMRMLSliceNode.JumpAllSlices(
        slicer.mrmlScene, *world_mm, slicer.vtkMRMLSliceNode.CenteredJumpSlice
    )


def has_surface(node: Any) -> bool:
    """Whether a segmentation is shown in 3D."""
    return node.GetSegmentation().ContainsRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
    )


def show_surface(node: Any) -> float:
    """Make the surfaces of a segmentation and show them in 3D; gives the seconds that it took."""
    began = time.monotonic()
    node.CreateDefaultDisplayNodes()
    node.CreateClosedSurfaceRepresentation()
    node.GetDisplayNode().SetVisibility3D(True)
    return time.monotonic() - began


def hide_surface(node: Any) -> float:
    """Remove the surfaces of a segmentation, which would be made anew with each edit; gives the seconds."""
    began = time.monotonic()
    node.RemoveClosedSurfaceRepresentation()
    return time.monotonic() - began
