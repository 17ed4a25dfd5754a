"""Stand-in for qMRMLSegmentSelectorWidget: chooses a segmentation and a segment of it."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.widgets.scene_widget import Observers, SceneWidget
from slicerhost.widgets.stored_property import forwarded, row, stored


@stand_in
class qMRMLSegmentSelectorWidget(SceneWidget, QtWidgets.QWidget):
    """A node selector with a list of segments."""

    mrmlSceneChanged = QtCore.Signal(object)
    currentNodeChanged = QtCore.Signal(object)
    currentSegmentChanged = QtCore.Signal(str)
    segmentSelectionChanged = QtCore.Signal(object)
    SIGNALS = {
        "currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged",
        "currentSegmentChanged(QString)": "currentSegmentChanged",
        "segmentSelectionChanged(QStringList)": "segmentSelectionChanged",
    }
    SLOTS = {"setCurrentNode(vtkMRMLNode*)": None, "setCurrentSegmentID(QString)": None}

    _nodes: Any = None
    _segments: Any = None
    _observers: Any = None

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QWidget.__init__(self, parent)
        self._nodes, self._segments = qMRMLNodeComboBox(), QtWidgets.QComboBox()
        self._observers = Observers(self)
        self._nodes.nodeTypes = ("vtkMRMLSegmentationNode",)
        self._nodes.addEnabled = self._nodes.removeEnabled = False
        row(self, self._nodes, self._segments)
        self._nodes.currentNodeChanged.connect(self._node_changed)
        self._segments.currentIndexChanged.connect(self._segment_changed)

    noneEnabled = forwarded(bool, "_nodes", "noneEnabled")
    multiSelection = stored(bool, "multiSelection", False)
    segmentationNodeSelectorVisible = stored(
        bool, "segmentationNodeSelectorVisible", True, lambda self, on: self._nodes.setVisible(on)
    )

    def currentNode(self) -> Any:
        return self._nodes.currentNode()

    def currentNodeID(self) -> str:
        return self._nodes.currentNodeID

    def setCurrentNode(self, node: Any) -> None:
        self._nodes.setCurrentNode(node)

    def setCurrentNodeID(self, node_id: str) -> None:
        self._nodes.setCurrentNodeID(node_id)

    def currentSegmentID(self) -> str:
        return self._segments.currentData or ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        self._segments.setCurrentIndex(self._segments.findData(segment_id))

    def _scene_changed(self) -> None:
        self._nodes.setMRMLScene(self._scene)

    def _node_changed(self, node: Any) -> None:
        self._observers.clear()
        if node is not None:
            self._observers.add(node, vtk.vtkCommand.AnyEvent, self._refresh)
        self._refresh()
        self.currentNodeChanged.emit(node)

    def _segment_changed(self, index: int) -> None:
        self.currentSegmentChanged.emit(self.currentSegmentID())

    def _refresh(self) -> None:
        node = self.currentNode()
        segmentation = node.GetSegmentation() if node is not None else None
        ids = list(segmentation.GetSegmentIDs()) if segmentation is not None else []
        if ids != [self._segments.itemData(index) for index in range(self._segments.count)]:
            current = self.currentSegmentID()
            self._segments.blockSignals(True)
            self._segments.clear()
            for segment_id in ids:
                self._segments.addItem("", segment_id)
            self._segments.setCurrentIndex(ids.index(current) if current in ids else min(0, len(ids) - 1))
            self._segments.blockSignals(False)
            if self.currentSegmentID() != current:
                self._segment_changed(self._segments.currentIndex)
        for index, segment_id in enumerate(ids):
            self._segments.setItemText(index, segmentation.GetSegment(segment_id).GetName())
