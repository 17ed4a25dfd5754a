"""Segments: where a mask lands, and what is written down about it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from LiverCoreLib.terminology import LIVER, TERMINOLOGY_TAG, tags_text
from LiverCoreScene import fingerprints
from LiverCoreScene.masks import UnreadableSegment
from LiverCoreScene.roles import FINGERPRINT, POSTPROCESSED, RAW, REPORT, ROLE
from LiverCoreScene.volumes import note_volume_of_segment, put_beside
from LiverSegmentCNNLib.background import MaskBox

_BINARY = "Binary labelmap"
_MM3_PER_ML = 1000.0
_RAW_COLOUR = (165, 96, 74)  # of the liver's family, darker


def new_segmentation(volume: Any, name: str) -> Any:
    """An empty segmentation node on the grid of a volume and beside it."""
    node = slicer.mrmlScene.AddNewNodeByClass(
        "vtkMRMLSegmentationNode", slicer.mrmlScene.GenerateUniqueName(name)
    )
    node.CreateDefaultDisplayNodes()
    put_beside(node, volume)
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)  # asks for the node's transform
    return node


def holds_masks(node: Any) -> bool:
    """Whether masks may be put into a segmentation: it is empty, or made of masks and not of surfaces."""
    segmentation = node.GetSegmentation()
    return segmentation.GetNumberOfSegments() == 0 or segmentation.GetSourceRepresentationName() == _BINARY


def add_liver(node: Any, name: str) -> str:
    """Add an empty segment with the liver's colour and code; gives its ID."""
    segmentation = node.GetSegmentation()
    segment_id = segmentation.AddEmptySegment(
        segmentation.GenerateUniqueSegmentID(LIVER.id), name, [part / 255 for part in LIVER.colour]
    )
    entry = tags_text(LIVER).partition(":")[2].rstrip("|")
    segmentation.GetSegment(segment_id).SetTag(TERMINOLOGY_TAG, entry)
    return segment_id


def add_raw(node: Any, mask: MaskBox, volume: Any, report: dict) -> str:
    """Add the mask from before post-processing, shown as an outline in slices; gives the segment's ID."""
    segment_id = add_liver(node, _("liver (raw)"))
    node.GetSegmentation().GetSegment(segment_id).SetColor([part / 255 for part in _RAW_COLOUR])
    set_mask(node, segment_id, mask, volume)
    voxel_ml = float(np.prod(volume.GetSpacing())) / _MM3_PER_ML
    parameters = {**report["provenance"]["parameters"], "postprocess": False}
    raw_report = {
        **report,
        "volume_ml": int(np.count_nonzero(mask.values)) * voxel_ml,
        "components": None,
        "provenance": {**report["provenance"], "parameters": parameters},
    }
    describe(node, segment_id, raw_report)
    if node.GetDisplayNode() is not None:
        node.GetDisplayNode().SetSegmentVisibility2DFill(segment_id, False)
        node.GetDisplayNode().SetSegmentVisibility3D(segment_id, False)  # it would cover the other one
    return segment_id


def set_mask(node: Any, segment_id: str, mask: MaskBox, volume: Any) -> None:
    """Put the mask of a volume into a segment, in the place of what is there."""
    labelmap = _labelmap(mask, volume)
    bring_over(labelmap, volume, node)
    set_labelmap(node, segment_id, labelmap)
    note_volume_of_segment(node, segment_id, volume)


def copy_mask(node: Any, segment_id: str, target: Any, target_id: str) -> None:
    """Put a segment's mask into another segment, where it is in the world."""
    labelmap = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    bring_over(labelmap, node, target)
    set_labelmap(target, target_id, labelmap)


def bring_over(labelmap: Any, source: Any, target: Any) -> None:
    """Change image data from the coordinates of a node to those of another, whose transform may differ."""
    if source.GetTransformNodeID() == target.GetTransformNodeID() or labelmap.IsEmpty():
        return
    between = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        source.GetParentTransformNode(), target.GetParentTransformNode(), between
    )
    slicer.vtkOrientedImageDataResample.TransformOrientedImage(labelmap, between)


def describe(node: Any, segment_id: str, report: dict) -> None:
    """Write role and report of a mask that has just landed down in the node; the scene file keeps them."""
    postprocessed = report["provenance"]["parameters"]["postprocess"]
    node.SetAttribute(f"{ROLE}.{segment_id}", POSTPROCESSED if postprocessed else RAW)
    node.SetAttribute(f"{REPORT}.{segment_id}", json.dumps(report))
    node.SetAttribute(f"{FINGERPRINT}.{segment_id}", json.dumps(fingerprint_of(node, segment_id)))


def fingerprint_of(node: Any, segment_id: str) -> dict:
    """The fingerprint of a segment's mask; empty under a transform that bends it."""
    try:
        return fingerprints.of_segment(node, segment_id)
    except UnreadableSegment:
        return {}


def _labelmap(mask: MaskBox, volume: Any) -> Any:
    """The box as image data on the volume's grid, without the rest of it."""
    (z, y, x), (depth, height, width) = mask.start, mask.values.shape
    image = slicer.vtkOrientedImageData()
    image.SetExtent(x, x + width - 1, y, y + height - 1, z, z + depth - 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    vtk_to_numpy(image.GetPointData().GetScalars())[:] = mask.values.ravel()
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    image.SetImageToWorldMatrix(matrix)
    return image


def set_labelmap(node: Any, segment_id: str, labelmap: Any) -> None:
    """Put image data into a segment, in the place of what is there."""
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    if not logic.SetBinaryLabelmapToSegment(labelmap, node, segment_id, logic.MODE_REPLACE):
        raise RuntimeError(f"The mask could not be put into segment {segment_id} of {node.GetName()}.")
