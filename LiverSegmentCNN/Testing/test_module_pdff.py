"""The fat-fraction section: from the buttons to the nodes, on maps as they come and as they should not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from event_loop import EventLoopWatch
from panel_driving import LIVER_LABEL, add_volume

LIVER_PCT, FAT_PCT = 8.0, 95.0
BUSY_S = 0.1


@pytest.fixture
def map_image(abdomen: Any) -> sitk.Image:
    """PDFF of the abdomen in per cent, on a turned and coarser grid as an MR has: 8 % +- 2 in the liver."""
    labels = abdomen.labels
    liver = sitk.GetArrayFromImage(labels) == LIVER_LABEL
    noise = np.random.default_rng(5).normal(LIVER_PCT, 2.0, liver.shape)
    image = sitk.GetImageFromArray(np.where(liver, noise, FAT_PCT).astype(np.float32))
    image.CopyInformation(labels)
    turn = sitk.Euler3DTransform(labels.TransformContinuousIndexToPhysicalPoint([48, 48, 25]), 0, 0, 0.1)
    return sitk.Resample(image, turned(labels, turn), sitk.Transform(), sitk.sitkNearestNeighbor, FAT_PCT)


def turned(image: sitk.Image, turn: sitk.Transform) -> sitk.Image:
    """An empty image on the grid of another, turned."""
    grid = sitk.Image(image.GetSize(), sitk.sitkUInt8)
    grid.SetSpacing(image.GetSpacing())
    grid.SetOrigin(turn.TransformPoint(image.GetOrigin()))
    matrix = np.array(turn.GetMatrix()).reshape(3, 3) @ np.array(image.GetDirection()).reshape(3, 3)
    grid.SetDirection(matrix.ravel().tolist())
    return grid


@pytest.fixture
def liver(host: Any, abdomen: Any) -> tuple[Any, str]:
    """The true liver as a segment: node and segment ID."""
    import slicer

    volume = add_volume(abdomen.image)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "liver of CT")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment_id = node.GetSegmentation().AddEmptySegment("liver", "liver")
    mask = (sitk.GetArrayFromImage(abdomen.labels) == LIVER_LABEL).astype(np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, segment_id, volume)
    return node, segment_id


def choose(module: Any, volume: Any, liver: tuple[Any, str]) -> Any:
    """Choose map and liver in the panel; gives its widgets."""
    ui = section_of(module).ui
    ui.pdffMapSelector.setCurrentNode(volume)
    ui.pdffSegmentationSelector.setCurrentNode(liver[0])
    ui.pdffSegmentBox.setCurrentIndex(ui.pdffSegmentBox.findData(liver[1]))
    return ui


def section_of(module: Any) -> Any:
    return next(one for one in module.widget.sections if type(one).__name__ == "PdffSection")


def measure(host: Any, ui: Any) -> None:
    ui.pdffMeasureButton.click()
    host.process_events(lambda: ui.pdffMeasureButton.text == "Measure", 30)


def result_nodes() -> list[str]:
    import slicer

    kinds = ("vtkMRMLTableNode", "vtkMRMLPlotSeriesNode", "vtkMRMLPlotChartNode")
    return [node.GetName() for kind in kinds for node in slicer.util.getNodesByClass(kind)]


def move(*nodes: Any) -> None:
    """Put nodes under one rigid transform."""
    import slicer
    import vtk

    turn = vtk.vtkTransform()
    turn.Translate(30, -15, 200)
    turn.RotateY(20)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(turn.GetMatrix())
    for node in nodes:
        node.SetAndObserveTransformNodeID(transform.GetID())


def test_a_map_is_measured_and_shown(
    host: Any, module: Any, liver: Any, map_image: sitk.Image, tmp_path: Path
) -> None:
    import slicer

    volume = add_volume(map_image, "PDFF")
    move(volume, liver[0])
    ui = choose(module, volume, liver)
    assert (ui.pdffMeasureButton.enabled, ui.pdffReasonLabel.text) == (True, "")
    watch = EventLoopWatch()
    measure(host, ui)
    assert watch.stop() < BUSY_S
    table = section_of(module).parameters.pdff_table
    measured = json.loads(table.GetAttribute("LiverCNN.PDFF"))
    assert measured["mean_pct"] == pytest.approx(LIVER_PCT, abs=0.5)
    assert measured["sd_pct"] == pytest.approx(2.0, abs=1.5)  # a few voxels of fat at the edge
    assert measured["volume_ml"] == pytest.approx(measured["mask_volume_ml"], rel=0.03)
    assert ui.pdffMeanValue.text.startswith(f"{measured['mean_pct']:.1f} %, SD ")
    assert ui.pdffUnitsValue.text == "Per cent (0 to 100), told by its values, which go up to 95"
    assert ui.pdffWarningsValue.text == "none"
    assert ui.pdffResultWidget.visible or not ui.pdffButton.collapsed
    chart = slicer.util.getNode("PDFF of liver in PDFF, plot")
    assert table.GetTable().GetNumberOfRows() == 15
    histogram = table.GetNodeReference("LiverCNN.Histogram").GetTable()
    volumes_ml = [histogram.GetValue(row, 1).ToDouble() for row in range(histogram.GetNumberOfRows())]
    inside = measured["voxels"] - measured["below_0_pct"]
    assert sum(volumes_ml) == pytest.approx(inside * measured["volume_ml"] / measured["voxels"])
    ui.pdffPlotButton.click()
    shown = slicer.app.layoutManager().plotWidget(0).mrmlPlotViewNode()
    assert shown.GetPlotChartNodeID() == chart.GetID()
    assert (np.abs(host.plot_view().pixels().astype(int) - [221, 130, 101]).max(axis=-1) < 40).sum() > 500

    before = result_nodes()
    ui.pdffErosionBox.setValue(8.0)
    measure(host, ui)
    assert result_nodes() == before
    eroded = json.loads(table.GetAttribute("LiverCNN.PDFF"))
    assert eroded["voxels"] < 0.8 * measured["voxels"]
    assert eroded["sd_pct"] == pytest.approx(2.0, abs=0.2)

    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    assert (ui.pdffErosionBox.value, ui.pdffMapSelector.currentNode()) == (0.0, None)
    host.open_scene(tmp_path / "scene.mrb")
    assert ui.pdffErosionBox.value == 8.0
    assert ui.pdffSegmentBox.currentData == liver[1]
    assert ui.pdffMeanValue.text.startswith(f"{eroded['mean_pct']:.1f} %")
    assert ui.pdffPlotButton.enabled


def refused(host: Any, module: Any, volume: Any, liver: Any) -> str:
    """The sentence with which a measurement is refused, before or after it started."""
    ui = choose(module, volume, liver)
    if ui.pdffMeasureButton.enabled:
        measure(host, ui)
    assert result_nodes() == []
    return ui.pdffReasonLabel.text or ui.pdffStatusLabel.text


def test_each_refusal_is_a_sentence(
    host: Any, module: Any, abdomen: Any, liver: Any, map_image: sitk.Image
) -> None:
    import slicer

    node, segment_id = liver
    ui = section_of(module).ui
    assert ui.pdffReasonLabel.text == "Choose the fat-fraction map."
    volume = add_volume(map_image, "PDFF")
    assert refused(host, module, volume, (None, "")).startswith("Choose the segmentation")
    assert refused(host, module, volume, (node, "")).startswith("Choose the segment that")
    empty_id = node.GetSegmentation().AddEmptySegment("empty", "empty")
    assert "is empty; choose the" in refused(host, module, volume, (node, empty_id))

    no_voxels = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "nothing")
    assert refused(host, module, no_voxels, liver).startswith("nothing holds no 3-D image")
    ct = slicer.util.getNode("CT")
    assert refused(host, module, ct, liver).startswith("The map's values go up to")
    ui.pdffUnitsBox.setCurrentIndex(ui.pdffUnitsBox.findData("permille"))
    assert "is no fat fraction in these units (permille)" in refused(host, module, ct, liver)
    ui.pdffUnitsBox.setCurrentIndex(0)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(ct), "DICOM.Modality", "CT")
    assert refused(host, module, ct, liver).startswith("CT is CT, and a fat-fraction map comes from MR")

    nan = add_volume(map_image * np.nan, "no numbers")
    assert refused(host, module, nan, liver) == "The map holds no numbers; export it again."
    far = sitk.Image(map_image)
    far.SetOrigin([5000.0, 0.0, 0.0])
    sentence = refused(host, module, add_volume(far, "far"), liver)
    assert sentence.startswith("The mask and the map do not overlap")
    ui.pdffErosionBox.setValue(30.0)
    tiny = sitk.GetArrayFromImage(abdomen.labels) * 0
    tiny[25, 48, 48] = 1
    tiny_id = node.GetSegmentation().AddEmptySegment("tiny", "tiny")
    slicer.util.updateSegmentBinaryLabelmapFromArray(tiny.astype(np.uint8), node, tiny_id, ct)
    assert refused(host, module, volume, (node, tiny_id)).startswith("Nothing is left of the mask")
    move(volume)
    volume.GetParentTransformNode().SetMatrixTransformToParent(shear())
    module.widget.enter()
    assert ui.pdffReasonLabel.text.startswith("PDFF lies under a transform that bends or shears it")


def shear() -> Any:
    import vtk

    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 1, 0.4)
    return matrix


@pytest.mark.parametrize("how", ["map removed", "segment removed", "scene closed", "Cancel"])
def test_an_interrupted_measurement_leaves_nothing(
    host: Any, module: Any, liver: Any, map_image: sitk.Image, how: str
) -> None:
    import slicer

    volume = add_volume(map_image, "PDFF")
    ui = choose(module, volume, liver)
    ui.pdffMeasureButton.click()
    interrupt = {
        "map removed": lambda: slicer.mrmlScene.RemoveNode(volume),
        "segment removed": lambda: liver[0].GetSegmentation().RemoveSegment(liver[1]),
        "scene closed": host.close_scene,
        "Cancel": ui.pdffMeasureButton.click,
    }
    interrupt[how]()
    host.process_events(lambda: ui.pdffMeasureButton.text == "Measure", 30)
    assert result_nodes() == []
    assert ui.pdffStatusLabel.text == {
        "map removed": "Cancelled, because PDFF was removed.",
        "segment removed": "The segment was removed while it was measured; choose another one.",
        "scene closed": "Cancelled, because the scene was closed.",
        "Cancel": "Cancelled.",
    }[how]


def test_a_measurement_goes_on_in_another_module(
    host: Any, module: Any, liver: Any, map_image: sitk.Image
) -> None:
    ui = choose(module, add_volume(map_image, "PDFF"), liver)
    ui.pdffMeasureButton.click()
    host.select_module("Volumes")
    host.process_events(lambda: ui.pdffMeasureButton.text == "Measure", 30)
    assert result_nodes() != []


def test_reload_and_quit_end_a_measurement(host: Any, module: Any, liver: Any, map_image: sitk.Image) -> None:
    choose(module, add_volume(map_image, "PDFF"), liver).pdffMeasureButton.click()
    module.widget.onReload()
    choose(module, add_volume(map_image, "PDFF"), liver).pdffMeasureButton.click()
    host.finish()


def test_units_that_the_node_states_are_taken(
    host: Any, module: Any, liver: Any, map_image: sitk.Image
) -> None:
    import slicer

    volume = add_volume(map_image * 10, "PDFF")
    assert "does not tell its units" in refused(host, module, volume, liver)
    entry = slicer.vtkCodedEntry()
    entry.SetValueSchemeMeaning("[ppth]", "UCUM", "parts per thousand")
    volume.SetVoxelValueUnits(entry)
    outcome = module.logic.measure_pdff(volume, *liver)
    assert outcome.measurement.mean_pct == pytest.approx(LIVER_PCT, abs=0.5)
    assert (outcome.measurement.units.name, outcome.measurement.units.from_values) == ("permille", False)


def test_a_new_result_is_offered(host: Any, module: Any, liver: Any) -> None:
    parameters = module.logic.getParameterNode()
    parameters.result_segmentation, parameters.result_segment_id = liver
    ui = section_of(module).ui
    assert ui.pdffSegmentationSelector.currentNode() is liver[0]
    assert ui.pdffSegmentBox.currentData == liver[1]
