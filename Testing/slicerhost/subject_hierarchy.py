"""Keeps the subject hierarchy in step with the scene, as Slicer's Qt plugin does."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

_SHOWN = (
    "vtkMRMLVolumeNode",
    "vtkMRMLSegmentationNode",
    "vtkMRMLModelNode",
    "vtkMRMLMarkupsNode",
    "vtkMRMLTableNode",
    "vtkMRMLTextNode",
    "vtkMRMLTransformNode",
    "vtkMRMLPlotChartNode",
    "vtkMRMLPlotSeriesNode",
)


def ensure(scene: Any) -> None:
    """Have the scene make its hierarchy, which goes when the scene is closed."""
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


def follow(scene: Any) -> None:
    """Add an item for each node that gets into the scene, and remove it with the node."""

    def add(node: Any) -> None:
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        shown = any(node.IsA(kind) for kind in _SHOWN) and not node.GetHideFromEditors()
        if hierarchy is not None and shown and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def added(caller: Any, event: str, node: Any) -> None:
        if not scene.IsImporting() and not scene.IsRestoring():  # items come with the file
            add(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def removed(caller: Any, event: str, node: Any) -> None:
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        item = 0
        if hierarchy is not None and not node.IsA("vtkMRMLSubjectHierarchyNode"):
            item = hierarchy.GetItemByDataNode(node)
        if item:
            hierarchy.RemoveItem(item, False)

    def imported(caller: Any, event: str) -> None:
        for index in range(scene.GetNumberOfNodes()):
            add(scene.GetNthNode(index))

    scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)
    scene.AddObserver(slicer.vtkMRMLScene.NodeRemovedEvent, removed)
    scene.AddObserver(slicer.vtkMRMLScene.EndImportEvent, imported)
