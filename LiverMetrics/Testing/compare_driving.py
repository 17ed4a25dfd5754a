"""Segments for tests of Compare's panel, and what they do with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

MODULE = Path(__file__).resolve().parents[1] / "LiverMetrics.py"
WITHIN_S = 200.0  # a busy machine is no failure

# x, y, z of a grid turned about two axes and left-handed, as a tilted scan may be.
SPACING_MM = np.array([2.0, 1.5, 3.0])
ORIGIN_RAS = np.array([12.0, -30.0, 45.0])


def oblique_axes() -> np.ndarray:
    """Three unit axes at right angles, left-handed, none along an axis of the patient."""
    a, b = 0.3, -0.2
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return about_z @ about_x @ np.diag([1.0, 1.0, -1.0])


def add_volume(shape: tuple = (20, 36, 40), name: str = "CT") -> Any:
    """A volume node on the oblique, left-handed grid."""
    import slicer

    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    slicer.util.updateVolumeFromArray(volume, np.zeros(shape, dtype=np.int16))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = oblique_axes() * SPACING_MM, ORIGIN_RAS
    volume.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(matrix))
    volume.CreateDefaultDisplayNodes()
    return volume


def ball(shape: tuple, centre: tuple, radius: float) -> np.ndarray:
    """Voxels (z, y, x) within a radius, in voxels, of a centre."""
    grid = np.ogrid[tuple(slice(0, n) for n in shape)]
    return sum((axis - c) ** 2 for axis, c in zip(grid, centre)) <= radius**2


def add_segments(volume: Any, name: str, masks: dict) -> Any:
    """A segmentation node with a segment for each mask; None gives an empty one."""
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for segment_id, mask in masks.items():
        node.GetSegmentation().AddEmptySegment(segment_id, segment_id)
        if mask is not None:
            slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, segment_id, volume)
    return node


def put_under(node: Any, matrix: np.ndarray) -> Any:
    """Put a node under a new transform with this 4x4 matrix; gives the transform."""
    import slicer

    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def two_observers() -> tuple:
    """Volume, a manual segmentation ("liver", "empty") and one of a CNN ("liver", "raw")."""
    volume = add_volume()
    shape = (20, 36, 40)
    manual = add_segments(volume, "manual", {"liver": ball(shape, (10, 18, 18), 8), "empty": None})
    cnn = add_segments(
        volume, "CT liver", {"liver": ball(shape, (10, 18, 20), 8), "raw": ball(shape, (10, 18, 18), 9)}
    )
    cnn.SetAttribute("LiverCNN.Role.liver", "cnn-postprocessed")
    cnn.SetAttribute("LiverCNN.Role.raw", "cnn-raw")
    return volume, manual, cnn


def press(host: Any, module: Any, button: Any) -> None:
    """Click a button that starts work, and wait for the end of it."""
    button.click()
    wait(host, module)


def wait(host: Any, module: Any) -> None:
    """Wait until the button says Compare again."""
    ui = module.widget.compare.ui
    host.process_events(lambda: ui.applyButton.text == "Compare", WITHIN_S)


def until(host: Any, condition: Callable[[], bool]) -> None:
    host.process_events(condition, WITHIN_S)
