"""The panel, driven from Apply to the standardized volume with the real worker and a model that adds HU."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_standardizing import MODULE, SHIFT_HU, add_volume, choose, small_ct, start, volumes, wait

BUSY_S = 0.1
OF_IR = {"ConvolutionKernel": "Br40f\\3", "Modality": "CT"}
OF_M80 = {"SeriesDescription": "Monoenergetic Plus 80 keV", "ImageType": "DERIVED\\SECONDARY\\AXIAL"}


def in_study(node: Any) -> Any:
    """A study of the subject hierarchy with the node in it."""
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), study)
    return hierarchy, study


def under_shift(node: Any) -> Any:
    import slicer

    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def test_a_ct_is_standardized_beside_its_input(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer

    from LiverCoreScene.standardized import is_standardized, source_of, standardization_of
    from LiverCoreScene.volumes import modality_of

    ui, parameters = module.widget.ui, module.logic.getParameterNode()
    assert ui.reasonLabel.text == "Choose the CT to standardize."
    volume = add_volume(small_ct(), "CT", **OF_IR)
    volume.GetDisplayNode().AutoWindowLevelOff()
    volume.GetDisplayNode().SetWindowLevel(321, 45)
    hierarchy, study = in_study(volume)
    transform = under_shift(volume)
    before = slicer.util.arrayFromVolume(volume).copy()
    choose(host, module, volume)
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (True, "")
    assert ui.protocolBox.currentText.startswith("As detected: IR")
    assert "ConvolutionKernel" in ui.evidenceValue.text
    assert "64 x 64 x 20 voxels of 5.00 x 5.00 x 5.00 mm" in ui.checksValue.text
    watch = EventLoopWatch()
    start(module)
    wait(host, module)
    longest_s = watch.stop()

    result = slicer.util.getNode("CT (M80)")
    assert ui.statusLabel.text == "Done: CT (M80)."
    after = slicer.util.arrayFromVolume(result)
    tissue = (before > -150) & (before < 500)
    assert (after[tissue] - before[tissue] == SHIFT_HU).all()
    assert (slicer.util.arrayFromVolume(volume) == before).all()
    assert after.dtype == np.int16
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(result)) == study
    assert result.GetTransformNodeID() == transform.GetID()
    display = result.GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel(), display.GetAutoWindowLevel()) == (321, 45, 0)
    assert modality_of(result) == "CT"
    assert is_standardized(result)
    assert source_of(result) is volume
    assert standardization_of(result)["protocol"] == "IR"
    assert "to M80" in ui.resultProtocolValue.text
    assert longest_s < BUSY_S

    parameters.force = True
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert ui.inputSelector.currentNode() is None
    assert not ui.resultButton.visible
    host.open_scene(tmp_path / "scene.mrb")
    assert ui.inputSelector.currentNode().GetName() == "CT"
    assert ui.forceBox.checked
    assert ui.resultValue.text == "CT (M80), made of CT"
    host.process_events(lambda: ui.applyButton.enabled, 20)
    assert ui.protocolBox.currentText.startswith("As detected: IR")


def test_an_earlier_result_is_replaced_and_nothing_else(host: Any, module: Any) -> None:
    import slicer

    ui = module.widget.ui
    volume = add_volume(small_ct(), "CT", **OF_IR)
    choose(host, module, volume)
    start(module)
    wait(host, module)
    result = slicer.util.getNode("CT (M80)")
    slicer.util.arrayFromVolume(result)[:] = 0
    ui.outputSelector.setCurrentNode(volume)
    assert ui.reasonLabel.text == "The result would replace the input volume; choose another volume for it."
    other = add_volume(small_ct(1), "other")
    ui.outputSelector.setCurrentNode(other)
    assert ui.reasonLabel.text.startswith("other holds an image of its own")
    ui.outputSelector.setCurrentNode(result)
    start(module)
    wait(host, module)
    assert volumes() == {"CT", "other", "CT (M80)"}
    middle = slicer.util.arrayFromVolume(result)[10, 32, 32]
    assert middle == slicer.util.arrayFromVolume(volume)[10, 32, 32] + SHIFT_HU


def test_a_stated_protocol_is_kept_with_the_volume_and_doubted(host: Any, module: Any) -> None:
    ui = module.widget.ui
    volume, other = add_volume(small_ct(), "CT", **OF_IR), add_volume(small_ct(), "other", **OF_IR)
    choose(host, module, volume)
    ui.protocolBox.setCurrentIndex(ui.protocolBox.findData("M40"))
    host.process_events(lambda: "Looking" not in ui.reasonLabel.text, 20)
    assert "M40 was stated, but it has fat at -9" in ui.checksValue.text
    assert "given by the user" in ui.evidenceValue.text
    assert ui.protocolBox.itemText(0).startswith("As detected: IR")
    choose(host, module, other)
    assert ui.protocolBox.currentData == ""
    choose(host, module, volume)
    assert ui.protocolBox.currentData == "M40"
    start(module)
    wait(host, module)
    assert "M40 was stated" in ui.warningsValue.text


def test_a_ct_of_the_target_protocol_waits_for_a_tick(host: Any, module: Any) -> None:
    import slicer

    from LiverCoreLib.errors import LiverCNNError

    ui = module.widget.ui
    volume = add_volume(small_ct(), "mono", **OF_M80)
    assert not ui.forceBox.visible
    choose(host, module, volume)
    assert ui.reasonLabel.text.startswith("mono is M80 already and needs no standardization")
    assert not ui.applyButton.enabled
    with pytest.raises(LiverCNNError, match="already") as refusal:
        module.logic.standardize(volume)
    assert refusal.value.id == "already-target"
    ui.forceBox.click()
    host.process_events(lambda: ui.applyButton.enabled, 20)
    start(module)
    wait(host, module)
    result = slicer.util.getNode("mono (M80)")
    choose(host, module, result)
    assert "standardized to M80 by LiverCNN" in ui.evidenceValue.text
    ui.forceBox.click()
    host.process_events(lambda: "Looking" not in ui.reasonLabel.text, 20)
    assert ui.reasonLabel.text.startswith("mono (M80) is M80 already")


def add_mr(name: str) -> Any:
    import slicer

    node = add_volume(small_ct(), name)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(node), "DICOM.Modality", "MR")
    return node


def test_each_refusal_is_a_sentence(
    host: Any, module: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import slicer

    from LiverCoreLib import registry
    from LiverCoreScene import model_choice
    from LiverCoreScene.volumes import DIFFERENCE

    ui = module.widget.ui
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    difference = add_volume(small_ct(), "change")
    difference.SetAttribute(DIFFERENCE, "CT")
    not_hu = add_volume(sitk.Clamp(small_ct(), lowerBound=0, upperBound=300) + 10, "no HU")
    iodine = add_volume(small_ct(), "map", ImageType="DERIVED\\PRIMARY\\AXIAL\\MAT_SPECIFIC")
    for volume, sentence in (
        (empty, "empty holds no 3-D image; choose a whole CT series."),
        (add_volume(small_ct()[:, :, :2], "two"), "two has 2 slices, and 5 are needed; choose the whole"),
        (difference, "change is not a CT; choose one."),
        (add_mr("T1"), "T1 is MR, and only CT has these protocols; choose a CT series."),
        (not_hu, "This does not look like a CT in Hounsfield units"),
        (iodine, "map is a map of one material, such as iodine"),
    ):
        choose(host, module, volume)
        assert ui.reasonLabel.text.startswith(sentence)
        assert not ui.applyButton.enabled
    choose(host, module, add_volume(small_ct(), "CT"))
    assert ui.applyButton.enabled
    module.logic.getParameterNode().model = "no-such-model"
    assert ui.reasonLabel.text.startswith("Model no-such-model is not installed")
    module.logic.getParameterNode().model = ""
    with monkeypatch.context() as without_models:
        without_models.setattr(registry, "search_path", list)
        module.widget.enter()
        assert ui.reasonLabel.text == "No model is installed; install one in Liver Set-up."
    with monkeypatch.context() as without_torch:
        without_torch.setattr(model_choice, "missing_packages", lambda: ("PyTorch",))
        module.widget.enter()
        assert ui.reasonLabel.text == "Not installed: PyTorch. Install what is missing in Liver Set-up."
        assert ui.setUpButton.visible
    module.widget.enter()
    host.process_events(lambda: ui.applyButton.enabled, 20)
    assert (ui.reasonLabel.text, ui.setUpButton.visible) == ("", False)


def test_colours_and_labels_cannot_be_chosen(host: Any, module: Any) -> None:
    import slicer

    for kind in ("vtkMRMLLabelMapVolumeNode", "vtkMRMLVectorVolumeNode"):
        node = slicer.mrmlScene.AddNewNodeByClass(kind, kind)
        module.widget.ui.inputSelector.setCurrentNode(node)
        assert module.widget.ui.inputSelector.currentNode() is None
        assert module.logic.why_not(node) == f"{kind} is not a CT; choose one."


def test_the_card_is_shown(host: Any, module: Any) -> None:
    text = module.widget.ui.cardValue.text
    assert text.startswith("A standardizer for tests, version 1.0.0: to M80 (virtual monoenergetic, 80 keV).")
    assert "Nothing was measured yet." in text


def test_the_card_says_how_far_the_liver_is_off(host: Any, module: Any) -> None:
    from LiverStandardizeScene.card_text import card_text

    means = {
        "FBP_original_liver_bias_hu": 30.0,
        "FBP_liver_bias_hu": -2.04,
        "M40_liver_bias_hu": 1.0,
        "FBP_liver_noise_ratio": 0.9,
        "M40_liver_noise_ratio": 1.2,
        "M40_psnr_db": 30.0,
    }
    metrics = {name: {"mean": mean} for name, mean in means.items()}
    entry = {"data_set": "phantoms", "kind": "phantom", "n": 4, "metrics": metrics}
    output = SimpleNamespace(target_protocol="M80")
    card = SimpleNamespace(name="A", version="1", output=output, evaluation=[entry])
    assert card_text(SimpleNamespace(card=card)).splitlines()[1] == (
        "phantoms (synthetic, n = 4): liver within 2.0 HU of the target (FBP), "
        "noise 0.90 (FBP) to 1.20 (M40) of the target's."
    )


def test_the_self_test_passes(host: Any, module: Any) -> None:
    import slicer

    slicer.selfTests["LiverStandardize"]()


def test_every_stage_of_the_worker_has_words_in_the_users_language(host: Any, module: Any) -> None:
    from LiverStandardizeScene import panel_texts

    library = MODULE.parent / "LiverStandardizeLib"
    work = MODULE.parents[1] / "LiverCore" / "LiverCoreLib" / "background_work.py"
    text = "".join(
        path.read_text() for path in (library / "standardize_job.py", library / "standardize.py", work)
    )
    said = {
        *re.findall(r'stage\("[a-z]+", [0-9.]+, [0-9.]+, "([^"]+)"\)', text),
        *re.findall(r'(?:message = [0-9._A-Z]+, |_STARTING = |progress\(0.0, )"([^"]+)"', text),
    }
    assert len(said) > 10
    assert said <= set(panel_texts.known_stages())
