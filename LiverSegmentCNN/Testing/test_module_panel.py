"""The panel, driven from Apply to the mask with the real worker and the default model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_driving import (
    LIVER_LABEL,
    MODULE,
    add_manual,
    add_volume,
    dice,
    mask_of,
    start,
    wait,
)

BUSY_S = 0.1


def terminology_of(segment: Any) -> str:
    """The segment's codes, as Slicer keeps them in a tag."""
    from vtkmodules.vtkCommonCore import reference

    entry = reference("")
    segment.GetTag(segment.GetTerminologyEntryTagName(), entry)
    return str(entry)


@pytest.mark.slow
def test_a_new_segmentation_then_a_replacement_and_its_undo(
    host: Any,
    module: Any,
    abdomen: Any,
    tmp_path: Path,
) -> None:
    import slicer

    ui, parameters = module.widget.ui, module.logic.getParameterNode()
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (False, "Choose the CT to segment.")
    volume = add_volume(abdomen.image)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), study)
    ui.inputSelector.setCurrentNode(volume)
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (True, "")
    watch = EventLoopWatch()
    start(module)
    wait(host, module)
    longest_s = watch.stop()
    truth = sitk.GetArrayFromImage(abdomen.labels) == LIVER_LABEL

    node = slicer.util.getNode("CT liver")
    liver = mask_of(node, "liver", volume)
    assert dice(liver, truth) > 0.8
    voxel_ml = np.prod(volume.GetSpacing()) / 1000
    assert ui.volumeValue.text == f"{np.count_nonzero(liver) * voxel_ml:.0f} mL"
    assert ui.statusLabel.text == "Done: CT liver."
    segment = node.GetSegmentation().GetSegment("liver")
    assert segment.GetName() == "liver"
    assert [round(255 * part) for part in segment.GetColor()] == [221, 130, 101]
    assert "~SCT^10200004^Liver~" in terminology_of(segment)
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is volume
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == study
    assert node.GetAttribute("LiverCNN.Role.liver") == "cnn-postprocessed"
    assert longest_s < BUSY_S

    manual_node, manual_id, manual = add_manual(volume)
    manual_node.GetSegmentation().AddEmptySegment("other", "other")
    slicer.util.updateSegmentBinaryLabelmapFromArray(manual.astype("uint8"), manual_node, "other", volume)
    ui.outputSelector.setCurrentNode(manual_node)
    ui.segmentBox.setCurrentIndex(ui.segmentBox.findData(manual_id))
    assert parameters.output_segment_id == manual_id
    ui.postprocessBox.checked = False
    start(module)
    wait(host, module)
    assert dice(mask_of(manual_node, manual_id, volume), truth) > 0.8
    assert (mask_of(manual_node, "other", volume) == manual).all()
    assert manual_node.GetAttribute(f"LiverCNN.Role.{manual_id}") == "cnn-raw"
    assert ui.removedValue.text == "not asked for"
    ui.undoButton.click()
    assert (mask_of(manual_node, manual_id, volume) == manual).all()
    assert (mask_of(manual_node, "other", volume) == manual).all()
    assert manual_node.GetAttribute(f"LiverCNN.Role.{manual_id}") is None
    assert not ui.undoButton.visible

    parameters.result_segmentation, parameters.result_segment_id = node, "liver"
    parameters.threshold, parameters.threshold_of_model = 0.4, False
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert ui.inputSelector.currentNode() is None
    assert (ui.resultButton.visible, ui.postprocessBox.checked) == (False, True)
    host.open_scene(tmp_path / "scene.mrb")
    assert ui.inputSelector.currentNode().GetName() == "CT"
    assert ui.outputSelector.currentNode().GetName() == "drawn by hand"
    assert (ui.segmentBox.currentData, ui.postprocessBox.checked) == (manual_id, False)
    assert ui.thresholdSlider.value == 0.4
    assert ui.volumeValue.text == f"{np.count_nonzero(liver) * voxel_ml:.0f} mL"


