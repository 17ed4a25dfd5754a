"""Stand-in for qMRMLSegmentsTableView: the list of segments with colour and visibility."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.scene_widget import Observers, SceneWidget
from slicerhost.widgets.stored_property import row, stored


@stand_in
class qMRMLSegmentsTableView(SceneWidget, QtWidgets.QWidget):
    """A row per segment: shown or not, colour, name."""

    mrmlSceneChanged = QtCore.Signal(object)
    selectionChanged = QtCore.Signal(object, object)
    SIGNALS = {"selectionChanged(QItemSelection,QItemSelection)": "selectionChanged"}

    _table: Any = None
    _node: Any = None
    _observers: Any = None
    _ids: Any = ()

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QWidget.__init__(self, parent)
        self._table, self._observers = QtWidgets.QTableWidget(0, 3), Observers(self)
        self._table.setHorizontalHeaderLabels(["Shown", "Color", "Name"])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().setVisible(False)
        self._table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectRows)
        row(self, self._table)
        self._table.itemChanged.connect(self._edited)
        self._table.itemSelectionChanged.connect(self._selected)

    readOnly = stored(bool, "readOnly", False)
    headerVisible = stored(bool, "headerVisible", True)
    visibilityColumnVisible = stored(bool, "visibilityColumnVisible", True)
    colorColumnVisible = stored(bool, "colorColumnVisible", True)
    opacityColumnVisible = stored(bool, "opacityColumnVisible", True)

    def segmentationNode(self) -> Any:
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        self._observers.clear()
        self._node = node
        if node is not None:
            self._observers.add(node, vtk.vtkCommand.AnyEvent, self._refresh)
        self._refresh()

    def selectedSegmentIDs(self) -> tuple[str, ...]:
        rows = sorted({index.row() for index in self._table.selectedIndexes()})
        return tuple(self._ids[index] for index in rows)

    def setSelectedSegmentIDs(self, segment_ids: Any) -> None:
        if tuple(segment_ids) == self.selectedSegmentIDs():
            return
        self._table.clearSelection()
        for segment_id in segment_ids:
            if segment_id in self._ids:
                self._table.selectRow(self._ids.index(segment_id))

    def _refresh(self) -> None:
        selected = self.selectedSegmentIDs()
        segmentation = self._node.GetSegmentation() if self._node is not None else None
        self._ids = tuple(segmentation.GetSegmentIDs()) if segmentation is not None else ()
        self._table.blockSignals(True)
        self._table.setRowCount(len(self._ids))
        for index, segment_id in enumerate(self._ids):
            for column, item in enumerate(self._items(segment_id)):
                self._table.setItem(index, column, item)
        self.setSelectedSegmentIDs(selected)
        self._table.blockSignals(False)

    def _items(self, segment_id: str) -> tuple[QtWidgets.QTableWidgetItem, ...]:
        segment, display = self._node.GetSegmentation().GetSegment(segment_id), self._node.GetDisplayNode()
        shown, color = QtWidgets.QTableWidgetItem(), QtWidgets.QTableWidgetItem()
        visible = display is None or display.GetSegmentVisibility(segment_id)
        shown.setCheckState(QtCore.Qt.Checked if visible else QtCore.Qt.Unchecked)
        color.setData(QtCore.Qt.DecorationRole, QtGui.QColor.fromRgbF(*segment.GetColor()))
        return shown, color, QtWidgets.QTableWidgetItem(segment.GetName())

    def _edited(self, item: QtWidgets.QTableWidgetItem) -> None:
        segment_id = self._ids[item.row()]
        if item.column() == 0 and self._node.GetDisplayNode() is not None:
            shown = item.checkState() == QtCore.Qt.Checked
            self._node.GetDisplayNode().SetSegmentVisibility(segment_id, shown)
        elif item.column() == 2:
            self._node.GetSegmentation().GetSegment(segment_id).SetName(item.text())

    def _selected(self) -> None:
        self.selectionChanged.emit(None, None)
