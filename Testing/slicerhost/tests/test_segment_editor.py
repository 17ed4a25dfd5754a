"""Strokes of the Segment Editor change the mask where they are, and undo takes them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def strokes(host: Any) -> Any:
    """The module with the strokes; it imports VTK."""
    from slicerhost import strokes

    return strokes


@pytest.fixture
def editor(probe: Any, add_volume: Callable[..., Any]) -> Any:
    """The embedded editor with the segmented ball."""
    import slicer

    ui, volume = probe.widget.ui, add_volume()
    ui.inputSelector.setCurrentNode(volume)
    ui.applyButton.click()
    ui.editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    ui.editor.setSegmentationNode(ui.segmentSelector.currentNode())
    ui.editor.setSourceVolumeNode(volume)
    return ui.editor


def mask_of(editor: Any) -> np.ndarray:
    import slicer

    return slicer.util.arrayFromSegmentBinaryLabelmap(
        editor.segmentationNode(), "liver", editor.sourceVolumeNode()
    ).astype(bool)


def distances_mm(editor: Any, point_ras: tuple[float, float, float]) -> np.ndarray:
    """Distance of each voxel from a point, from the volume's geometry alone."""
    volume = editor.sourceVolumeNode()
    size, spacing = volume.GetImageData().GetDimensions(), volume.GetSpacing()
    axes = [volume.GetOrigin()[axis] + spacing[axis] * np.arange(size[axis]) for axis in range(3)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    return np.linalg.norm(np.stack([x, y, z], -1) - point_ras, axis=-1).transpose(2, 1, 0)


def test_paint_adds_a_ball_and_erase_removes_one(editor: Any, strokes: Any) -> None:
    before = mask_of(editor)
    outside, inside = (38.0, 0.0, 0.0), (0.0, 10.0, 0.0)
    strokes.paint(editor, [outside], radius_mm=7)
    painted = mask_of(editor)
    assert (painted == (before | (distances_mm(editor, outside) <= 7))).all()
    strokes.erase(editor, [inside], radius_mm=6)
    assert (mask_of(editor) == (painted & (distances_mm(editor, inside) > 6))).all()
    editor.undo()
    assert (mask_of(editor) == painted).all()
    editor.undo()
    assert (mask_of(editor) == before).all()
    editor.redo()
    assert (mask_of(editor) == painted).all()


def test_a_stroke_follows_the_parent_transform(editor: Any, strokes: Any) -> None:
    import slicer
    import vtk

    shift = vtk.vtkMatrix4x4()
    shift.SetElement(0, 3, 100.0)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(shift)
    editor.segmentationNode().SetAndObserveTransformNodeID(transform.GetID())
    editor.sourceVolumeNode().SetAndObserveTransformNodeID(transform.GetID())
    before = mask_of(editor)
    strokes.paint(editor, [(138.0, 0.0, 0.0)], radius_mm=7)
    assert (mask_of(editor) == (before | (distances_mm(editor, (38.0, 0.0, 0.0)) <= 7))).all()


def test_a_stroke_outside_the_volume_is_refused(editor: Any, strokes: Any) -> None:
    with pytest.raises(ValueError, match="outside the volume"):
        strokes.paint(editor, [(500.0, 0.0, 0.0)], radius_mm=5)


def test_effects_can_be_limited_and_chosen(editor: Any) -> None:
    editor.setEffectNameOrder(["Paint", "Erase"])
    editor.unorderedEffectsVisible = False  # there is no setter that PythonQt sees
    assert not hasattr(editor, "setUnorderedEffectsVisible")
    editor.setActiveEffectByName("Paint")
    assert editor.mrmlSegmentEditorNode().GetActiveEffectName() == "Paint"


def test_the_editor_tells_what_it_listens_to(editor: Any) -> None:
    editor.setupViewObservations()
    editor.installKeyboardShortcuts()
    editor.setActiveEffectByName("Paint")
    assert editor.host_listens_to() == ("keyboard", "views")
    editor.setActiveEffect(None)
    editor.uninstallKeyboardShortcuts()
    editor.removeViewObservations()
    assert editor.host_listens_to() == ()
    assert editor.mrmlSegmentEditorNode().GetActiveEffectName() == ""
