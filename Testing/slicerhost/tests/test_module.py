"""A scripted module is loaded, driven, reloaded, unloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from slicerhost.incidents import INCIDENTS, LEAKED_NODE


def test_loads_and_runs_its_self_test(probe: Any) -> None:
    import slicer

    assert slicer.modules.hostprobe.title == "Host probe"
    assert slicer.modules.HostProbeWidget is probe.widget
    slicer.selfTests["HostProbe"]()


def test_parameters_reach_the_panel_and_come_back(probe: Any) -> None:
    from slicerhost.base.parameter_node import FloatRange

    ui, parameters = probe.widget.ui, probe.logic.getParameterNode()
    assert (ui.thresholdSlider.value, ui.deviceBox.currentText, ui.largestBox.checked) == (40, "CPU", True)
    ui.thresholdSlider.value = 55
    ui.qualityBox.setCurrentIndex(0)
    ui.windowSlider.setValues(-100, 150)
    ui.folderEdit.currentPath = "elsewhere"
    assert (parameters.thresholdHu, parameters.quality) == (55, "fast")
    assert parameters.windowHu == FloatRange(-100, 150)
    assert parameters.exportFolder == Path("elsewhere")
    parameters.keepLargest = False
    assert not ui.largestBox.checked


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("thresholdHu", 2000.0, ValueError),
        ("thresholdHu", "40", TypeError),
        ("quality", "best", ValueError),
        ("inputVolume", "CT", TypeError),
    ],
)
def test_parameters_refuse_what_does_not_fit(probe: Any, name: str, value: Any, error: type) -> None:
    with pytest.raises(error):
        setattr(probe.logic.getParameterNode(), name, value)


def test_apply_is_possible_once_there_is_a_volume(probe: Any, add_volume: Callable[..., Any]) -> None:
    ui = probe.widget.ui
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (False, "Choose a volume.")
    volume = add_volume()
    assert ui.inputSelector.currentNode() is None  # nothing is chosen by itself
    ui.inputSelector.setCurrentNode(volume)
    assert (ui.applyButton.enabled, ui.reasonLabel.text) == (True, "")


def test_a_click_on_apply_segments(probe: Any, add_volume: Callable[..., Any]) -> None:
    import slicer

    ui, volume = probe.widget.ui, add_volume()
    ui.inputSelector.setCurrentNode(volume)
    ui.applyButton.click()
    node = ui.segmentSelector.currentNode()
    assert ui.segmentSelector.currentSegmentID() == "liver"
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(node, "liver", volume)
    assert (mask == (slicer.util.arrayFromVolume(volume) > 40)).all()


def test_closing_the_scene_empties_the_panel(host: Any, probe: Any, add_volume: Callable[..., Any]) -> None:
    ui = probe.widget.ui
    ui.inputSelector.setCurrentNode(add_volume())
    host.close_scene()
    assert ui.inputSelector.currentNode() is None
    assert not ui.applyButton.enabled


@pytest.mark.parametrize("ending", ["mrb", "mrml"])
def test_a_saved_scene_has_settings_and_nodes(
    host: Any, probe: Any, add_volume: Callable[..., Any], tmp_path: Path, ending: str
) -> None:
    ui = probe.widget.ui
    ui.inputSelector.setCurrentNode(add_volume("Case 7"))
    ui.thresholdSlider.value = 60
    if ending == "mrml":
        import slicer

        slicer.util.saveNode(ui.inputSelector.currentNode(), str(tmp_path / "Case 7.nrrd"))
    host.save_scene(tmp_path / f"scene.{ending}")
    host.close_scene()
    assert ui.thresholdSlider.value == 40
    host.open_scene(tmp_path / f"scene.{ending}")
    assert ui.thresholdSlider.value == 60
    assert ui.inputSelector.currentNode().GetName() == "Case 7"
    assert ui.inputSelector.currentNode().GetImageData().GetDimensions() == (50, 50, 25)


def test_choosing_another_module_leaves_the_panel(host: Any, probe: Any) -> None:
    import slicer

    assert slicer.util.selectedModule() == "HostProbe"
    probe.widget.exit = lambda: setattr(probe.widget, "left", True)
    slicer.util.selectModule("Volumes")
    assert probe.widget.left
    assert slicer.util.selectedModule() == "Volumes"
    slicer.util.selectModule("HostProbe")
    assert probe.panel.visible


def test_reload_makes_a_new_panel(probe: Any) -> None:
    before = probe.widget
    before.onReload()
    assert probe.widget is not before
    assert probe.widget.ui.thresholdSlider.value == 40


def test_an_unloaded_module_is_gone(host: Any, probe: Any) -> None:
    import slicer

    host.finish()
    assert not hasattr(slicer.modules, "hostprobe")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode")  # nobody of it is listening


def test_a_node_made_after_the_scene_was_closed_is_told(host: Any) -> None:
    import slicer

    scene = slicer.mrmlScene
    add = scene.AddObserver(
        scene.EndCloseEvent, lambda *_: scene.AddNewNodeByClass("vtkMRMLTextNode", "late")
    )
    incidents = host.finish()
    scene.RemoveObserver(add)
    assert [incident.kind for incident in incidents] == [LEAKED_NODE]
    assert "vtkMRMLTextNode 'late'" in incidents[0].text
    host.close_scene()


def test_nodes_left_by_an_action_are_told(host: Any) -> None:
    import slicer

    with host.no_new_nodes("vtkMRMLTextNode"):
        slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", "result")
    assert INCIDENTS.take() == ()
    with host.no_new_nodes("vtkMRMLTextNode"):
        slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", "__temp__")
    (incident,) = INCIDENTS.take()
    assert "vtkMRMLModelNode '__temp__'" in incident.text


def test_none_outlives_any_number_of_calls(host: Any) -> None:
    import sys

    import qt

    label, calls = qt.QLabel(), 1_000_000
    if sys.version_info < (3, 12):
        label.setVisible(False)
        assert sys.getrefcount(None) > calls
