"""What the panel shows is of the masks as they are now, and where they are now."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from panel_driving import add_network_mask, add_volume, mask_of

SHAPE = (12, 20, 24)


def block(size: int = 8) -> np.ndarray:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[2:10, 4 : 4 + size, 6:18] = True
    return mask


def add_ct(name: str, origin: tuple = (0.0, 0.0, 0.0)) -> Any:
    image = sitk.Image(SHAPE[::-1], sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 3.0))
    image.SetOrigin(origin)
    volume = add_volume(image, name)
    volume.SetName(name)
    return volume


def draw(case: Any, mask: np.ndarray) -> None:
    import slicer

    slicer.util.updateSegmentBinaryLabelmapFromArray(
        mask.astype(np.uint8), case.node, case.segment_id, case.volume
    )


def put_under_shift(node: Any, shift_mm: float) -> Any:
    import slicer
    import vtk

    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, shift_mm)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(matrix)
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


@pytest.fixture
def case(host: Any, module: Any) -> Any:
    volume = add_ct("CT")
    node, segment_id = add_network_mask(volume, block())
    parameters = module.logic.getParameterNode()
    parameters.result_segmentation, parameters.result_segment_id = node, segment_id
    module.widget.enter()
    return SimpleNamespace(volume=volume, node=node, segment_id=segment_id)


def test_a_result_says_of_which_mask_it_is_and_whether_that_was_edited(
    host: Any, module: Any, case: Any, tmp_path: Any
) -> None:
    ui = module.widget.ui
    assert ui.maskValue.text == "CT liver: liver"
    draw(case, block(4))
    host.process_events(lambda: "edited" in ui.maskValue.text)
    volume_ml = np.count_nonzero(block(4)) * 12 / 1000
    assert f"has {volume_ml:.0f} mL now" in ui.maskValue.text
    host.save_scene(tmp_path / "scene.mrb")
    host.open_scene(tmp_path / "scene.mrb")
    assert f"has {volume_ml:.0f} mL now" in ui.maskValue.text


def test_a_result_whose_segment_was_removed_is_not_shown(host: Any, module: Any, case: Any) -> None:
    case.node.GetSegmentation().RemoveSegment(case.segment_id)
    module.widget.enter()
    assert module.widget.ui.resultButton.isHidden()


def test_undo_brings_back_of_which_volume_the_mask_was(host: Any, module: Any, case: Any) -> None:
    from LiverCoreScene.roles import edited_since
    from LiverCoreScene.volumes import volume_of_segment
    from LiverSegmentCNNLib.background import MaskBox
    from LiverSegmentCNNScene import segments
    from LiverSegmentCNNScene.replaced import RESTORED, Replaced

    other = add_ct("CT late")
    memory = Replaced.of(case.node, case.segment_id)
    segments.set_mask(case.node, case.segment_id, MaskBox.of(block(3)), other)
    memory.note_landing(case.node, "")
    assert volume_of_segment(case.node, case.segment_id) is other
    assert memory.restore() == RESTORED
    assert volume_of_segment(case.node, case.segment_id) is case.volume
    now = segments.fingerprint_of(case.node, case.segment_id)
    assert not edited_since(case.node, case.segment_id, now)


def test_a_mask_in_another_volumes_segmentation_belongs_to_its_own_volume(
    host: Any, module: Any, case: Any
) -> None:
    """Two phases in one segmentation: each mask is edited over its own, and batch knows whose it is."""
    import slicer

    from LiverSegmentCNNLib.background import MaskBox
    from LiverSegmentCNNScene import segments, working_copies
    from LiverSegmentCNNScene.batch_volumes import _earlier
    from LiverSegmentCNNScene.working_copies import Mask

    late = add_ct("late", (30.0, 0.0, 0.0))
    assert _earlier(late) is None
    segment_id = segments.add_liver(case.node, "liver late")
    segments.set_mask(case.node, segment_id, MaskBox.of(block(5)), late)
    report = {"provenance": {"parameters": {"postprocess": True}}, "volume_ml": 7.0, "components": None}
    segments.describe(case.node, segment_id, {**report, "warnings": []})
    assert _earlier(late).volume_ml == 7.0
    assert _earlier(case.volume).volume_ml != 7.0
    mask = Mask(case.node, segment_id)
    assert working_copies.volume_of(mask) is late
    copy = working_copies.make(mask)
    assert working_copies.volume_of(copy) is late
    assert (mask_of(copy.node, copy.segment_id, late) == block(5)).all()
    slicer.mrmlScene.RemoveNode(late)
    assert working_copies.why_not(mask).startswith("The CT of this mask was removed")


def test_start_again_after_the_network_mask_was_moved(host: Any, module: Any, case: Any) -> None:
    """The copy was not moved along: the mask has to land where the CNN mask is in the world."""
    from LiverCoreScene.fingerprints import of_segment, same
    from LiverSegmentCNNScene import changes, working_copies
    from LiverSegmentCNNScene.working_copies import Mask

    mask = Mask(case.node, case.segment_id)
    copy = working_copies.make(mask)
    put_under_shift(case.node, 10.0)
    assert changes.measure(mask, copy).removed_ml > 1
    working_copies.start_again(copy, mask)
    assert same(of_segment(copy.node, copy.segment_id), of_segment(case.node, case.segment_id))
    measured = changes.measure(mask, copy)
    assert (measured.added_ml, measured.removed_ml) == (0, 0)


def test_a_copy_says_that_its_network_mask_was_replaced(host: Any, module: Any, case: Any) -> None:
    from LiverSegmentCNNLib.background import MaskBox
    from LiverSegmentCNNScene import segments

    ui = module.widget.ui
    ui.correctStartButton.click()
    assert "replaced" not in ui.correctChangedValue.text
    segments.set_mask(case.node, case.segment_id, MaskBox.of(block(5)), case.volume)
    report = {"provenance": {"parameters": {"postprocess": True}}}
    segments.describe(case.node, case.segment_id, report)
    ui.correctStartButton.click()
    module.widget.sections[1].enter()
    assert "The CNN mask was replaced since" in ui.correctChangedValue.text
    ui.correctStartButton.click()
    ui.correctAgainButton.click()
    host.process_events(lambda: "replaced" not in ui.correctChangedValue.text)


def test_an_edit_in_another_module_counts_as_a_change(host: Any, module: Any, case: Any) -> None:
    """Slicer's own editor works on the copy, or on the CNN mask, while nothing is being corrected here."""
    from LiverSegmentCNNScene import working_copies
    from LiverSegmentCNNScene.working_copies import Mask

    ui = module.widget.ui
    ui.correctStartButton.click()
    ui.correctStartButton.click()
    assert " 0.0 mL added, 0.0 mL removed" in ui.correctChangedValue.text
    copy = working_copies.find(Mask(case.node, case.segment_id))
    draw(SimpleNamespace(node=copy.node, segment_id=copy.segment_id, volume=case.volume), block(4))
    removed_ml = np.count_nonzero(block() & ~block(4)) * 12 / 1000
    host.process_events(lambda: f"{removed_ml:.1f} mL removed" in ui.correctChangedValue.text)


