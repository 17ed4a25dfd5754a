"""A CT from a file, into the scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
import slicer
import vtk

from .voxel_images import vtk_image

WINDOW_HU, LEVEL_HU = 400, 40  # soft tissue


@dataclass(frozen=True)
class Ct:
    """A CT that was read: as an image for the libraries, and its voxels as Slicer wants them."""

    image: sitk.Image
    voxels: vtk.vtkImageData


def read_ct(path: str) -> Ct:
    """The CT in a file that was written or checked just before. For a thread: it copies the voxels, too."""
    image = sitk.ReadImage(path)
    return Ct(image, vtk_image(sitk.GetArrayViewFromImage(image)))


def write_ct(ct: Ct, folder: Path) -> str:
    """Write a CT into a folder, without compression, and give its path; for a thread."""
    path = str(folder / "ct.nrrd")
    sitk.WriteImage(ct.image, path, useCompression=False)
    return path


def add_ct(ct: Ct, name: str) -> Any:
    """Add a CT to the scene as a volume, and show it in the slice views."""
    node = slicer.mrmlScene.AddNewNodeByClass(
        "vtkMRMLScalarVolumeNode", slicer.mrmlScene.GenerateUniqueName(name)
    )
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.AutoWindowLevelOff()  # before there are voxels: Slicer would look at all of them
    display.SetWindowLevel(WINDOW_HU, LEVEL_HU)
    with slicer.util.NodeModify(node):
        node.SetIJKToRASMatrix(_ijk_to_ras(ct.image))
        node.SetAndObserveImageData(ct.voxels)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    modality = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName()
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(node), modality, "CT")
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def _ijk_to_ras(image: sitk.Image) -> vtk.vtkMatrix4x4:
    """Where the voxels of an image are, in Slicer's right-anterior-superior millimetres."""
    to_lps = np.eye(4)
    to_lps[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    to_lps[:3, 3] = image.GetOrigin()
    return slicer.util.vtkMatrixFromArray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ to_lps)
