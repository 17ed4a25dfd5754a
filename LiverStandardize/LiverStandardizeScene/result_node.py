"""The volume node of a standardized CT."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from LiverCoreScene.standardized import note_standardized
from LiverCoreScene.volumes import DIFFERENCE, put_beside


def land(voxels: vtk.vtkImageData, source: Any, report: dict, output: Any = None) -> Any:
    """Put a standardized CT into the scene; gives its node.

    voxels: on the grid of the source. source: the volume it was made of; the result lies beside it, under the
    same transform, and is shown with the same window, level and colours. output: the volume that is replaced,
    or None for a new one.
    """
    target = report["target_protocol"]
    node = output
    if node is None:
        name = _("{name} ({protocol})").format(name=source.GetName(), protocol=target)
        node = slicer.mrmlScene.AddNewNodeByClass(
            "vtkMRMLScalarVolumeNode", slicer.mrmlScene.GenerateUniqueName(name)
        )
    _show_like(node, source)
    _fill(node, voxels, source)
    put_beside(node, source)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    modality = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName()
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(node), modality, "CT")
    note_standardized(node, source, report)
    return node


def land_difference(
    voxels: vtk.vtkImageData, window_hu: float, result: Any, source: Any, output: Any = None
) -> Any:
    """Put result minus source into the scene, 0 HU as mid-grey; gives the volume node.

    output: an earlier difference that is replaced, or None for a new one.
    """
    node = output
    if node is None:
        name = _("{result} minus {source}").format(result=result.GetName(), source=source.GetName())
        node = slicer.mrmlScene.AddNewNodeByClass(
            "vtkMRMLScalarVolumeNode", slicer.mrmlScene.GenerateUniqueName(name)
        )
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().AutoWindowLevelOff()
    node.GetDisplayNode().SetWindowLevel(window_hu, 0)
    _fill(node, voxels, source)
    put_beside(node, source)
    node.SetNodeReferenceID(DIFFERENCE, result.GetID())
    node.SetAttribute(DIFFERENCE, result.GetName())  # a reference goes with its volume
    return node


def _show_like(node: Any, source: Any) -> None:
    """Window, level and colours of another volume; before there are voxels: Slicer would look at them all."""
    node.CreateDefaultDisplayNodes()
    display, like = node.GetDisplayNode(), source.GetDisplayNode()
    display.AutoWindowLevelOff()
    if like is not None:
        display.SetWindowLevel(like.GetWindow(), like.GetLevel())
        display.SetAndObserveColorNodeID(like.GetColorNodeID())


def _fill(node: Any, voxels: vtk.vtkImageData, source: Any) -> None:
    matrix = vtk.vtkMatrix4x4()
    source.GetIJKToRASMatrix(matrix)
    with slicer.util.NodeModify(node):
        node.SetIJKToRASMatrix(matrix)
        node.SetAndObserveImageData(voxels)
