"""Whether a fat fraction can be measured, as one sentence for the user."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene import masks, volumes

_UNITS_OF_UCUM = {"%": "percent", "[ppth]": "permille"}


def why_not(volume: Any, segmentation: Any, segment_id: str) -> str:
    """Why a map cannot be measured inside a segment; empty if it can."""
    return _why_no_map(volume) or _why_no_mask(segmentation, segment_id)


def units_of(volume: Any) -> str:
    """The units that the map's node states (UCUM), as ``LiverMetricsLib.pdff_units`` calls them, or empty."""
    entry = volume.GetVoxelValueUnits()
    return _UNITS_OF_UCUM.get(entry.GetCodeValue(), "") if entry is not None else ""


def _why_no_map(volume: Any) -> str:
    if volume is None:
        return _("Choose the fat-fraction map.")
    if volume.IsA("vtkMRMLLabelMapVolumeNode") or volume.IsA("vtkMRMLVectorVolumeNode"):
        return _("{name} is no fat-fraction map; choose one.").format(name=volume.GetName())
    if not volumes.has_voxels(volume):
        return _("{name} holds no 3-D image; choose a whole map.").format(name=volume.GetName())
    found = volumes.modality_of(volume)
    if found not in (None, "MR"):
        return _("{name} is {found}, and a fat-fraction map comes from MR; choose it.").format(
            name=volume.GetName(), found=found
        )
    try:
        masks.grid_of_label(volume)
    except masks.UnreadableSegment as error:
        return str(error)
    return ""


def _why_no_mask(segmentation: Any, segment_id: str) -> str:
    if segmentation is None:
        return _("Choose the segmentation that holds the liver.")
    if not segment_id:
        return _("Choose the segment that holds the liver.")
    try:
        grid = masks.grid_of_segment(segmentation, segment_id)
    except masks.UnreadableSegment as error:
        return str(error)
    return _("The segment is empty; choose the one that holds the liver.") if grid is None else ""
