"""Stand-in for qMRMLSegmentEditorWidget on the real vtkSlicerSegmentEditorLogic."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.widgets.scene_widget import SceneWidget
from slicerhost.widgets.segments_table import qMRMLSegmentsTableView
from slicerhost.widgets.stored_property import stored

EFFECTS = (
    "Threshold",
    "Paint",
    "Draw",
    "Erase",
    "Level tracing",
    "Grow from seeds",
    "Fill between slices",
    "Margin",
    "Hollow",
    "Smoothing",
    "Scissors",
    "Islands",
    "Logical operators",
    "Mask volume",
)
"""Names of Slicer's effects; here they can be chosen, and :mod:`slicerhost.strokes` paints and erases."""


@stand_in
class qMRMLSegmentEditorWidget(SceneWidget, QtWidgets.QWidget):
    """Selectors, list of segments and effect buttons; edits and undo are the real logic's."""

    mrmlSceneChanged = QtCore.Signal(object)
    currentSegmentIDChanged = QtCore.Signal(str)
    segmentationNodeChanged = QtCore.Signal(object)
    sourceVolumeNodeChanged = QtCore.Signal(object)
    activeEffectNameChanged = QtCore.Signal(str)
    SIGNALS = {
        "segmentationNodeChanged(vtkMRMLSegmentationNode*)": "segmentationNodeChanged",
        "sourceVolumeNodeChanged(vtkMRMLVolumeNode*)": "sourceVolumeNodeChanged",
    }
    SLOTS = {"undo()": None, "redo()": None}

    _logic: Any = None
    _editor_node: Any = None
    _segmentations: Any = None
    _volumes: Any = None
    _table: Any = None
    _effects: Any = None
    _order: Any = ()
    _listens_to: Any = ()

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QWidget.__init__(self, parent)
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._segmentations, self._volumes = qMRMLNodeComboBox(), qMRMLNodeComboBox()
        self._segmentations.nodeTypes = ("vtkMRMLSegmentationNode",)
        self._volumes.nodeTypes = ("vtkMRMLScalarVolumeNode",)
        self._volumes.addEnabled = False
        self._table, self._effects = qMRMLSegmentsTableView(), QtWidgets.QWidget()
        self._table.setMinimumHeight(90)
        layout = QtWidgets.QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addRow("Segmentation:", self._segmentations)
        layout.addRow("Source volume:", self._volumes)
        layout.addRow(self._table)
        layout.addRow(self._effects)
        self._effects.setLayout(QtWidgets.QGridLayout())
        self._effects.layout().setContentsMargins(0, 0, 0, 0)
        self._effects.layout().setSpacing(2)
        self._show_effects(EFFECTS)
        self._segmentations.currentNodeChanged.connect(self._segmentation_chosen)
        self._volumes.currentNodeChanged.connect(self._volume_chosen)
        self._table.selectionChanged.connect(self._row_chosen)

    def _show_selectors(self, visible: bool) -> None:
        self.layout().setRowVisible(self._segmentations, visible)

    def _show_source(self, visible: bool) -> None:
        self.layout().setRowVisible(self._volumes, visible)

    def _show_unordered(self, visible: bool) -> None:
        self._show_effects(EFFECTS if visible else self._order)

    segmentationNodeSelectorVisible = stored(bool, "segmentationNodeSelectorVisible", True, _show_selectors)
    sourceVolumeNodeSelectorVisible = stored(bool, "sourceVolumeNodeSelectorVisible", True, _show_source)
    switchToSegmentationsButtonVisible = stored(bool, "switchToSegmentationsButtonVisible", True)
    addRemoveSegmentButtonsVisible = stored(bool, "addRemoveSegmentButtonsVisible", True)
    maskingSectionVisible = stored(bool, "maskingSectionVisible", True)
    show3DButtonVisible = stored(bool, "show3DButtonVisible", True)
    specifyGeometryButtonVisible = stored(bool, "specifyGeometryButtonVisible", True)
    undoEnabled = stored(bool, "undoEnabled", True)
    # Its setter is no slot: PythonQt sees the property alone.
    unorderedEffectsVisible = stored(bool, "unorderedEffectsVisible", True, _show_unordered)
    readOnly = stored(bool, "readOnly", False)
    autoShowSourceVolumeNode = stored(bool, "autoShowSourceVolumeNode", True)
    maximumNumberOfUndoStates = stored(
        int, "maximumNumberOfUndoStates", 10, lambda self, n: self._logic.SetMaximumNumberOfUndoStates(n)
    )

    def setSegmentationNodeSelectorVisible(self, visible: bool) -> None:
        self.segmentationNodeSelectorVisible = visible

    def setSourceVolumeNodeSelectorVisible(self, visible: bool) -> None:
        self.sourceVolumeNodeSelectorVisible = visible

    def setSwitchToSegmentationsButtonVisible(self, visible: bool) -> None:
        self.switchToSegmentationsButtonVisible = visible

    def setAddRemoveSegmentButtonsVisible(self, visible: bool) -> None:
        self.addRemoveSegmentButtonsVisible = visible

    def setMaximumNumberOfUndoStates(self, states: int) -> None:
        self.maximumNumberOfUndoStates = states

    def mrmlSegmentEditorNode(self) -> Any:
        return self._editor_node

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        self._editor_node = node
        self._logic.SetSegmentEditorNode(node)
        if node is not None:
            self._segmentations.setCurrentNode(node.GetSegmentationNode())
            self._volumes.setCurrentNode(node.GetSourceVolumeNode())

    def segmentationNode(self) -> Any:
        return self._segmentations.currentNode()

    def setSegmentationNode(self, node: Any) -> None:
        self._segmentations.setCurrentNode(node)

    def sourceVolumeNode(self) -> Any:
        return self._volumes.currentNode()

    def setSourceVolumeNode(self, node: Any) -> None:
        self._volumes.setCurrentNode(node)

    def currentSegmentID(self) -> str:
        return (self._editor_node.GetSelectedSegmentID() or "") if self._editor_node is not None else ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        self._table.setSelectedSegmentIDs((segment_id,))
        if self._editor_node is not None and segment_id != self.currentSegmentID():
            self._editor_node.SetSelectedSegmentID(segment_id)
            self.currentSegmentIDChanged.emit(segment_id)

    def availableEffectNames(self) -> tuple[str, ...]:
        return EFFECTS

    def setEffectNameOrder(self, names: Any) -> None:
        self._order = tuple(names)
        self._show_effects(self._order if not self.unorderedEffectsVisible else EFFECTS)

    def effectNameOrder(self) -> tuple[str, ...]:
        return self._order

    def setActiveEffectByName(self, name: str) -> None:
        if self._editor_node is not None:
            self._editor_node.SetActiveEffectName(name or "")
        for button in QtCore.QObject.findChildren(self._effects, QtWidgets.QToolButton):
            button.checked = button.text == name
        self.activeEffectNameChanged.emit(name or "")

    def setActiveEffect(self, effect: None) -> None:
        """Only None, which turns the active effect off: effects are no objects here."""
        if effect is not None:
            raise TypeError("Choose effects with setActiveEffectByName; setActiveEffect takes None here.")
        self.setActiveEffectByName("")

    def updateEffectList(self) -> None: ...

    def saveStateForUndo(self) -> None:
        self._logic.SaveStateForUndo()

    def undo(self) -> None:
        self._logic.Undo()

    def redo(self) -> None:
        self._logic.Redo()

    def setupViewObservations(self) -> None:
        self._listen("views", True)

    def removeViewObservations(self) -> None:
        self._listen("views", False)

    def installKeyboardShortcuts(self) -> None:
        self._listen("keyboard", True)

    def uninstallKeyboardShortcuts(self) -> None:
        self._listen("keyboard", False)

    def _listen(self, what: str, on: bool) -> None:
        others = {*self._listens_to} - {what}
        self._listens_to = tuple(sorted(others | {what} if on else others))

    def host_listens_to(self) -> tuple[str, ...]:
        """What of "keyboard" and "views" it listens to, for tests."""
        return self._listens_to

    def updateWidgetFromMRML(self) -> None: ...

    def _scene_changed(self) -> None:
        self._logic.SetMRMLScene(self._scene)
        self._segmentations.setMRMLScene(self._scene)
        self._volumes.setMRMLScene(self._scene)

    def _segmentation_chosen(self, node: Any) -> None:
        self._table.setSegmentationNode(node)
        if self._editor_node is not None:
            self._editor_node.SetAndObserveSegmentationNode(node)
        self.segmentationNodeChanged.emit(node)
        ids = node.GetSegmentation().GetSegmentIDs() if node is not None else ()
        if ids and self.currentSegmentID() not in ids:
            self.setCurrentSegmentID(ids[0])

    def _volume_chosen(self, node: Any) -> None:
        if self._editor_node is not None:
            self._editor_node.SetAndObserveSourceVolumeNode(node)
        self.sourceVolumeNodeChanged.emit(node)

    def _row_chosen(self) -> None:
        chosen = self._table.selectedSegmentIDs()
        if chosen and chosen[0] != self.currentSegmentID():
            self.setCurrentSegmentID(chosen[0])

    def _show_effects(self, names: Any) -> None:
        layout = self._effects.layout()
        while layout.count():
            layout.takeAt(0).widget().deleteLater()
        for index, name in enumerate(names):
            button = QtWidgets.QToolButton()
            button.text, button.checkable = name, True
            button.setSizePolicy(QtWidgets.QSizePolicy.Ignored, QtWidgets.QSizePolicy.Fixed)
            button.clicked.connect(lambda name=name: self.setActiveEffectByName(name))
            layout.addWidget(button, index // 3, index % 3)