@pytest.mark.slow
def test_an_mr_is_refused_in_words(host: Any, module: Any, abdomen: Any) -> None:
    ui = module.widget.ui
    mr = sitk.Cast(sitk.Clamp(abdomen.image, lowerBound=0, upperBound=300) + 10, sitk.sitkInt16)
    ui.inputSelector.setCurrentNode(add_volume(mr, "T1"))
    start(module)
    wait(host, module)
    assert ui.statusLabel.text.startswith("This does not look like a CT in Hounsfield units")
    assert not ui.resultButton.visible


def test_each_refusal_is_a_sentence(
    host: Any,
    module: Any,
    abdomen: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import slicer

    from LiverCoreLib import registry
    from LiverCoreScene import model_choice

    ui, parameters = module.widget.ui, module.logic.getParameterNode()
    volume = add_volume(abdomen.image)
    ui.inputSelector.setCurrentNode(volume)
    assert ui.reasonLabel.text == ""

    ui.probabilitySelector.setCurrentNode(volume)
    assert ui.reasonLabel.text.startswith("The probability map would replace the input volume")
    ui.probabilitySelector.setCurrentNode(None)

    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    ui.inputSelector.setCurrentNode(empty)
    assert ui.reasonLabel.text == "empty holds no 3-D image; choose a whole CT series."
    ui.inputSelector.setCurrentNode(volume)

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(volume), "DICOM.Modality", "MR")
    module.widget.enter()
    assert ui.reasonLabel.text == "CT is MR, and the model is for CT; choose a CT series."
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(volume), "DICOM.Modality", "CT")

    parameters.model = "no-such-model"
    assert ui.reasonLabel.text.startswith("Model no-such-model is not installed")
    assert ui.modelBox.currentText == "no-such-model (not there)"
    parameters.model = ""

    with monkeypatch.context() as without_models:
        without_models.setattr(registry, "search_path", list)
        module.widget.enter()
        assert ui.reasonLabel.text == "No model is installed; install one in Liver Set-up."
    with monkeypatch.context() as without_torch:
        without_torch.setattr(model_choice, "missing_packages", lambda: ("PyTorch",))
        module.widget.enter()
        assert ui.reasonLabel.text == "Not installed: PyTorch. Install what is missing in Liver Set-up."
        assert not ui.applyButton.enabled
        assert ui.setUpButton.visible
    module.widget.enter()
    assert not ui.setUpButton.visible
    assert (ui.reasonLabel.text, ui.applyButton.enabled) == ("", True)


def test_the_self_test_passes(host: Any, module: Any) -> None:
    import slicer

    slicer.selfTests["LiverSegmentCNN"]()


def test_device_and_threads_stay_with_the_computer(host: Any, module: Any) -> None:
    module.widget.ui.deviceBox.setCurrentIndex(module.widget.ui.deviceBox.findData("cpu"))
    module.widget.ui.threadsBox.setValue(2)
    host.close_scene()
    module.widget.onReload()
    ui = module.widget.ui
    assert (ui.deviceBox.currentData, ui.threadsBox.value) == ("cpu", 2)
    ui.deviceBox.setCurrentIndex(0)
    ui.threadsBox.setValue(0)


def test_every_stage_of_the_worker_has_words_in_the_users_language(host: Any, module: Any) -> None:
    from LiverSegmentCNNScene import panel_texts

    library = MODULE.parent / "LiverSegmentCNNLib"
    work = MODULE.parents[1] / "LiverCore" / "LiverCoreLib" / "background_work.py"
    text = "".join(path.read_text() for path in (library / "job.py", library / "segment.py", work))
    said = {
        *re.findall(r'stage\("[a-z]+", [0-9.]+, [0-9.]+, "([^"]+)"\)', text),
        *re.findall(r'(?:message = [0-9._A-Z]+, |_STARTING = |progress\(0.0, )"([^"]+)"', text),
    }
    assert len(said) > 10
    assert said <= set(panel_texts.known_stages())
