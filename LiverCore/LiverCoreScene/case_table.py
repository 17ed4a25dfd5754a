"""The table node of many cases: a row a case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import slicer
import vtk

from LiverCoreLib.case_queue import Outcome


@dataclass(frozen=True)
class Column:
    """A column: an attribute of the outcomes, its title and what it means."""

    key: str
    title: str
    description: str
    is_number: bool = False


class OutcomeTable:
    """Follows outcomes into a table node, which is kept by ID; a removed one is made anew."""

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        """name: of the node."""
        self._name, self._columns = name, tuple(columns)
        self._node_id, self._rows = "", 0

    def follow(self, outcomes: Sequence[Outcome]) -> Any:
        """Bring the node up to date; gives it, or None while there is no outcome."""
        node = slicer.mrmlScene.GetNodeByID(self._node_id)
        if node is not None and self._rows == len(outcomes):
            return node
        if not outcomes:
            return None
        if node is None:
            name = slicer.mrmlScene.GenerateUniqueName(self._name)
            node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
            self._node_id = node.GetID()
        with slicer.util.NodeModify(node):
            self._fill(node, outcomes)
        self._rows = len(outcomes)
        return node

    def _fill(self, node: Any, outcomes: Sequence[Outcome]) -> None:
        node.RemoveAllColumns()
        for column in self._columns:
            array = vtk.vtkDoubleArray() if column.is_number else vtk.vtkStringArray()
            array.SetName(column.key)
            for outcome in outcomes:
                array.InsertNextValue(_value(getattr(outcome, column.key), column))
            node.AddColumn(array)
            node.SetColumnTitle(column.key, column.title)
            node.SetColumnDescription(column.key, column.description)
        node.SetUseColumnTitleAsColumnHeader(True)


def _value(value: Any, column: Column) -> Any:
    if column.is_number:
        return math.nan if value is None else round(value, 1)
    return " ".join(value) if isinstance(value, tuple) else value
