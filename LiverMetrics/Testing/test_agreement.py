"""Maps of agreement: the same masks, distances and places as the numbers."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from LiverMetricsLib import EmptyMask, InvalidArgument, agreement_maps, compare
from LiverMetricsLib.agreement import AGREE, ONLY_REFERENCE, ONLY_TEST

SPACING = (0.8, 1.1, 3.0)
ORIGIN = (-40.0, 12.5, 7.0)


@pytest.fixture(scope="module", params=[False, True], ids=["right-handed", "left-handed"])
def masks(request, as_image, ball):
    shape = (14, 34, 40)
    reference = ball(shape, (15, 18, 20), 12, SPACING)
    test = ball(shape, (17, 18, 20), 12, SPACING) | ball(shape, (15, 28, 20), 5, SPACING)
    turn = np.array(sitk.Euler3DTransform((0, 0, 0), 0.2, -0.1, 0.3).GetMatrix()).reshape(3, 3)
    if request.param:
        turn = turn * [1, 1, -1]
    return [as_image(mask, SPACING, ORIGIN, turn) for mask in (reference, test)]


def test_the_labelmap_shows_each_kind_of_voxel_where_it_is(masks):
    reference, test = masks
    maps = agreement_maps(reference, test)
    onto_reference = sitk.GetArrayFromImage(
        sitk.Resample(maps.labelmap, reference, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    )
    in_reference, in_test = (sitk.GetArrayFromImage(mask).astype(bool) for mask in masks)
    expected = np.select(
        [in_test & in_reference, in_test, in_reference], [AGREE, ONLY_TEST, ONLY_REFERENCE], 0
    )
    assert np.array_equal(onto_reference, expected)
    assert np.prod(maps.labelmap.GetSize()) < np.prod(reference.GetSize())


@pytest.mark.parametrize("family", ["voxel", "mesh"])
def test_the_largest_distances_are_those_of_compare(masks, family):
    maps, numbers = agreement_maps(*masks, family=family), compare(*masks, family=family)
    both = [np.abs(surface.signed_distance_mm) for surface in (maps.on_test, maps.on_reference)]
    assert max(values.max() for values in both) == pytest.approx(numbers.hd_mm, abs=1e-9)
    worst = max(
        (maps.on_test, maps.on_reference), key=lambda surface: np.abs(surface.signed_distance_mm).max()
    )
    far = np.abs(worst.signed_distance_mm) > numbers.hd_mm - 1e-9
    assert np.linalg.norm(worst.points_lps[far] - numbers.hd_point_lps, axis=1).min() < 1e-6
    if family == "voxel":
        assert both[0].mean() == pytest.approx(numbers.msd_test_to_reference_mm, abs=1e-9)
        assert both[1].mean() == pytest.approx(numbers.msd_reference_to_test_mm, abs=1e-9)


@pytest.mark.parametrize("family", ["voxel", "mesh"])
def test_signs_say_too_much_and_too_little(as_image, ball, family):
    """A test ball that is larger is positive everywhere on both surfaces; a smaller one negative."""
    shape = (30, 30, 30)
    small, large = (as_image(ball(shape, (15, 15, 15), radius)) for radius in (8, 11))
    grown, shrunk = agreement_maps(small, large, family=family), agreement_maps(large, small, family=family)
    for surface in (grown.on_test, grown.on_reference):
        assert surface.signed_distance_mm.min() > 0
    for surface in (shrunk.on_test, shrunk.on_reference):
        assert surface.signed_distance_mm.max() < 0


def test_meshes_lie_around_the_mask_and_face_outwards(masks):
    reference, test = masks
    maps = agreement_maps(reference, test, family="mesh")
    for mask, surface in ((test, maps.on_test), (reference, maps.on_reference)):
        corners = surface.points_lps[surface.triangles]
        volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6.0
        voxels = sitk.GetArrayViewFromImage(mask).sum() * np.prod(SPACING)
        assert volume == pytest.approx(voxels, rel=0.1)


def test_identical_masks_are_zero_everywhere(masks):
    maps = agreement_maps(masks[0], masks[0])
    assert set(np.unique(sitk.GetArrayViewFromImage(maps.labelmap))) == {0, AGREE}
    assert not maps.on_test.signed_distance_mm.any()


def test_nothing_to_draw_is_said(masks, as_image):
    empty = sitk.Image(masks[0].GetSize(), sitk.sitkUInt8)
    empty.CopyInformation(masks[0])
    with pytest.raises(EmptyMask, match="The test has no voxel of label 1"):
        agreement_maps(masks[0], empty)
    with pytest.raises(InvalidArgument, match="voxel, mesh"):
        agreement_maps(*masks, family="surfel")
