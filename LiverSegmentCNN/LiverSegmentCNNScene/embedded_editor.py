"""Slicer's segment editor inside a panel, for one segment."""

from __future__ import annotations

from typing import Any

import slicer

from .working_copies import Mask

EFFECTS = ("Paint", "Erase", "Scissors", "Islands", "Smoothing", "Fill between slices")
UNDO_STATES = 10
_SINGLETON_TAG = "LiverCNNCorrection"


class EmbeddedEditor:
    """A qMRMLSegmentEditorWidget with the effects that corrections need, and its own settings node.

    Attributes:
        widget: The qMRMLSegmentEditorWidget.
    """

    def __init__(self, frame: Any) -> None:
        """frame: a QFrame with a layout, which receives the editor."""
        self.widget = slicer.qMRMLSegmentEditorWidget()
        self.widget.setMaximumNumberOfUndoStates(UNDO_STATES)
        self.widget.setMRMLSegmentEditorNode(_settings_node())  # before the scene, as Slicer does
        self.widget.setMRMLScene(slicer.mrmlScene)
        self.widget.setSegmentationNodeSelectorVisible(False)
        self.widget.setSourceVolumeNodeSelectorVisible(False)
        self.widget.setSwitchToSegmentationsButtonVisible(False)
        self.widget.setAddRemoveSegmentButtonsVisible(False)
        self.widget.setEffectNameOrder(EFFECTS)
        self.widget.unorderedEffectsVisible = False  # its setter is no slot
        frame.layout().addWidget(self.widget)

    def open(self, mask: Mask, volume: Any) -> None:
        """Edit a segment over a volume."""
        node = _settings_node()
        node.SetOverwriteMode(node.OverwriteNone)
        node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedEverywhere)
        self.widget.setMRMLSegmentEditorNode(node)
        self.widget.updateEffectList()  # some effects are registered late, as Slicer starts
        self.widget.setSegmentationNode(mask.node)
        self.widget.setSourceVolumeNode(volume)
        self.widget.setCurrentSegmentID(mask.segment_id)
        self.resume()

    def resume(self) -> None:
        """Listen to mouse and keyboard."""
        self.widget.setupViewObservations()
        self.widget.installKeyboardShortcuts()

    def pause(self) -> None:
        """Stop listening: another module is in front."""
        self.widget.setActiveEffect(None)
        self.widget.uninstallKeyboardShortcuts()
        self.widget.removeViewObservations()

    def close(self) -> None:
        """Let go of the segment."""
        self.pause()
        self.widget.setSegmentationNode(None)


def _settings_node() -> Any:
    """The vtkMRMLSegmentEditorNode of this editor; Slicer's own module has another one."""
    node = slicer.mrmlScene.GetSingletonNode(_SINGLETON_TAG, "vtkMRMLSegmentEditorNode")
    if node is not None:
        return node
    node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
    node.UnRegister(None)
    node.SetSingletonTag(_SINGLETON_TAG)
    node.SetSaveWithScene(False)  # a scene that is loaded must not find itself being edited
    return slicer.mrmlScene.AddNode(node)
