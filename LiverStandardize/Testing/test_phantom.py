"""The synthetic abdomen: reproducible, plausible, exactly labelled."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from LiverStandardizeLib.simulation import make_abdomen
from LiverStandardizeLib.simulation.tissues import LABELS

SIZE = (128, 128, 60)
SPACING_MM = (3.0, 3.0, 5.0)


@pytest.fixture(scope="module")
def abdomens():
    return {seed: make_abdomen(seed, size=SIZE, spacing_mm=SPACING_MM) for seed in (0, 1, 2)}


def arrays(abdomen):
    return sitk.GetArrayViewFromImage(abdomen.image), sitk.GetArrayViewFromImage(abdomen.labels)


def core(mask):
    """The mask without its edge voxels, which are partly something else."""
    return ndimage.binary_erosion(mask)


def volume_ml(mask):
    return float(mask.sum()) * float(np.prod(SPACING_MM)) / 1000


def test_the_same_seed_gives_the_same_voxels(abdomens):
    again = make_abdomen(0, size=SIZE, spacing_mm=SPACING_MM)
    for first, second in zip(arrays(abdomens[0]), arrays(again)):
        np.testing.assert_array_equal(first, second)


def test_another_seed_gives_another_patient(abdomens):
    assert not np.array_equal(arrays(abdomens[0])[1], arrays(abdomens[1])[1])


def test_geometry_and_types(abdomens):
    image, labels = abdomens[0].image, abdomens[0].labels
    assert image.GetSize() == labels.GetSize() == SIZE
    assert image.GetSpacing() == labels.GetSpacing() == SPACING_MM
    assert image.GetOrigin() == labels.GetOrigin()
    assert image.GetDirection() == (1, 0, 0, 0, 1, 0, 0, 0, 1)
    assert image.GetPixelID() == sitk.sitkInt16
    assert labels.GetPixelID() == sitk.sitkUInt8
    hu, _ = arrays(abdomens[0])
    assert hu.min() >= -1024
    assert hu.max() > 300


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_organ_is_there_once_and_in_the_body(abdomens, seed):
    hu, labels = arrays(abdomens[seed])
    assert set(np.unique(labels)) == {0, *LABELS.values()}
    body = np.stack([ndimage.binary_fill_holes(part > -300) for part in hu])
    assert not (labels > 0)[~body].any()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_liver_is_plausible_and_in_one_piece(abdomens, seed):
    _, labels = arrays(abdomens[seed])
    liver = labels == LABELS["liver"]
    assert volume_ml(liver) == pytest.approx(abdomens[seed].person.expected_liver_ml, rel=0.05)
    pieces, count = ndimage.label(liver)
    assert np.bincount(pieces.ravel())[1:].max() > 0.98 * liver.sum(), count
    assert not liver[0].any(), "cut by the lowest slice"
    assert not liver[-1].any(), "cut by the highest slice"


@pytest.mark.parametrize(
    ("organ", "low", "high"),
    [
        ("liver", 100, 112),
        ("spleen", 110, 120),
        ("right_kidney", 155, 190),
        ("left_kidney", 155, 190),
        ("aorta", 150, 170),
        ("inferior_vena_cava", 130, 150),
        ("gallbladder", 0, 40),
        ("pancreas", 60, 100),
    ],
)
def test_organs_have_their_hu(abdomens, organ, low, high):
    hu, labels = arrays(abdomens[0])
    assert low < hu[core(labels == LABELS[organ])].mean() < high


def test_lungs_fat_and_bone_are_there(abdomens):
    """Voxel counts of the tissues without a label, by their HU."""
    hu, labels = arrays(abdomens[0])
    unlabelled = labels == 0
    assert volume_ml(unlabelled & (hu > -950) & (hu < -750)) > 800
    assert volume_ml(unlabelled & (hu > -150) & (hu < -60)) > 3000
    assert volume_ml(unlabelled & (hu > 300)) > 200


def test_organs_lie_where_they_belong(abdomens):
    """Centroids in LPS: liver right and high, spleen left, kidneys behind, stomach in front of the spleen."""
    _, labels = arrays(abdomens[0])
    image = abdomens[0].image

    def centroid(organ):
        z, y, x = np.argwhere(labels == LABELS[organ]).mean(axis=0)
        return np.asarray(image.TransformContinuousIndexToPhysicalPoint((x, y, z)))

    liver, spleen, aorta = centroid("liver"), centroid("spleen"), centroid("aorta")
    assert liver[0] < aorta[0] < spleen[0]
    assert centroid("inferior_vena_cava")[0] < aorta[0]
    assert centroid("right_kidney")[1] > liver[1]
    assert centroid("stomach")[1] < spleen[1]
    assert centroid("right_kidney")[2] < liver[2]
    assert centroid("right_kidney")[2] < centroid("left_kidney")[2]


def test_noise_is_that_of_a_scanner(abdomens):
    hu, labels = arrays(abdomens[0])
    liver = core(core(labels == LABELS["liver"]))
    assert 7 < hu[liver & (hu < 140)].std() < 20


def test_a_small_field_of_view_and_thick_slices_still_work():
    small = make_abdomen(3, size=(40, 40, 16), spacing_mm=(4.0, 4.0, 10.0))
    assert (arrays(small)[1] == LABELS["liver"]).any()


def test_a_stack_far_above_the_abdomen_is_no_special_case():
    thin = make_abdomen(3, size=(64, 64, 16), spacing_mm=(6.0, 6.0, 1.0))
    assert thin.image.GetSize() == (64, 64, 16)


@pytest.mark.parametrize(
    ("size", "spacing_mm"), [((8, 64, 64), (3, 3, 3)), ((64, 64, 64), (3, 0, 3)), ((64, 64, 64), (3, 3, -1))]
)
def test_impossible_grids_are_refused(size, spacing_mm):
    with pytest.raises(ValueError, match="16 or more"):
        make_abdomen(0, size=size, spacing_mm=spacing_mm)
