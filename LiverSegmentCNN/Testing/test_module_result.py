"""What is done with a result: the raw mask beside it, the removed part, the surface, undo."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_driving import add_manual, add_network_mask, add_volume, mask_of, start, wait

BUSY_S = 0.1
NEAR_MM = 4.0  # slices jump to whole voxels


@pytest.mark.slow
def test_the_raw_mask_lands_beside_the_other(host: Any, module: Any, abdomen: Any) -> None:
    from LiverCoreScene.roles import POSTPROCESSED, RAW, report_of, role_of

    ui, volume = module.widget.ui, add_volume(abdomen.image)
    manual_node, manual_id, manual = add_manual(volume)
    ui.inputSelector.setCurrentNode(volume)
    ui.outputSelector.setCurrentNode(manual_node)
    ui.segmentBox.setCurrentIndex(ui.segmentBox.findData(manual_id))
    ui.keepRawBox.checked = True
    start(module)
    wait(host, module)
    segmentation = manual_node.GetSegmentation()
    assert [segmentation.GetSegment(one).GetName() for one in segmentation.GetSegmentIDs()] == [
        "manual",
        "liver (raw)",
    ]
    raw_id = segmentation.GetSegmentIDs()[1]
    assert (role_of(manual_node, manual_id), role_of(manual_node, raw_id)) == (POSTPROCESSED, RAW)
    kept, raw = mask_of(manual_node, manual_id, volume), mask_of(manual_node, raw_id, volume)
    assert kept.any()
    assert not (kept & ~raw).any()
    report = report_of(manual_node, raw_id)
    assert report["volume_ml"] == pytest.approx(np.count_nonzero(raw) * np.prod(volume.GetSpacing()) / 1000)
    assert ui.correctMaskBox.count == 2
    ui.undoButton.click()
    assert list(segmentation.GetSegmentIDs()) == [manual_id]
    assert (mask_of(manual_node, manual_id, volume) == manual).all()
    assert ui.statusLabel.text == "The mask from before is back."


@pytest.fixture
def replaced(host: Any, module: Any, abdomen: Any) -> Any:
    """A mask drawn by hand that another one has just replaced."""
    from LiverSegmentCNNLib.background import MaskBox
    from LiverSegmentCNNScene import segments
    from LiverSegmentCNNScene.replaced import Replaced

    volume = add_volume(abdomen.image)
    node, segment_id, manual = add_manual(volume)
    memory = Replaced.of(node, segment_id)
    found = np.zeros_like(manual)
    found[15:30, 40:70, 30:60] = True
    segments.set_mask(node, segment_id, MaskBox.of(found), volume)
    memory.note_landing(node, "")
    return SimpleNamespace(volume=volume, node=node, id=segment_id, manual=manual, found=found, memory=memory)


def test_undo_says_whether_edits_go(replaced: Any) -> None:
    import slicer

    from LiverSegmentCNNScene import replaced as outcomes

    edited = replaced.found.astype(np.uint8)
    edited[0:5, 0:5, 0:5] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(edited, replaced.node, replaced.id, replaced.volume)
    assert replaced.memory.restore() == outcomes.RESTORED_OVER_EDITS
    assert (mask_of(replaced.node, replaced.id, replaced.volume) == replaced.manual).all()


def test_undo_of_what_was_not_edited(replaced: Any) -> None:
    from LiverSegmentCNNScene import replaced as outcomes

    assert replaced.memory.restore() == outcomes.RESTORED
    assert (mask_of(replaced.node, replaced.id, replaced.volume) == replaced.manual).all()


def test_undo_after_the_segment_is_gone(replaced: Any) -> None:
    import slicer

    from LiverSegmentCNNScene import replaced as outcomes

    replaced.node.GetSegmentation().RemoveSegment(replaced.id)
    assert replaced.memory.restore() == outcomes.GONE
    slicer.mrmlScene.RemoveNode(replaced.node)
    assert replaced.memory.restore() == outcomes.GONE


def test_the_segment_editors_own_undo_goes_along(
    host: Any, module: Any, abdomen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    from LiverSegmentCNNLib.background import MaskBox
    from LiverSegmentCNNScene import segments
    from LiverSegmentCNNScene.replaced import Replaced

    volume = add_volume(abdomen.image)
    node, segment_id, manual = add_manual(volume)
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    editor.setMRMLScene(slicer.mrmlScene)
    editor.setSegmentationNode(node)
    monkeypatch.setattr(
        slicer.modules, "SegmentEditorWidget", SimpleNamespace(editor=editor), raising=False
    )
    found = np.zeros_like(manual)
    found[15:30, 40:70, 30:60] = True
    memory = Replaced.of(node, segment_id)
    segments.set_mask(node, segment_id, MaskBox.of(found), volume)
    memory.note_landing(node, "")
    editor.undo()
    assert (mask_of(node, segment_id, volume) == manual).all()
    editor.redo()
    assert (mask_of(node, segment_id, volume) == found).all()
    memory.restore()
    assert (mask_of(node, segment_id, volume) == manual).all()
    editor.undo()
    assert (mask_of(node, segment_id, volume) == found).all()


def test_new_segments_are_listed_at_once(host: Any, module: Any, abdomen: Any) -> None:
    ui, volume = module.widget.ui, add_volume(abdomen.image)
    node, segment_id, _mask = add_manual(volume)
    ui.outputSelector.setCurrentNode(node)

    def texts() -> list:
        return [ui.segmentBox.itemText(index) for index in range(ui.segmentBox.count)]

    node.GetSegmentation().AddEmptySegment("second", "second")
    assert texts() == ["New segment", "Replace manual", "Replace second"]
    node.GetSegmentation().GetSegment("second").SetName("third")
    assert texts() == ["New segment", "Replace manual", "Replace third"]
    ui.segmentBox.setCurrentIndex(ui.segmentBox.findData("second"))
    node.GetSegmentation().RemoveSegment("second")
    assert texts() == ["New segment", "Replace manual", "second (not there)"]
    assert ui.reasonLabel.visible


@pytest.fixture
def shown(host: Any, module: Any, abdomen: Any) -> Any:
    """A result whose report names two parts that were removed, under a transform."""
    import slicer
    import vtk

    shift = vtk.vtkTransform()
    shift.Translate(20, 30, -40)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(shift.GetMatrix())
    volume = add_volume(abdomen.image)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    mask = np.zeros_like(slicer.util.arrayFromVolume(volume), dtype=bool)
    mask[30:45, 30:60, 25:55] = True
    parts = [
        {"volume_ml": volume_ml, "attached": volume_ml < 5, "voxel_kji": [10, 20, 30], "centre_lps_mm": place}
        for volume_ml, place in ((3.0, [0.0, 0.0, 0.0]), (7.5, [-10.0, 20.0, 30.0]))
    ]
    node, segment_id = add_network_mask(
        volume, mask, components={"kept_ml": 1.0, "removed_ml": 10.5, "removed": parts}
    )
    parameters = module.logic.getParameterNode()
    parameters.result_segmentation, parameters.result_segment_id = node, segment_id
    module.widget.enter()
    return SimpleNamespace(volume=volume, node=node)


def test_the_largest_removed_part_is_shown(host: Any, module: Any, shown: Any) -> None:
    ui = module.widget.ui
    host.show_volume(shown.volume)
    assert ui.removedValue.text == "10.5 mL in 2 parts, the largest 7.5 mL"
    ui.islandButton.click()
    assert ui.statusLabel.text == "The largest removed part: 7.5 mL, apart from the liver."
    centre = host.slice_view("Red").node.GetSliceToRAS()
    place = [centre.GetElement(row, 3) for row in range(3)]
    assert np.linalg.norm(np.subtract(place, (10 + 20, -20 + 30, 30 - 40))) < NEAR_MM


def test_the_surface_comes_and_goes(host: Any, module: Any, shown: Any) -> None:
    ui, segmentation = module.widget.ui, shown.node.GetSegmentation()
    ui.surfaceButton.click()
    assert segmentation.ContainsRepresentation("Closed surface")
    assert ui.statusLabel.text.startswith("Surface made in ")
    module.widget.enter()
    assert ui.surfaceButton.checked
    ui.surfaceButton.click()
    assert not segmentation.ContainsRepresentation("Closed surface")


def test_the_corrected_mask_takes_the_place_of_the_other_in_3d(host: Any, module: Any, shown: Any) -> None:
    from LiverSegmentCNNScene import working_copies

    ui = module.widget.ui
    ui.surfaceButton.click()
    ui.correctStartButton.click()
    ui.correctStartButton.click()
    module.widget.enter()
    assert not ui.surfaceButton.checked
    ui.surfaceButton.click()
    copy = working_copies.find(working_copies.Mask(shown.node, "liver"))
    assert copy.node.GetSegmentation().ContainsRepresentation("Closed surface")
    assert not shown.node.GetDisplayNode().GetSegmentVisibility3D("liver")
    ui.surfaceButton.click()
    for node in (shown.node, copy.node):
        assert not node.GetSegmentation().ContainsRepresentation("Closed surface")


@pytest.mark.slow
def test_a_large_ct_does_not_stop_the_window(host: Any, module: Any) -> None:
    from LiverSegmentCNNLib.background import BackgroundResult, MaskBox

    image = sitk.Image(512, 512, 150, sitk.sitkInt16) - 50
    image.SetSpacing((0.75, 0.75, 3.0))
    ui, volume = module.widget.ui, add_volume(image)
    ui.inputSelector.setCurrentNode(volume)
    host.process_events()
    watch = EventLoopWatch()
    start(module)
    host.process_events(lambda: ui.progressBar.value >= 6, 60)  # the image is written, the worker works
    assert watch.stop() < BUSY_S

    z, y, x = np.ogrid[:150, :512, :512]
    liver = ((z - 75) / 35) ** 2 + ((y - 256) / 90) ** 2 + ((x - 200) / 110) ** 2 < 1  # 2.4 L
    report = {"provenance": {"parameters": {"postprocess": True}}}
    result = BackgroundResult(report, MaskBox.of(liver), None, seconds=1.0)
    began = time.thread_time()
    module.widget.sections[0]._run._land(result)
    assert time.thread_time() - began < BUSY_S
    ui.applyButton.click()
    wait(host, module)
