"""A CT from a file, into the scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import SimpleITK as sitk
import slicer

WINDOW_HU, LEVEL_HU = 400, 40  # soft tissue


def read_ct(path: str) -> sitk.Image:
    """The image in a file that was written or checked just before; for a thread."""
    return sitk.ReadImage(path)


def write_ct(image: sitk.Image, folder: Path) -> str:
    """Write an image into a folder, without compression, and give its path; for a thread."""
    path = str(folder / "ct.nrrd")
    sitk.WriteImage(image, path, useCompression=False)
    return path


def add_ct(image: sitk.Image, name: str) -> Any:
    """Add a CT to the scene as a volume, and show it in the slice views."""
    import sitkUtils

    node = sitkUtils.PushVolumeToSlicer(image, name=slicer.mrmlScene.GenerateUniqueName(name))
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.AutoWindowLevelOff()
    display.SetWindowLevel(WINDOW_HU, LEVEL_HU)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    modality = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName()
    hierarchy.SetItemAttribute(hierarchy.GetItemByDataNode(node), modality, "CT")
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node
