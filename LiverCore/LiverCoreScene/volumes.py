"""Volume nodes: as images for the library, and what is known about them."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

VOLUME = "LiverCNN.Volume"
"""Reference from a segmentation node to a volume, and attribute with its name; ``.<segment ID>`` behind."""

PROBABILITY = "LiverCNN.Probability"
"""Attribute of volumes that hold a probability map of ours."""
DIFFERENCE = "LiverCNN.Difference"
"""Attribute of volumes that hold a difference, and reference to the standardized volume it is of."""


def is_probability(volume: Any) -> bool:
    """Whether a volume holds a probability map of ours."""
    return volume.GetAttribute(PROBABILITY) is not None


def is_map(volume: Any) -> bool:
    """Whether a volume holds something of ours that is no CT."""
    return is_probability(volume) or volume.GetAttribute(DIFFERENCE) is not None


def modality_of(volume: Any) -> str | None:
    """The DICOM modality ("CT", "MR") under which a volume was loaded; None if it came from another file."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(volume)
    name = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMSeriesModalityAttributeName()
    return hierarchy.GetItemAttribute(item, name) or None if item else None


def has_voxels(volume: Any) -> bool:
    """Whether a volume node holds an image, and not a single plane or nothing."""
    image = volume.GetImageData()
    return image is not None and min(image.GetDimensions()) > 1


def voxels_state(volume: Any) -> tuple:
    """What tells whether a volume still has the same voxels: their array, and when it was last changed."""
    image = volume.GetImageData()
    scalars = None if image is None else image.GetPointData().GetScalars()
    return (scalars, None if scalars is None else scalars.GetMTime())


def array_shape(volume: Any) -> tuple:
    """Voxels along z, y, x."""
    return tuple(reversed(volume.GetImageData().GetDimensions()))


def pull(volume: Any) -> Any:
    """A SimpleITK.Image with the voxels and geometry of a volume node; its parent transform is left out."""
    import sitkUtils

    return sitkUtils.PullVolumeFromSlicer(volume)


def note_volume_of_segment(node: Any, segment_id: str, volume: Any) -> None:
    """Write down on which volume a segment was made: a segmentation may hold those of several."""
    role = f"{VOLUME}.{segment_id}"
    node.SetNodeReferenceID(role, volume.GetID())
    node.SetAttribute(role, volume.GetName())  # a reference goes with its volume


def volume_of_segment(node: Any, segment_id: str) -> Any:
    """The volume that a segment was made on: as noted, else that of the segmentation; None if it is gone."""
    role = f"{VOLUME}.{segment_id}"
    if node.GetAttribute(role) is not None:
        return node.GetNodeReference(role)
    return node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())


def put_beside(node: Any, volume: Any) -> None:
    """Put a node where a volume is: under the same transform, and in the same folder of the hierarchy."""
    node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    file_beside(node, volume)


def file_beside(node: Any, volume: Any) -> None:
    """Put a node without a place in space, such as a table, into the folder of the hierarchy of a volume."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(node)
    parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(volume))
    if item and parent:
        hierarchy.SetItemParent(item, parent)


def fill_like(target: Any, volume: Any, values: Any) -> None:
    """Put values (zyx) into a volume node, on the grid and beside another volume."""
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    with slicer.util.NodeModify(target):
        slicer.util.updateVolumeFromArray(target, values)
        target.SetIJKToRASMatrix(matrix)
    put_beside(target, volume)
    target.CreateDefaultDisplayNodes()
