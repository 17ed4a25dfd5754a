"""The comparisons of a scene as one table: the rows of a cohort."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _

from .compare_table import RESULT_ATTRIBUTE, image_id_of, read_outcome
from .report_input import TableRows
from .table_nodes import column_array

COLLECTION_ATTRIBUTE = "LiverCNN.Collection"


def comparisons_in_scene() -> list:
    """The tables that Compare has written, in the order of the scene."""
    nodes = slicer.util.getNodesByClass("vtkMRMLTableNode")
    return [node for node in nodes if node.GetAttribute(RESULT_ATTRIBUTE)]


def why_no_collection() -> str:
    """Why there is nothing to collect; empty if there is something."""
    if comparisons_in_scene():
        return ""
    return _("There is no comparison in the scene; make one in Compare for each patient.")


def collection_in_scene() -> Any:
    """The table that was collected before, or None."""
    nodes = slicer.util.getNodesByClass("vtkMRMLTableNode")
    return next((node for node in nodes if node.GetAttribute(COLLECTION_ATTRIBUTE)), None)


def collect(node: Any = None) -> Any:
    """Rows of all comparisons of the scene in one table node: the one given, or a new one.

    What was compared more than once counts once, as it was compared last. Images of one name are told apart
    by a number: they would be one patient otherwise.
    """
    rows = _rows(comparisons_in_scene())
    if node is None:
        name = slicer.mrmlScene.GenerateUniqueName(_("Collected comparisons"))
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
        node.SetAttribute(COLLECTION_ATTRIBUTE, "1")
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        for name in dict.fromkeys(name for row in rows for name in row):
            values = [row.get(name) for row in rows]
            text = any(isinstance(value, str) for value in values)
            node.AddColumn(column_array(name, values, text=text))
        node.SetUseColumnTitleAsColumnHeader(True)
    return node


def _rows(tables: list) -> list:
    images: dict = {}  # IDs of the images that have a name
    rows: dict = {}
    for table in tables:
        outcome = read_outcome(table)
        for number, row in enumerate(TableRows(table)()):
            if "case" in row:
                row["case"] = _told_apart(row["case"], image_id_of(table), images)
            pair = (table.GetID(), number) if outcome is None else (outcome.reference, outcome.tests[number])
            rows.pop(pair, None)  # the last one, in the place of the last one
            rows[pair] = row
    return list(rows.values())


def _told_apart(name: str, image_id: str, images: dict) -> str:
    """The name, with a number if another image had it first."""
    known = images.setdefault(name, [])
    if image_id and image_id not in known:
        known.append(image_id)
    place = known.index(image_id) if image_id else 0
    return name if place == 0 else _("{name} ({number})").format(name=name, number=place + 1)
