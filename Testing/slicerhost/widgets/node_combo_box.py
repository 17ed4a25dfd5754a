"""Stand-in for qMRMLNodeComboBox: chooses a node of some types."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.scene_widget import Observers, SceneWidget
from slicerhost.widgets.stored_property import row, stored


def _refresh(self: Any, value: Any) -> None:
    self._refresh()


@stand_in
class qMRMLNodeComboBox(SceneWidget, QtWidgets.QWidget):
    """Shows the nodes of the scene that fit; selects none by itself, as the real one."""

    mrmlSceneChanged = QtCore.Signal(object)
    currentNodeChanged = QtCore.Signal(object)
    currentNodeValid = QtCore.Signal(bool)
    currentNodeIDChanged = QtCore.Signal(str)
    nodeActivated = QtCore.Signal(object)
    nodeAdded = QtCore.Signal(object)
    nodeAddedByUser = QtCore.Signal(object)
    nodeAboutToBeRemoved = QtCore.Signal(object)
    SIGNALS = {
        "currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged",
        "currentNodeChanged(bool)": "currentNodeValid",
        "currentNodeIDChanged(QString)": "currentNodeIDChanged",
        "nodeActivated(vtkMRMLNode*)": "nodeActivated",
        "nodeAdded(vtkMRMLNode*)": "nodeAdded",
        "nodeAddedByUser(vtkMRMLNode*)": "nodeAddedByUser",
        "nodeAboutToBeRemoved(vtkMRMLNode*)": "nodeAboutToBeRemoved",
    }
    SLOTS = {"setCurrentNode(vtkMRMLNode*)": None, "setCurrentNodeID(QString)": None}

    _box: Any = None
    _observers: Any = None
    _node: Any = None
    _attributes: Any = ()
    _ids: Any = ()

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QWidget.__init__(self, parent)
        self._box, self._observers = QtWidgets.QComboBox(), Observers(self)
        self._box.setMinimumContentsLength(8)
        self._box.setSizePolicy(QtWidgets.QSizePolicy.Expanding, QtWidgets.QSizePolicy.Fixed)
        row(self, self._box)
        self._box.activated.connect(self._activated)

    nodeTypes = stored("QVariant", "nodeTypes", (), _refresh)
    hideChildNodeTypes = stored("QVariant", "hideChildNodeTypes", (), _refresh)
    showChildNodeTypes = stored(bool, "showChildNodeTypes", True, _refresh)
    showHidden = stored(bool, "showHidden", False, _refresh)
    noneEnabled = stored(bool, "noneEnabled", False, _refresh)
    noneDisplay = stored(str, "noneDisplay", "None", _refresh)
    addEnabled = stored(bool, "addEnabled", True, _refresh)
    removeEnabled = stored(bool, "removeEnabled", True, _refresh)
    renameEnabled = stored(bool, "renameEnabled", False, _refresh)
    editEnabled = stored(bool, "editEnabled", False)
    selectNodeUponCreation = stored(bool, "selectNodeUponCreation", True)
    baseName = stored(str, "baseName", "")

    def addAttribute(self, node_type: str, name: str, value: str | None = None) -> None:
        """Show nodes of a type only with this attribute, and with this value unless it is None."""
        self._attributes = (*self._attributes, (node_type, name, value))
        self._refresh()

    def currentNode(self) -> Any:
        return self._node

    def setCurrentNode(self, node: Any) -> None:
        """Select a node, or none if it is not among those shown."""
        if isinstance(node, str):
            self.setCurrentNodeID(node)
        else:
            self._select(node if node is not None and self._fits(node) else None)

    def setCurrentNodeID(self, node_id: str) -> None:
        self.setCurrentNode(self._scene.GetNodeByID(node_id) if self._scene and node_id else None)

    currentNodeID = QtCore.Property(
        str, lambda self: self._node.GetID() if self._node is not None else "", setCurrentNodeID
    )

    def nodeCount(self) -> int:
        return len(self._nodes())

    def nodeFromIndex(self, index: int) -> Any:
        return self._nodes()[index]

    def addNode(self, node_type: str = "") -> Any:
        """Make a node as the user does with "Create new"."""
        node_type = node_type or self.nodeTypes[0]
        base_name = self.baseName or node_type.removeprefix("vtkMRML").removesuffix("Node")
        node = self._scene.AddNewNodeByClass(node_type, self._scene.GenerateUniqueName(base_name))
        for wanted_type, name, value in self._attributes:
            if node.IsA(wanted_type):
                node.SetAttribute(name, value or "")
        self._refresh()
        if self.selectNodeUponCreation:
            self._select(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        if self._node is not None:
            self.nodeAboutToBeRemoved.emit(self._node)
            self._scene.RemoveNode(self._node)

    def _scene_changed(self) -> None:
        self._observers.clear()
        events = slicer.vtkMRMLScene
        if self._scene is not None:
            for event in (events.NodeAddedEvent, events.NodeRemovedEvent):
                self._observers.add(self._scene, event, self._refresh_unless_busy)
            for event in (events.EndBatchProcessEvent, events.EndCloseEvent, events.EndImportEvent):
                self._observers.add(self._scene, event, self._refresh)
        self._refresh()

    def _refresh_unless_busy(self) -> None:
        if not self._scene.IsBatchProcessing():
            self._refresh()

    def _fits(self, node: Any) -> bool:
        kinds = [kind for kind in self.nodeTypes if node.IsA(kind)]
        if not self.showChildNodeTypes:
            kinds = [kind for kind in kinds if node.GetClassName() == kind]
        if not kinds or any(node.IsA(kind) for kind in self.hideChildNodeTypes):
            return False
        if node.GetScene() is None or (node.GetHideFromEditors() and not self.showHidden):
            return False
        wanted = [(name, value) for kind, name, value in self._attributes if node.IsA(kind)]
        return all(
            node.GetAttribute(name) is not None and value in (None, node.GetAttribute(name))
            for name, value in wanted
        )

    def _nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        nodes = (self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes()))
        return [node for node in nodes if self._fits(node)]

    def _refresh(self) -> None:
        if self._box is None:  # a property was set before the widget was built
            return
        nodes = self._nodes()
        entries = [(self.noneDisplay, None)] if self.noneEnabled else []
        entries += [(node.GetName() or "", node.GetID()) for node in nodes]
        self._ids = tuple(node_id for _, node_id in entries)
        entries += [
            (text, "")
            for text, enabled in (
                ("Create new...", self.addEnabled),
                ("Rename current...", self.renameEnabled),
                ("Delete current", self.removeEnabled),
            )
            if enabled
        ]
        self._box.blockSignals(True)
        self._box.clear()
        self._box.addItems([text for text, _ in entries])
        self._box.blockSignals(False)
        self._select(self._node if self._node is not None and self._node in nodes else None)

    def _select(self, node: Any) -> None:
        node_id = node.GetID() if node is not None else None
        self._box.blockSignals(True)
        self._box.setCurrentIndex(self._ids.index(node_id) if node_id in self._ids else -1)
        self._box.blockSignals(False)
        if node is not self._node:
            self._node = node
            self.currentNodeChanged.emit(node)
            self.currentNodeValid.emit(node is not None)
            self.currentNodeIDChanged.emit(node_id or "")

    def _activated(self, index: int) -> None:
        """The user chose an entry."""
        if index < len(self._ids):
            node_id = self._ids[index]
            self._select(self._scene.GetNodeByID(node_id) if node_id else None)
            self.nodeActivated.emit(self._node)
            return
        text = self._box.itemText(index)
        self._select(self._node)
        if text.startswith("Create"):
            self.addNode()
        elif text.startswith("Delete"):
            self.removeCurrentNode()


@stand_in
class qMRMLCheckableNodeComboBox(qMRMLNodeComboBox):
    """Chooses any number of nodes."""

    checkedNodesChanged = QtCore.Signal()

    _checked: Any = ()

    def checkedNodes(self) -> tuple[Any, ...]:
        return tuple(node for node in self._checked if self._fits(node))

    def checkState(self, node: Any) -> int:
        return QtCore.Qt.Checked if node in self._checked else QtCore.Qt.Unchecked

    def setCheckState(self, node: Any, state: int) -> None:
        others = tuple(one for one in self._checked if one is not node)
        self._checked = (*others, node) if state == QtCore.Qt.Checked else others
        self.checkedNodesChanged.emit()
