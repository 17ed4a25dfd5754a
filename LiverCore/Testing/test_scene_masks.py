"""Masks come out of segmentation nodes where they are in the world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

TURN = np.array([[0.0, -1, 0, 30], [1, 0, 0, -12], [0, 0, 1, 7], [0, 0, 0, 1]])


def tilted_volume(name: str = "CT") -> Any:
    """A volume node with anisotropic voxels on a tilted, left-handed grid."""
    import sitkUtils

    angle = np.deg2rad(20)
    direction = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, -1]])
    image = sitk.Image(20, 18, 12, sitk.sitkInt16)
    image.SetSpacing((0.8, 0.9, 2.5))
    image.SetOrigin((-31, 14, 80))
    image.SetDirection(direction.ravel().tolist())
    return sitkUtils.PushVolumeToSlicer(image, name=name), image


def add_segment(volume: Any) -> tuple[Any, np.ndarray]:
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "drawn")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    node.GetSegmentation().AddEmptySegment("liver", "liver")
    mask = np.zeros((12, 18, 20), dtype=np.uint8)
    mask[3:7, 5:11, 2:15] = 1
    mask[8, 12, 16] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, "liver", volume)
    return node, mask


def points(image: sitk.Image) -> np.ndarray:
    """Where the voxels of a mask are, LPS in mm, sorted."""
    indices = np.argwhere(sitk.GetArrayViewFromImage(image))[:, ::-1]
    found = np.array([image.TransformIndexToPhysicalPoint(index.tolist()) for index in indices])
    return found[np.lexsort(found.round(3).T)]


def test_voxels_are_where_the_volume_has_them(host: Any) -> None:
    from LiverCoreScene.masks import mask_image

    volume, image = tilted_volume()
    node, mask = add_segment(volume)
    wanted = sitk.GetImageFromArray(mask)
    wanted.CopyInformation(image)
    np.testing.assert_allclose(points(mask_image(node, "liver")), points(wanted), atol=1e-3)


def test_a_parent_transform_is_applied(host: Any) -> None:
    import slicer

    from LiverCoreScene.masks import mask_image

    node, _mask = add_segment(tilted_volume()[0])
    before = points(mask_image(node, "liver")) * [-1, -1, 1]
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(TURN))
    node.SetAndObserveTransformNodeID(transform.GetID())
    after = points(mask_image(node, "liver")) * [-1, -1, 1]
    moved = before @ TURN[:3, :3].T + TURN[:3, 3]
    nearest = np.linalg.norm(after[:, None] - moved[None], axis=2).min(axis=1)
    assert nearest.max() < 1e-3


def test_a_shearing_transform_is_refused(host: Any) -> None:
    import slicer

    from LiverCoreScene.masks import UnreadableSegment, mask_image

    node, _mask = add_segment(tilted_volume()[0])
    shear = np.eye(4)
    shear[0, 1] = 0.3
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(shear))
    node.SetAndObserveTransformNodeID(transform.GetID())
    with pytest.raises(UnreadableSegment, match="harden the transform") as refusal:
        mask_image(node, "liver")
    assert refusal.value.id == "transform-not-rigid"


def test_an_empty_segment_gives_an_empty_image_and_a_missing_one_an_error(host: Any) -> None:
    from LiverCoreScene.masks import UnreadableSegment, mask_image

    node, _mask = add_segment(tilted_volume()[0])
    node.GetSegmentation().AddEmptySegment("nothing", "nothing")
    assert not sitk.GetArrayViewFromImage(mask_image(node, "nothing")).any()
    with pytest.raises(UnreadableSegment, match="gone"):
        mask_image(node, "no such one")


def test_a_segment_made_of_surfaces_is_refused_and_not_taken_for_empty(host: Any) -> None:
    import slicer

    from LiverCoreScene.masks import UnreadableSegment, grid_of_segment, mask_image

    node, _mask = add_segment(tilted_volume()[0])
    segmentation = node.GetSegmentation()
    segmentation.CreateRepresentation("Closed surface")
    segmentation.SetSourceRepresentationName("Closed surface")
    segmentation.RemoveRepresentation("Binary labelmap")
    for read in (mask_image, grid_of_segment):
        with pytest.raises(UnreadableSegment, match="made of surfaces") as refusal:
            read(node, "liver")
        assert refusal.value.id == "made-of-surfaces"
    assert slicer.mrmlScene.GetNodeByID(node.GetID()) is node


def test_a_label_of_a_labelmap_is_read_where_the_volume_is(host: Any) -> None:
    import slicer

    from LiverCoreScene.masks import copy_label, mask_image

    volume = tilted_volume()[0]
    node, mask = add_segment(volume)
    labelmap = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    slicer.util.updateVolumeFromArray(labelmap, 3 * mask.astype(np.uint8))
    labelmap.CopyOrientation(volume)
    labelmap.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    np.testing.assert_allclose(
        points(copy_label(labelmap, 3).image()), points(mask_image(node, "liver")), atol=1e-6
    )
    assert not copy_label(labelmap, 2).array().any()


def test_a_copy_does_not_change_with_the_scene(host: Any) -> None:
    import slicer

    from LiverCoreScene.masks import copy_segment

    volume = tilted_volume()[0]
    node, mask = add_segment(volume)
    copy = copy_segment(node, "liver")
    before = points(copy.image())
    slicer.util.updateSegmentBinaryLabelmapFromArray(np.zeros_like(mask), node, "liver", volume)
    np.testing.assert_array_equal(points(copy.image()), before)


@pytest.mark.slow
def test_a_large_mask_is_copied_without_keeping_the_window_waiting(host: Any) -> None:
    import time

    import slicer

    from LiverCoreScene.masks import copy_segment

    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    slicer.util.updateVolumeFromArray(volume, np.zeros((150, 512, 512), dtype=np.uint8))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.GetSegmentation().AddEmptySegment("liver", "liver")
    mask = np.zeros((150, 512, 512), dtype=np.uint8)
    mask[0, 0, 0] = mask[-1, -1, -1] = 1
    mask[30:120, 100:400, 80:350] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, "liver", volume)
    began = time.thread_time()
    copy = copy_segment(node, "liver")
    assert time.thread_time() - began < 0.08
    assert copy.array().sum() == mask.sum()
