"""The table node of a batch: a row a case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from LiverSegmentCNNLib.batch import CaseOutcome

_NUMBERS = ("volume_ml", "removed_ml", "seconds")


class OutcomeTable:
    """Follows the outcomes of a batch into a table node, which is kept by ID; a removed one is made anew."""

    def __init__(self) -> None:
        self._node_id, self._rows = "", 0

    def follow(self, outcomes: Sequence[CaseOutcome]) -> Any:
        """Bring the node up to date; gives it, or None while there is no outcome."""
        node = slicer.mrmlScene.GetNodeByID(self._node_id)
        if node is not None and self._rows == len(outcomes):
            return node
        if not outcomes:
            return None
        if node is None:
            name = slicer.mrmlScene.GenerateUniqueName(_("Batch of segmentations"))
            node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
            self._node_id = node.GetID()
        with slicer.util.NodeModify(node):
            _fill(node, outcomes)
        self._rows = len(outcomes)
        return node


def _columns() -> list:
    """Key, title and description of each column."""
    return [
        ("case", _("Case"), _("The volume, or the scan's name in its folder")),
        (
            "status",
            _("Status"),
            _(
                "done; no-liver: segmented, and no liver was found; skipped: its result was there; failed: "
                "see the error; cancelled: while it was segmented; not-run: cancelled before its turn"
            ),
        ),
        ("volume_ml", _("Volume (mL)"), _("Millilitres: voxels of the mask times the volume of a voxel")),
        ("removed_ml", _("Removed (mL)"), _("Millilitres that post-processing took away")),
        ("seconds", _("Time (s)"), _("Seconds that the segmentation took")),
        ("mask", _("Mask"), _("The segmentation in the scene, or its file")),
        ("warnings", _("Warnings"), _("What to look at before using the mask")),
        ("error", _("Error"), _("Why it failed, and what to do")),
    ]


def _fill(node: Any, outcomes: Sequence[CaseOutcome]) -> None:
    node.RemoveAllColumns()
    for key, title, description in _columns():
        array = vtk.vtkDoubleArray() if key in _NUMBERS else vtk.vtkStringArray()
        array.SetName(key)
        for outcome in outcomes:
            array.InsertNextValue(_value(getattr(outcome, key), key))
        node.AddColumn(array)
        node.SetColumnTitle(key, title)
        node.SetColumnDescription(key, description)
    node.SetUseColumnTitleAsColumnHeader(True)


def _value(value: Any, key: str) -> Any:
    if key in _NUMBERS:
        return math.nan if value is None else round(value, 1)
    return " ".join(value) if isinstance(value, tuple) else value
