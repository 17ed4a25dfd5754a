"""A segment as it was before its mask was replaced, and how it gets that mask back.

Undo gives back the mask from before Apply, whatever was done to the segment since, and says whether anything
was. Slicer's segment editor, where it works on the segmentation, keeps a state for its own undo before each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from LiverCoreScene.roles import FINGERPRINT, REPORT, ROLE
from LiverCoreScene.volumes import VOLUME

from . import segments

GONE, RESTORED, RESTORED_OVER_EDITS = "gone", "restored", "restored-over-edits"
"""What came of taking a replacement back."""


class Replaced:
    """What is needed to take a replacement back."""

    def __init__(self, node: Any, segment_id: str, labelmap: Any, attributes: dict, volume_id: Any) -> None:
        self._node_id, self._segment_id = node.GetID(), segment_id
        self._labelmap, self._attributes, self._volume_id = labelmap, attributes, volume_id
        self._landed: Any = None
        self._raw_id = ""

    @classmethod
    def of(cls, node: Any, segment_id: str) -> Replaced:
        """Remember a segment that is about to be replaced."""
        _save_for_editor(node)
        names = [f"{kind}.{segment_id}" for kind in (ROLE, REPORT, FINGERPRINT, VOLUME)]
        attributes = {name: node.GetAttribute(name) for name in names}
        volume_id = node.GetNodeReferenceID(f"{VOLUME}.{segment_id}")
        return cls(node, segment_id, _labelmap(node, segment_id), attributes, volume_id)

    def note_landing(self, node: Any, raw_id: str) -> None:
        """Remember what came in its place. raw_id: of a raw mask that was added beside it, or empty."""
        self._landed, self._raw_id = _labelmap(node, self._segment_id), raw_id

    def restore(self) -> str:
        """Take the replacement back; gives one of GONE, RESTORED, RESTORED_OVER_EDITS."""
        node = slicer.mrmlScene.GetNodeByID(self._node_id)
        if node is None or node.GetSegmentation().GetSegment(self._segment_id) is None:
            return GONE
        edited = not _same(_labelmap(node, self._segment_id), self._landed)
        _save_for_editor(node)
        segments.set_labelmap(node, self._segment_id, self._labelmap)
        for name, value in self._attributes.items():
            node.SetAttribute(name, value)
        node.SetNodeReferenceID(f"{VOLUME}.{self._segment_id}", self._volume_id)
        if self._raw_id:
            node.GetSegmentation().RemoveSegment(self._raw_id)
        return RESTORED_OVER_EDITS if edited else RESTORED


def _labelmap(node: Any, segment_id: str) -> Any:
    labelmap = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    return labelmap


def _same(one: Any, other: Any) -> bool:
    """Whether two labelmaps have the same voxels set; how much background is around them does not matter."""
    if one.IsEmpty() or other.IsEmpty():
        return one.IsEmpty() == other.IsEmpty()
    both = [_box(labelmap) for labelmap in (one, other)]
    return both[0][1] == both[1][1] and np.array_equal(both[0][0], both[1][0])


def _box(labelmap: Any) -> tuple:
    """The smallest box with all voxels that are set, and where it starts."""
    extent = labelmap.GetExtent()
    shape = tuple(extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0))
    box = segments.MaskBox.of(vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(shape))
    return box.values, tuple(first + extent[2 * axis] for first, axis in zip(box.start, (2, 1, 0)))


def _save_for_editor(node: Any) -> None:
    """Let Slicer's segment editor, if it works on a segmentation, keep its state for undo."""
    module = getattr(slicer.modules, "SegmentEditorWidget", None)  # is there once the module was opened
    if module is not None and module.editor.segmentationNode() is node:
        module.editor.saveStateForUndo()
