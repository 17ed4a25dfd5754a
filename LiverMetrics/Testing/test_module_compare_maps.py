"""Where masks differ: the overlay, the coloured surface, and the way to the Hausdorff point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compare_driving import MODULE, SPACING_MM, press, put_under, two_observers


@pytest.fixture
def module(host: Any) -> Any:
    return host.load(MODULE)


@pytest.fixture
def compared(host: Any, module: Any) -> tuple:
    """Volume, segmentations and the panel with a result; all of them under a transform that turns them."""
    volume, manual, cnn = two_observers()
    turn = np.array([[0, -1, 0, 20.0], [1, 0, 0, -5.0], [0, 0, 1, 9.0], [0, 0, 0, 1]])
    transform = put_under(volume, turn)
    for node in (manual, cnn):
        node.SetAndObserveTransformNodeID(transform.GetID())
    module.widget.compare_with(manual, "liver", [(cnn, "liver")])
    press(host, module, module.widget.compare.ui.applyButton)
    return volume, manual, cnn


def mask_on(node: Any, segment_id: str, volume: Any) -> np.ndarray:
    import slicer

    return slicer.util.arrayFromSegmentBinaryLabelmap(node, segment_id, volume) != 0


def test_the_overlay_holds_what_only_one_of_them_has(host: Any, module: Any, compared: tuple) -> None:
    import slicer

    volume, manual, cnn = compared
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), study)
    ui = module.widget.compare.ui
    press(host, module, ui.overlayButton)
    assert ui.statusLabel.text == "Orange: only the test. Blue: only the reference. Grey: both."
    overlay = module.widget.compare.parameters.compare_overlay
    assert overlay.GetTransformNodeID() is None
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(overlay)) == study
    reference, test = mask_on(manual, "liver", volume), mask_on(cnn, "liver", volume)
    assert (mask_on(overlay, "false-positive", volume) == (test & ~reference)).all()
    assert (mask_on(overlay, "false-negative", volume) == (reference & ~test)).all()
    assert (mask_on(overlay, "agreement", volume) == (reference & test)).all()
    assert ui.testsTable.rowCount == 4  # the overlay is no mask to compare

    press(host, module, ui.overlayButton)
    assert module.widget.compare.parameters.compare_overlay is overlay
    assert len(overlay.GetSegmentation().GetSegmentIDs()) == 3


def test_the_surface_is_coloured_by_signed_distance(host: Any, module: Any, compared: tuple) -> None:
    import slicer

    from LiverCoreScene.masks import mask_image
    from LiverMetricsLib import agreement_maps

    _volume, manual, cnn = compared
    ui = module.widget.compare.ui
    press(host, module, ui.surfaceButton)
    model = module.widget.compare.parameters.compare_surface
    maps = agreement_maps(mask_image(manual, "liver"), mask_image(cnn, "liver"), family="mesh")
    found = slicer.util.arrayFromModelPointData(model, "Signed distance (mm)")
    np.testing.assert_allclose(found, maps.on_test.signed_distance_mm, atol=1e-5)
    points = slicer.util.arrayFromModelPoints(model) * [-1, -1, 1]
    np.testing.assert_allclose(points, maps.on_test.points_lps, atol=1e-3)
    display = model.GetDisplayNode()
    assert display.GetActiveScalarName() == "Signed distance (mm)"
    low, high = display.GetScalarRange()
    assert low == -high
    assert np.percentile(np.abs(found), 98) <= high <= max(1.0, np.abs(found).max() + 0.5)
    legend = slicer.vtkSlicerColorLogic.GetColorLegendDisplayNode(model)
    assert legend.GetVisibility()
    ui.signedBox.click()
    assert display.GetActiveScalarName() == "Distance (mm)"
    assert display.GetScalarRange()[0] == 0
    _outside_is_outside(model)


def _outside_is_outside(model: Any) -> None:
    """Triangles run counter-clockwise seen from outside (the volume is positive), and normals point there."""
    from vtk.util.numpy_support import vtk_to_numpy

    mesh = model.GetPolyData()
    points = vtk_to_numpy(mesh.GetPoints().GetData())
    corners = points[vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)]
    assert np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() > 0
    normals = vtk_to_numpy(mesh.GetPointData().GetNormals())
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-5)
    assert (np.einsum("ij,ij->i", normals, points - points.mean(axis=0)) > 0).mean() > 0.99  # of a ball


def test_all_slices_jump_to_the_hausdorff_point(host: Any, module: Any, compared: tuple) -> None:
    volume, _manual, _cnn = compared
    host.show_volume(volume)
    ui, comparison = module.widget.compare.ui, module.widget.compare._outcome.comparisons[0]
    ras = np.array(comparison.hd_point_lps) * [-1, -1, 1]
    column = next(n for n, key in enumerate(module.widget.compare._result.keys) if key == "hd_mm")
    ui.resultTable.cellClicked.emit(0, column)
    for name in ("Red", "Yellow", "Green"):
        matrix = host.slice_view(name).node.GetSliceToRAS()
        origin = np.array([matrix.GetElement(axis, 3) for axis in range(3)])
        normal = np.array([matrix.GetElement(axis, 2) for axis in range(3)])
        assert abs((ras - origin) @ normal) < SPACING_MM.min()
    point = module.widget.compare.parameters.compare_point
    np.testing.assert_allclose(point.GetNthControlPointPositionWorld(0), ras, atol=1e-6)
    assert point.GetNthControlPointLabel(0) == f"{comparison.hd_mm:.1f} mm"
    ui.jumpButton.click()
    assert point.GetNumberOfControlPoints() == 1


def test_maps_survive_in_the_scene(host: Any, module: Any, compared: tuple, tmp_path: Path) -> None:
    import slicer

    ui = module.widget.compare.ui
    for button in (ui.overlayButton, ui.surfaceButton):
        press(host, module, button)
    ui.jumpButton.click()
    parameters = module.widget.compare.parameters
    before = slicer.util.arrayFromModelPointData(parameters.compare_surface, "Signed distance (mm)").copy()
    host.save_scene(tmp_path / "scene.mrb")
    host.close_scene()
    host.open_scene(tmp_path / "scene.mrb")
    parameters = module.widget.compare.parameters
    assert tuple(parameters.compare_overlay.GetSegmentation().GetSegmentIDs()) == (
        "false-positive",
        "false-negative",
        "agreement",
    )
    assert ui.testsTable.rowCount == 4  # the overlay is still no mask to compare
    after = slicer.util.arrayFromModelPointData(parameters.compare_surface, "Signed distance (mm)")
    np.testing.assert_allclose(after, before, atol=1e-5)
    assert parameters.compare_surface.GetDisplayNode().GetColorNode().GetName().startswith("Surface distance")
    assert parameters.compare_point.GetNumberOfControlPoints() == 1
    ui.signedBox.click()
    assert parameters.compare_surface.GetDisplayNode().GetActiveScalarName() == "Distance (mm)"


def test_where_there_is_nothing_to_show_buttons_say_so(host: Any, module: Any) -> None:
    _volume, manual, _cnn = two_observers()
    ui = module.widget.compare.ui
    module.widget.compare_with(manual, "liver", [(manual, "empty")])
    press(host, module, ui.applyButton)
    assert not ui.overlayButton.enabled
    assert not ui.surfaceButton.enabled
    assert not ui.jumpButton.enabled
    assert ui.csvButton.enabled
