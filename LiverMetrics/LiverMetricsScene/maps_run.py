"""Maps of where a test and the reference differ under way, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.jobs import JobRunner
from LiverMetricsLib.agreement import AgreementMaps
from LiverMetricsLib.compare_job import read_maps

from .compare_masks import Mask, image_of
from .maps_overlay import show_overlay
from .maps_surface import show_surface, smooth_normals
from .mask_run import MaskRun


class OverlayRun(MaskRun):
    """Where the masks differ, as a segmentation; its outcome is the node."""

    TASK, FAMILY = "agreement", "voxel"

    def __init__(
        self, reference: Mask, test: Mask, runner: JobRunner, *, resample: bool = False, node: Any = None
    ) -> None:
        """node: the one to fill again, or None for a new one."""
        super().__init__([reference, test], runner)
        self._geometry = "resample" if resample else "strict"
        self._node_id = None if node is None else node.GetID()

    def _write(self, folder: Path, files: list) -> Mapping[str, Any]:
        return {
            "reference": files[0],
            "test": files[1],
            "folder": str(folder),
            "options": {"family": self.FAMILY, "geometry": self._geometry},
        }

    def _read(self, folder: Path, result: dict) -> AgreementMaps:
        return read_maps(folder, tuple(result["warnings"]))

    def _land(self, maps: AgreementMaps) -> Any:
        reference, test = self._masks
        name = _("{test}: differences").format(test=test.segment_name)
        node = show_overlay(self._node_to_fill(), maps.labelmap, name)
        for mask in self._masks:
            _leave_outline(mask)
        image = image_of(reference)
        if image is not None:
            node.SetReferenceImageGeometryParameterFromVolumeNode(image)
        _put_in_folder_of(node, image if image is not None else reference.node)
        return node

    def _node_to_fill(self) -> Any:
        return slicer.mrmlScene.GetNodeByID(self._node_id) if self._node_id else None


class SurfaceRun(OverlayRun):
    """The test's surface coloured by distance, as a model; its outcome is the node."""

    FAMILY = "mesh"

    def __init__(self, *masks: Any, signed: bool = True, **rest: Any) -> None:
        super().__init__(*masks, **rest)
        self._signed = signed

    def _read(self, folder: Path, result: dict) -> tuple:
        maps = super()._read(folder, result)
        return maps.on_test, smooth_normals(maps.on_test)

    def _land(self, surface: tuple) -> Any:
        reference, test = self._masks
        name = _("{test}: distance to the reference").format(test=test.segment_name)
        node = show_surface(self._node_to_fill(), *surface, name, self._signed)
        image = image_of(reference)
        _put_in_folder_of(node, image if image is not None else reference.node)
        return node


def _leave_outline(mask: Mask) -> None:
    """Show a segmentation by its outline alone in slices: its filling would hide the colours of the map."""
    display = mask.node.GetDisplayNode()
    if display is not None and not mask.is_label:
        display.SetVisibility2DFill(False)


def _put_in_folder_of(node: Any, other: Any) -> None:
    """Into the same folder of the hierarchy, but not under its transform: maps are in world millimetres."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(node)
    parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(other))
    if item and parent:
        hierarchy.SetItemParent(item, parent)
