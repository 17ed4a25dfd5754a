"""What the panel shows of a result: views, difference, HU table; and what other panels do with it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from panel_standardizing import SHIFT_HU, add_volume, small_ct, volumes

SEGMENTER = Path(__file__).resolve().parents[2] / "LiverSegmentCNN" / "LiverSegmentCNN.py"


@pytest.fixture
def case(host: Any, module: Any) -> Any:
    """A result in the scene as a run leaves it there, without a run."""
    import slicer

    from LiverCoreScene.voxel_images import vtk_image
    from LiverStandardizeScene.result_node import land
    from LiverStandardizeScene.self_test import _REPORT

    composites()  # the views are there before anything is shown in them
    source = add_volume(small_ct(size=(96, 96, 24)), "CT")
    result = land(vtk_image(slicer.util.arrayFromVolume(source) + np.int16(SHIFT_HU)), source, _REPORT)
    module.logic.getParameterNode().result_volume = result
    ui = module.widget.ui
    host.process_events(lambda: "Measuring" not in ui.tissueLabel.text, 30)
    return SimpleNamespace(source=source, result=result, ui=ui)


def composites() -> list:
    import slicer

    manager = slicer.app.layoutManager()
    logics = [manager.sliceWidget(name).sliceLogic() for name in ("Red", "Yellow")]
    return [logic.GetSliceCompositeNode() for logic in logics]


def row(table: Any, name: str) -> list[float]:
    """The numbers of a tissue."""
    names = [table.verticalHeaderItem(number).text() for number in range(table.rowCount)]
    return [float(table.item(names.index(name), column).text()) for column in range(4)]


def test_the_views_beside_each_other_move_together(host: Any, case: Any) -> None:
    import slicer

    manager = slicer.app.layoutManager()
    layout = manager.layout
    case.ui.sideBySideButton.click()
    left, right = composites()
    shown = left.GetBackgroundVolumeID(), right.GetBackgroundVolumeID()
    assert shown == (case.source.GetID(), case.result.GetID())
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView
    red, yellow = (manager.sliceWidget(name).sliceLogic() for name in ("Red", "Yellow"))
    red.StartSliceOffsetInteraction()
    red.SetSliceOffset(red.GetSliceOffset() + 20)
    red.EndSliceOffsetInteraction()
    assert yellow.GetSliceOffset() == red.GetSliceOffset()
    case.ui.sideBySideButton.click()
    assert manager.layout == layout
    assert (left.GetLinkedControl(), right.GetLinkedControl()) == (0, 0)
    assert yellow.GetSliceNode().GetOrientation() == "Sagittal"


def test_fading_ends_the_other_views(host: Any, case: Any) -> None:
    case.ui.sideBySideButton.click()
    case.ui.fadeSlider.setValue(40)
    assert not case.ui.sideBySideButton.checked
    for composite in composites():
        assert composite.GetBackgroundVolumeID() == case.source.GetID()
        assert composite.GetForegroundVolumeID() == case.result.GetID()
        assert composite.GetForegroundOpacity() == pytest.approx(0.4)


def test_the_difference_is_a_volume_of_its_own(host: Any, module: Any, case: Any) -> None:
    import slicer

    from LiverStandardizeScene.batch_volumes import offered_volumes

    name = "CT (M80) minus CT"
    case.ui.differenceButton.click()
    host.process_events(lambda: name in volumes(), 20)
    node = slicer.util.getNode(name)
    assert set(np.unique(slicer.util.arrayFromVolume(node))) == {SHIFT_HU}
    assert composites()[0].GetBackgroundVolumeID() == node.GetID()
    assert (node.GetDisplayNode().GetWindow(), node.GetDisplayNode().GetLevel()) == (50, 0)
    assert offered_volumes() == [case.source]
    case.ui.differenceButton.click()
    assert composites()[0].GetForegroundVolumeID() == case.result.GetID()
    case.ui.differenceButton.click()
    host.process_events(lambda: module.logic.getParameterNode().difference_volume is not None, 20)
    assert volumes() == {"CT", "CT (M80)", name}


def add_liver(volume: Any, name: str = "Liver") -> tuple[Any, np.ndarray]:
    """A block in the body, drawn by somebody."""
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "drawn")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment_id = node.GetSegmentation().AddEmptySegment(name, name)
    mask = np.zeros_like(slicer.util.arrayFromVolume(volume), dtype=np.uint8)
    mask[6:18, 40:60, 30:60] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, segment_id, volume)
    return node, mask.astype(bool)


def test_tissues_are_measured_and_the_liver_once_it_has_a_mask(host: Any, module: Any, case: Any) -> None:
    import slicer

    table = case.ui.tissueTable
    before, after, noise, noise_after = row(table, "Fat")
    assert before == pytest.approx(-95, abs=2)
    assert after - before == pytest.approx(SHIFT_HU, abs=0.11)
    assert noise == noise_after == pytest.approx(8, abs=2)
    assert case.ui.tissueLabel.text.startswith("No mask of the liver yet")
    node, mask = add_liver(case.source)
    host.process_events(lambda: case.ui.tissueLabel.text.startswith("Liver in drawn: Liver."), 20)
    liver_hu = slicer.util.arrayFromVolume(case.source)[mask].mean()
    assert row(table, "Liver")[0] == pytest.approx(liver_hu, abs=0.5)
    slicer.mrmlScene.RemoveNode(node)
    host.process_events(lambda: case.ui.tissueLabel.text.startswith("No mask of the liver yet"), 20)


def test_a_removed_input_takes_what_needs_it_along(host: Any, module: Any, case: Any) -> None:
    import slicer

    case.ui.sideBySideButton.click()
    slicer.mrmlScene.RemoveNode(case.source)
    gone = "The volume that it was made of was removed."
    host.process_events(lambda: case.ui.tissueLabel.text == gone, 20)
    assert case.ui.resultValue.text == f"CT (M80). {gone}"
    for part in (case.ui.sideBySideButton, case.ui.differenceButton, case.ui.fadeWidget):
        assert not part.enabled
    slicer.mrmlScene.RemoveNode(case.result)
    assert not case.ui.resultButton.visible


def test_closing_the_scene_while_something_is_computed(host: Any, case: Any) -> None:
    case.ui.sideBySideButton.click()
    case.ui.differenceButton.click()
    host.close_scene()
    assert not case.ui.resultButton.visible
    assert volumes() == set()


def test_a_result_goes_to_segmentation_which_says_what_it_is(host: Any, module: Any, case: Any) -> None:
    import slicer

    segmenter = host.load(SEGMENTER)
    host.select_module("LiverStandardize")
    case.ui.useButton.click()
    assert slicer.util.selectedModule() == "LiverSegmentCNN"
    ui = segmenter.widget.ui
    assert ui.inputSelector.currentNode() is case.result
    assert ui.imageValue.text == "standardized to M80, from FBP (CT)"
    ui.inputSelector.setCurrentNode(case.source)
    assert ui.imageValue.text == "original"


def test_a_scene_keeps_result_and_difference(host: Any, module: Any, case: Any, tmp_path: Path) -> None:
    case.ui.differenceButton.click()
    host.process_events(lambda: "CT (M80) minus CT" in volumes(), 20)
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    host.open_scene(tmp_path / "scene.mrb")
    host.process_events(lambda: case.ui.tissueTable.rowCount > 0, 30)
    assert case.ui.resultValue.text == "CT (M80), made of CT"
    assert case.ui.resultProtocolValue.text == "FBP to M80"
    assert module.logic.getParameterNode().difference_volume.GetName() == "CT (M80) minus CT"
    case.ui.fadeSlider.setValue(60)
    assert composites()[0].GetForegroundVolumeID() == module.logic.getParameterNode().result_volume.GetID()
