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
    """A table of what the node holds, with its columns' titles and long names as tooltips."""

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
        table = self._node.GetTable() if self._node is not None else None
        self.clear()
        self.setRowCount(table.GetNumberOfRows() if table else 0)
        self.setColumnCount(table.GetNumberOfColumns() if table else 0)
        for column in range(self.columnCount):
            name = table.GetColumnName(column) or ""
            title = QtWidgets.QTableWidgetItem(self._node.GetColumnTitle(name) or name)
            title.setToolTip(self._node.GetColumnDescription(name) or "")
            self.setHorizontalHeaderItem(column, title)
            for index in range(self.rowCount):
                text = table.GetValue(index, column).ToString()
                self.setItem(index, column, QtWidgets.QTableWidgetItem(text))
