"""``sitkUtils``: volumes between the scene (RAS) and SimpleITK (LPS: towards left and back)."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0])


def PullVolumeFromSlicer(node: Any) -> Any:
    """A SimpleITK.Image of a volume node, or of the one with this name or ID; transforms are left out."""
    import SimpleITK as sitk

    node = slicer.util.getNode(node) if isinstance(node, str) else node
    image = sitk.GetImageFromArray(slicer.util.arrayFromVolume(node))
    directions = np.zeros((3, 3))
    node.GetIJKToRASDirections(directions)
    image.SetSpacing(node.GetSpacing())
    image.SetOrigin((_RAS_TO_LPS @ node.GetOrigin()).tolist())
    image.SetDirection((_RAS_TO_LPS @ directions).ravel().tolist())
    return image


def PushVolumeToSlicer(
    image: Any, targetNode: Any = None, name: str | None = None, className: str = "vtkMRMLScalarVolumeNode"
) -> Any:
    """Put a SimpleITK.Image into a volume node, by default a new one."""
    import SimpleITK as sitk

    if targetNode is None:
        base_name = name or className
        targetNode = slicer.mrmlScene.AddNewNodeByClass(
            className, slicer.mrmlScene.GenerateUniqueName(base_name)
        )
    axes = _RAS_TO_LPS @ np.reshape(image.GetDirection(), (3, 3)) @ np.diag(image.GetSpacing())
    matrix = vtk.vtkMatrix4x4()
    for row in range(3):
        for column in range(3):
            matrix.SetElement(row, column, axes[row, column])
        matrix.SetElement(row, 3, (_RAS_TO_LPS @ image.GetOrigin())[row])
    targetNode.SetIJKToRASMatrix(matrix)
    slicer.util.updateVolumeFromArray(targetNode, sitk.GetArrayFromImage(image))
    return targetNode
