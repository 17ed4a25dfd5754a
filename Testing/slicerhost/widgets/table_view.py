"""Stand-in for qMRMLTableView: shows a table node."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.scene_widget import Observers, SceneWidget
from slicerhost.widgets.stored_property import stored


@stand_in
class qMRMLTableView(SceneWidget, QtWidgets.QTableWidget):
    """A table of what the node holds; the tooltip of a cell describes its column."""

    mrmlSceneChanged = QtCore.Signal(object)
    SLOTS = {"setMRMLTableNode(vtkMRMLNode*)": None}

    _node: Any = None
    _observers: Any = None

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QTableWidget.__init__(self, parent)
        self._observers = Observers(self)

    transposed = stored(bool, "transposed", False)

    def mrmlTableNode(self) -> Any:
        return self._node

    def setMRMLTableNode(self, node: Any) -> None:
        self._observers.clear()
        self._node = node
        if node is not None:
            self._observers.add(node, vtk.vtkCommand.ModifiedEvent, self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        """As qMRMLTableModel does: without titles for headers, the columns' names are the first row."""
        table = self._node.GetTable() if self._node is not None else None
        self.clear()
        titled = self._node is not None and self._node.GetUseColumnTitleAsColumnHeader()
        first = 0 if titled else -1
        self.setRowCount(table.GetNumberOfRows() - first if table else 0)
        self.setColumnCount(table.GetNumberOfColumns() if table else 0)
        for column in range(self.columnCount):
            name = table.GetColumnName(column) or ""
            header = self._header(name) if titled else _letters(column)
            self.setHorizontalHeaderItem(column, QtWidgets.QTableWidgetItem(header))
            tip = self._tip(name)
            for row in range(first, table.GetNumberOfRows()):
                text = table.GetValue(row, column).ToString() if row >= 0 else name
                item = QtWidgets.QTableWidgetItem(text)
                item.setToolTip(tip)
                if self._node.GetLocked():
                    item.setFlags(item.flags() & ~QtCore.Qt.ItemIsEditable)
                self.setItem(row - first, column, item)

    def _header(self, name: str) -> str:
        unit = self._node.GetColumnUnitLabel(name)
        return (self._node.GetColumnTitle(name) or name) + (f" [{unit}]" if unit else "")

    def _tip(self, name: str) -> str:
        title, unit = self._node.GetColumnTitle(name), self._node.GetColumnUnitLabel(name)
        named = title and title != name
        lines = [f"<b>{title}</b> <code>&lt;{name}&gt;</code>" if named else f"<b>{name}</b>"]
        lines += [f"Unit: {unit}"] if unit else []
        lines += [self._node.GetColumnDescription(name)] if self._node.GetColumnDescription(name) else []
        return "<p>".join(lines)


def _letters(column: int) -> str:
    """A, B, ..., Z, AA, ... as spreadsheets name columns."""
    text = ""
    while column >= 0:
        text = chr(ord("A") + column % 26) + text
        column = column // 26 - 1
    return text
