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
from LiverCoreScene.roles import POSTPROCESSED, RAW, REPORT, ROLE
from LiverCoreScene.volumes import put_beside
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
    between = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        volume.GetParentTransformNode(), node.GetParentTransformNode(), between
    )
    if volume.GetTransformNodeID() != node.GetTransformNodeID():
        slicer.vtkOrientedImageDataResample.TransformOrientedImage(labelmap, between)
    set_labelmap(node, segment_id, labelmap)


def copy_mask(node: Any, segment_id: str, target: Any, target_id: str) -> None:
    """Put a segment's mask into another segment, whose node is under the same transform."""
    labelmap = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(segment_id, labelmap)
    set_labelmap(target, target_id, labelmap)


def describe(node: Any, segment_id: str, report: dict) -> None:
    """Write role and report of a mask down in the node, where the scene file keeps them."""
    postprocessed = report["provenance"]["parameters"]["postprocess"]
    node.SetAttribute(f"{ROLE}.{segment_id}", POSTPROCESSED if postprocessed else RAW)
    node.SetAttribute(f"{REPORT}.{segment_id}", json.dumps(report))


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
