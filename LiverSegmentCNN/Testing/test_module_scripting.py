"""The logic from a script, on volumes as they come: oblique, left-handed, under a transform."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from panel_driving import LIVER_LABEL, add_manual, add_volume, dice, mask_of

ANGLE = np.deg2rad(12)
NEAR_MM = 30.0


def oblique_left_handed(image: sitk.Image, interpolator: int, outside: float) -> sitk.Image:
    """The same anatomy on a tilted grid whose slices run from head to foot."""
    tilt = np.array([[np.cos(ANGLE), -np.sin(ANGLE), 0], [np.sin(ANGLE), np.cos(ANGLE), 0], [0, 0, 1]])
    direction = tilt @ np.diag([1, 1, -1])
    size = np.array(image.GetSize())
    centre = np.array(image.TransformContinuousIndexToPhysicalPoint(((size - 1) / 2).tolist()))
    origin = centre - direction @ (np.array(image.GetSpacing()) * (size - 1) / 2)
    grid = (image.GetSize(), sitk.Transform(), interpolator, origin.tolist(), image.GetSpacing())
    return sitk.Resample(image, *grid, direction.ravel().tolist(), outside)


def add_transform(shift_mm: tuple[float, float, float], angle_degrees: float) -> Any:
    import slicer
    import vtk

    turn = vtk.vtkTransform()
    turn.Translate(*shift_mm)
    turn.RotateX(angle_degrees)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetMatrixTransformToParent(turn.GetMatrix())
    return node


def world_centre(mask: np.ndarray, volume: Any) -> np.ndarray:
    """Where the middle of a mask is in the world, by the volume's own geometry."""
    import slicer
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    to_world = vtk.vtkMatrix4x4()
    volume.GetParentTransformNode().GetMatrixTransformToWorld(to_world)
    both = slicer.util.arrayFromVTKMatrix(to_world) @ slicer.util.arrayFromVTKMatrix(matrix)
    z, y, x = (axis.mean() for axis in np.nonzero(mask))
    return (both @ [x, y, z, 1])[:3]


@pytest.mark.slow
def test_masks_land_on_the_anatomy(host: Any, module: Any, abdomen: Any) -> None:
    import slicer

    image = oblique_left_handed(abdomen.image, sitk.sitkLinear, -1000)
    truth = oblique_left_handed(abdomen.labels, sitk.sitkNearestNeighbor, 0)
    liver = sitk.GetArrayFromImage(truth) == LIVER_LABEL
    volume = add_volume(image)
    volume.SetAndObserveTransformNodeID(add_transform((40, -20, 300), 30).GetID())
    probability = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "probability")

    outcome = module.logic.segment(volume, probability=probability)

    found = mask_of(outcome.node, outcome.segment_id, volume)
    assert dice(found, liver) > 0.8
    assert outcome.node.GetTransformNodeID() == volume.GetTransformNodeID()
    values = slicer.util.arrayFromVolume(probability)
    assert dice(values > 0.5, found) > 0.98
    assert probability.GetTransformNodeID() == volume.GetTransformNodeID()
    assert outcome.report["volume_ml"] == pytest.approx(
        np.count_nonzero(found) * np.prod(volume.GetSpacing()) / 1000
    )

    centre = outcome.node.GetSegmentCenterRAS(outcome.segment_id)  # a voxel of it near its middle
    assert np.linalg.norm(centre - world_centre(found, volume)) < NEAR_MM

    other, _segment_id, _mask = add_manual(volume)
    other.SetAndObserveTransformNodeID(add_transform((-5, 60, 10), -20).GetID())
    again = module.logic.segment(volume, other)
    assert again.node is other
    assert dice(mask_of(other, again.segment_id, volume), found) > 0.97


def test_refusals_are_errors_for_scripts(host: Any, module: Any) -> None:
    from LiverCoreLib.errors import LiverCNNError

    with pytest.raises(LiverCNNError, match="Choose the CT to segment") as refusal:
        module.logic.segment(None)
    assert refusal.value.id == "not-ready"
