"""The section that corrects: strokes in a copy, the CNN mask untouched, and what is left of it afterwards."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from panel_driving import add_network_mask, add_volume, mask_of

METRICS = Path(__file__).resolve().parents[2] / "LiverMetrics" / "LiverMetrics.py"
OUTSIDE, INSIDE = (40, 45, 20), (40, 45, 40)  # voxels i, j, k beside and in the block


@pytest.fixture
def case(host: Any, module: Any, abdomen: Any) -> Any:
    """A CT under a transform with a CNN mask, a block, that the panel shows as its result."""
    import slicer
    import vtk

    shift = vtk.vtkTransform()
    shift.Translate(30, -10, 100)
    shift.RotateZ(10)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(shift.GetMatrix())
    volume = add_volume(abdomen.image)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    mask = np.zeros_like(slicer.util.arrayFromVolume(volume), dtype=bool)
    mask[30:45, 30:60, 25:55] = True
    node, segment_id = add_network_mask(volume, mask)
    parameters = module.logic.getParameterNode()
    parameters.input_volume = volume
    parameters.result_segmentation, parameters.result_segment_id = node, segment_id
    return SimpleNamespace(volume=volume, node=node, segment_id=segment_id, mask=mask)


def section_of(module: Any) -> Any:
    return module.widget.sections[1]


def editor_of(module: Any) -> Any:
    return section_of(module).editor.widget


def world(volume: Any, ijk: tuple[int, int, int]) -> tuple[float, ...]:
    """Where a voxel is in the world."""
    import vtk

    matrix, to_world = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    if volume.GetParentTransformNode() is not None:
        volume.GetParentTransformNode().GetMatrixTransformToWorld(to_world)
    return to_world.MultiplyPoint(matrix.MultiplyPoint([*map(float, ijk), 1.0]))[:3]


def copy_of(case: Any) -> tuple[Any, str]:
    from LiverSegmentCNNScene import working_copies

    copy = working_copies.find(working_copies.Mask(case.node, case.segment_id))
    assert copy is not None
    return copy.node, copy.segment_id


def settle(host: Any, module: Any, words: str) -> None:
    """Wait until the panel says what was changed."""
    ui = module.widget.ui
    host.process_events(lambda: words in ui.correctChangedValue.text)


def test_without_a_mask_there_is_a_reason(host: Any, module: Any) -> None:
    ui = module.widget.ui
    assert not ui.correctStartButton.enabled
    assert ui.correctReasonLabel.text == "There is no CNN mask yet; segment a CT first."
    assert not ui.correctEditorFrame.visible


def test_strokes_change_the_copy_alone(host: Any, module: Any, case: Any) -> None:
    from slicerhost import strokes

    ui = module.widget.ui
    assert ui.correctMaskBox.currentText == "CT liver: liver"
    ui.correctStartButton.click()
    assert (ui.correctStartButton.text, ui.correctEditorFrame.visible) == ("Done", True)
    node, segment_id = copy_of(case)
    assert node.GetName() == "CT liver (corrected)"
    assert (mask_of(node, segment_id, case.volume) == case.mask).all()
    settle(host, module, " 0.0 mL added, 0.0 mL removed")

    editor = editor_of(module)
    assert (editor.segmentationNode(), editor.currentSegmentID()) == (node, segment_id)
    assert editor.effectNameOrder() == (
        "Paint",
        "Erase",
        "Scissors",
        "Islands",
        "Smoothing",
        "Fill between slices",
    )
    strokes.paint(editor, [world(case.volume, OUTSIDE)], radius_mm=15)
    strokes.erase(editor, [world(case.volume, INSIDE)], radius_mm=15)
    changed = mask_of(node, segment_id, case.volume)
    i, j, k = OUTSIDE
    assert changed[k, j, i]
    i, j, k = INSIDE
    assert not changed[k, j, i]
    assert (mask_of(case.node, case.segment_id, case.volume) == case.mask).all()

    voxel_ml = float(np.prod(case.volume.GetSpacing()) / 1000)
    added = np.count_nonzero(changed & ~case.mask) * voxel_ml
    removed = np.count_nonzero(case.mask & ~changed) * voxel_ml
    assert min(added, removed) > 1
    settle(host, module, f"{added:.1f} mL added, {removed:.1f} mL removed")
    now_ml, before_ml = (np.count_nonzero(mask) * voxel_ml for mask in (changed, case.mask))
    assert ui.correctChangedValue.text.startswith(f"{now_ml:.0f} mL, before {before_ml:.0f} mL")

    editor.undo()
    settle(host, module, f"{added:.1f} mL added, 0.0 mL removed")
    editor.redo()
    assert (mask_of(node, segment_id, case.volume) == changed).all()
    ui.correctAgainButton.click()
    assert (mask_of(node, segment_id, case.volume) == case.mask).all()
    editor.undo()
    assert (mask_of(node, segment_id, case.volume) == changed).all()
    assert (mask_of(case.node, case.segment_id, case.volume) == case.mask).all()


def test_all_may_be_erased(host: Any, module: Any, case: Any) -> None:
    import slicer

    ui = module.widget.ui
    ui.correctStartButton.click()
    node, segment_id = copy_of(case)
    nothing = np.zeros(case.mask.shape, dtype=np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(nothing, node, segment_id, case.volume)
    all_ml = np.count_nonzero(case.mask) * float(np.prod(case.volume.GetSpacing()) / 1000)
    settle(host, module, f"0 mL, before {all_ml:.0f} mL: 0.0 mL added, {all_ml:.1f} mL removed")
    ui.correctAgainButton.click()
    settle(host, module, " 0.0 mL added, 0.0 mL removed")


def test_scripts_correct_too(host: Any, module: Any, case: Any) -> None:
    from LiverCoreLib.errors import LiverCNNError

    copy = module.logic.correct(case.node, case.segment_id)
    assert copy == module.logic.correct(case.node, case.segment_id)
    assert module.logic.changes(case.node, case.segment_id).removed_ml == 0
    with pytest.raises(LiverCNNError, match="This is no CNN mask"):
        module.logic.correct(copy.node, copy.segment_id)


def test_roles_and_links_tell_the_masks_apart(host: Any, module: Any, case: Any) -> None:
    from LiverCoreScene.roles import CORRECTED, POSTPROCESSED, report_of, role_of
    from LiverSegmentCNNScene import working_copies

    module.widget.ui.correctStartButton.click()
    node, segment_id = copy_of(case)
    assert role_of(node, segment_id) == CORRECTED
    assert role_of(case.node, case.segment_id) == POSTPROCESSED
    parent = working_copies.parent_of(working_copies.Mask(node, segment_id))
    assert report_of(parent.node, parent.segment_id)["volume_ml"] > 0
    assert node.GetTransformNodeID() == case.volume.GetTransformNodeID()
    colours = [
        one.GetSegmentation().GetSegment(which).GetColor()
        for one, which in ((node, segment_id), (case.node, case.segment_id))
    ]
    assert np.abs(np.subtract(*colours)).max() > 0.2


def test_the_editor_listens_only_while_the_module_is_open(host: Any, module: Any, case: Any) -> None:
    editor = editor_of(module)
    assert editor.host_listens_to() == ()
    module.widget.ui.correctStartButton.click()
    editor.setActiveEffectByName("Paint")
    assert editor.host_listens_to() == ("keyboard", "views")
    host.select_module("Volumes")
    assert editor.host_listens_to() == ()
    assert editor.mrmlSegmentEditorNode().GetActiveEffectName() == ""
    host.select_module("LiverSegmentCNN")
    assert editor.host_listens_to() == ("keyboard", "views")
    module.widget.ui.correctStartButton.click()
    assert editor.host_listens_to() == ()
    assert module.widget.ui.correctStartButton.text == "Go on correcting"
    assert editor.segmentationNode() is None


def test_time_counts_while_correcting_and_is_kept(
    host: Any, module: Any, case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from LiverSegmentCNNScene import correct_section

    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(correct_section.time, "monotonic", lambda: clock.now)
    ui, section = module.widget.ui, section_of(module)
    ui.correctStartButton.click()
    for _ in range(62):
        clock.now += 1
        section._tick()
    assert ui.correctTimeValue.text == "1 min 02 s"
    clock.now += 3600  # the computer sleeps
    section._tick()
    assert ui.correctTimeValue.text == "1 min 07 s"
    monkeypatch.undo()
    host.save_scene(tmp_path / "scene.mrb")  # while correcting
    host.close_scene()
    assert ui.correctReasonLabel.text.startswith("There is no CNN mask yet")
    host.open_scene(tmp_path / "scene.mrb")
    assert ui.correctMaskBox.currentText == "CT liver: liver"
    assert (ui.correctStartButton.text, ui.correctEditorFrame.visible) == ("Go on correcting", False)
    assert ui.correctTimeValue.text == "1 min 07 s"
    assert editor_of(module).segmentationNode() is None
    ui.correctStartButton.click()
    assert editor_of(module).currentSegmentID() == "liver"
    assert editor_of(module).segmentationNode().GetName() == "CT liver (corrected)"


@pytest.mark.parametrize("removed", ["copy", "CNN mask", "CT", "segment of the copy", "scene"])
def test_what_is_corrected_may_go(host: Any, module: Any, case: Any, removed: str) -> None:
    import slicer

    ui = module.widget.ui
    ui.correctStartButton.click()
    node, segment_id = copy_of(case)
    if removed == "scene":
        host.close_scene()
    elif removed == "segment of the copy":
        node.GetSegmentation().RemoveSegment(segment_id)
    else:
        slicer.mrmlScene.RemoveNode({"copy": node, "CNN mask": case.node, "CT": case.volume}[removed])
    host.process_events()
    expected = {
        "copy": "Correct",
        "segment of the copy": "Correct",
        "CT": "Done",
    }.get(removed, "Correct")
    assert ui.correctStartButton.text == expected
    assert ui.correctEditorFrame.visible == (expected == "Done")
    if removed == "CT":
        ui.correctStartButton.click()
        assert ui.correctReasonLabel.text.startswith("The CT of this mask was removed")


def test_a_reload_while_correcting(host: Any, module: Any, case: Any) -> None:
    module.widget.ui.correctStartButton.click()
    module.widget.onReload()
    ui = module.widget.ui
    assert ui.correctStartButton.text == "Go on correcting"
    ui.correctStartButton.click()
    assert ui.correctStartButton.text == "Done"


def test_a_mask_that_lands_is_the_next_to_correct(host: Any, module: Any, case: Any) -> None:
    ui, parameters = module.widget.ui, module.logic.getParameterNode()
    other = add_volume(sitk.Image(8, 8, 8, sitk.sitkInt16), "CT 2")
    mask = np.zeros((8, 8, 8), dtype=bool)
    mask[2:5, 2:5, 2:5] = True
    node, segment_id = add_network_mask(other, mask)
    parameters.result_segmentation, parameters.result_segment_id = node, segment_id
    assert ui.correctMaskBox.currentText == "CT 2 liver: liver"
    ui.correctMaskBox.setCurrentIndex(ui.correctMaskBox.findText("CT liver: liver"))
    ui.correctStartButton.click()
    assert copy_of(case)[0].GetName() == "CT liver (corrected)"
    assert not ui.correctMaskBox.enabled


def test_compare_is_handed_over_filled_in(
    host: Any, module: Any, case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    metrics = host.load(METRICS)
    taken: list = []
    monkeypatch.setattr(
        type(metrics.widget), "compare_with", lambda self, *given: taken.append(given), raising=False
    )
    host.select_module("LiverSegmentCNN")
    ui = module.widget.ui
    assert not ui.correctCompareButton.visible
    ui.correctStartButton.click()
    ui.correctCompareButton.click()
    assert slicer.util.selectedModule() == "LiverMetrics"
    assert editor_of(module).host_listens_to() == ()
    assert taken == [(*copy_of(case), [(case.node, case.segment_id)])]