@pytest.fixture
def fat(host: Any, module: Any, case: Any) -> Any:
    """A fat-fraction map that was measured in the mask."""
    values = sitk.GetImageFromArray(np.full(SHAPE, 12.0, dtype=np.float32))
    values.SetSpacing((2.0, 2.0, 3.0))
    volume = add_volume(values, "PDFF")
    outcome = module.logic.measure_pdff(volume, case.node, case.segment_id, units="percent")
    section = module.widget.sections[2]
    section.parameters.pdff_table = outcome.table
    section.enter()
    assert module.widget.ui.pdffWarningsValue.text == "none"
    return volume


def test_a_fat_fraction_says_that_its_mask_was_edited(host: Any, module: Any, case: Any, fat: Any) -> None:
    text = module.widget.ui.pdffWarningsValue
    draw(case, block(4))
    host.process_events(lambda: "measure again" in text.text)
    draw(case, block())
    host.process_events(lambda: text.text == "none")


def test_a_fat_fraction_says_that_its_map_was_moved(
    host: Any, module: Any, case: Any, fat: Any, tmp_path: Any
) -> None:
    text = module.widget.ui.pdffWarningsValue
    put_under_shift(fat, 6.0)
    host.process_events(lambda: "measure again" in text.text)
    host.save_scene(tmp_path / "scene.mrb")
    host.open_scene(tmp_path / "scene.mrb")
    assert "measure again" in text.text


def test_a_probability_map_replaces_no_image_and_is_no_ct(host: Any, module: Any, case: Any) -> None:
    """Another CT chosen by mistake would lose its voxels, and a map would be segmented as if it were a CT."""
    from LiverCoreScene.volumes import PROBABILITY
    from LiverSegmentCNNScene.batch_volumes import volumes_to_segment
    from LiverSegmentCNNScene.readiness import why_no_target

    other = add_ct("late")
    assert "late holds an image" in why_no_target(case.volume, None, "", other)
    assert len(volumes_to_segment("CT")) == 2
    other.SetAttribute(PROBABILITY, "CT")
    assert why_no_target(case.volume, None, "", other) == ""
    assert volumes_to_segment("CT") == [case.volume]


def test_a_batch_reports_a_skipped_mask_as_it_is_now(host: Any, module: Any, case: Any) -> None:
    from LiverSegmentCNNScene.batch_volumes import _earlier

    assert _earlier(case.volume).warnings == ()
    draw(case, block(4))
    outcome = _earlier(case.volume)
    assert outcome.volume_ml == pytest.approx(np.count_nonzero(block(4)) * 12 / 1000)
    assert outcome.warnings == ("The mask was edited since it was segmented; this is its volume now.",)
