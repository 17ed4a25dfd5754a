"""Tables of results as table nodes: columns keep their names, titles, units and definitions."""

from __future__ import annotations

import math
from typing import Any

import slicer
import vtk

from LiverMetricsLib.cohort.table import Table


def fill_table(node: Any, table: Table) -> None:
    """Put a table into a table node, in the place of what is there; the user cannot write into it.

    Numbers keep all their digits. What is not available is NaN, in a column of text an empty cell.
    """
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        for place, column in enumerate(table.columns):
            values = [row[place] for row in table.rows]
            node.AddColumn(column_array(column.key, values, text=column.kind == "text"))
            node.SetColumnTitle(column.key, column.title)
            node.SetColumnUnitLabel(column.key, column.unit)
            node.SetColumnDescription(column.key, column.definition)
        node.SetUseColumnTitleAsColumnHeader(True)
        node.SetLocked(True)


def column_array(name: str, values: Any, *, text: bool = False) -> Any:
    """A column of a vtkTable."""
    array = vtk.vtkStringArray() if text else vtk.vtkDoubleArray()
    array.SetName(name)
    for value in values:
        if text:
            array.InsertNextValue("" if value is None else str(value))
        else:
            array.InsertNextValue(math.nan if value is None else float(value))
    return array
