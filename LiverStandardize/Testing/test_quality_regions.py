"""HU and noise of tissues in images whose answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from realdata import data_folder, requires_data

from LiverCoreLib.geometry import Lattice
from LiverStandardizeLib.quality.regions import RegionMeasure, measure_regions
from LiverStandardizeLib.quality.sampled import sample_arrays

SPACING_MM = (1.5, 1.5, 5.0)
NOISE_HU = 10.0
MUSCLE_HU, LIVER_HU, BLOOD_HU, FAT_HU = 55.0, 95.0, 140.0, -95.0


def body(noise_hu: float = NOISE_HU) -> tuple[np.ndarray, np.ndarray]:
    """An abdomen (z, y, x) of ellipses: fat, muscle, a vertebra, the aorta before it, a liver; its mask."""
    y, x = np.mgrid[0:160, 0:200] * SPACING_MM[0]
    y, x = y - 120, x - 150

    def ellipse(middle: tuple, radii: tuple) -> np.ndarray:
        return ((y - middle[0]) / radii[0]) ** 2 + ((x - middle[1]) / radii[1]) ** 2 < 1

    plane = np.full(y.shape, -1000.0)
    plane[ellipse((0, 0), (105, 140))] = FAT_HU
    plane[ellipse((0, 0), (85, 120))] = MUSCLE_HU
    liver = ellipse((-15, -65), (45, 40))
    plane[liver] = LIVER_HU
    plane[ellipse((20, 8), (13, 13))] = BLOOD_HU
    plane[ellipse((50, 0), (20, 22))] = 700.0
    plane[ellipse((50, 0), (15, 17))] = 180.0
    volume = np.repeat(plane[None], 16, axis=0)
    volume += np.random.default_rng(0).normal(0, noise_hu, volume.shape)
    return np.rint(volume).astype(np.int16), np.repeat(liver[None], 16, axis=0)


def lattice_of(shape: tuple, direction: tuple = (1, 0, 0, 0, 1, 0, 0, 0, 1)) -> Lattice:
    return Lattice(tuple(reversed(shape)), SPACING_MM, (0.0, 0.0, 0.0), direction)


def measure(*args: Any, **options: Any) -> dict[str, RegionMeasure]:
    """By tissue."""
    return {one.name: one for one in measure_regions(sample_arrays(*args, **options))}


def test_means_and_noise_are_those_that_were_drawn() -> None:
    before, liver = body()
    after, _ = body(4.0)
    found = measure(lattice_of(before.shape), before, after + 7, None, liver)
    assert tuple(found) == ("liver", "fat", "muscle", "blood")
    for tissue, hu in (("liver", LIVER_HU), ("fat", FAT_HU), ("muscle", MUSCLE_HU), ("blood", BLOOD_HU)):
        one = found[tissue]
        assert one.hu_before == pytest.approx(hu, abs=1.5), tissue
        assert one.hu_after == pytest.approx(hu + 7, abs=1.0), tissue
        assert one.noise_before == pytest.approx(NOISE_HU, rel=0.1), tissue
        assert one.noise_after == pytest.approx(4.0, rel=0.1), tissue


def test_an_offset_is_added_to_the_original_alone() -> None:
    image, _ = body()
    found = measure(lattice_of(image.shape), image + 1024, image, before_offset_hu=-1024.0)
    assert found["fat"].hu_before == pytest.approx(found["fat"].hu_after, abs=1e-3)


def test_it_does_not_matter_how_the_voxels_are_stored() -> None:
    image, liver = body()
    plain = measure(lattice_of(image.shape), image, image, None, liver)
    turned = tuple(np.ascontiguousarray(one[:, ::-1, ::-1]) for one in (image, liver))
    direction = (-1, 0, 0, 0, -1, 0, 0, 0, 1)
    again = measure(lattice_of(image.shape, direction), turned[0], turned[0], None, turned[1])
    assert again == plain


def test_without_contrast_agent_there_is_no_blood_and_without_a_mask_no_liver() -> None:
    image, _ = body()
    image[(image > 100) & (image < 170)] = MUSCLE_HU
    found = measure(lattice_of(image.shape), image, image)
    assert set(found) == {"fat", "muscle"}


@pytest.mark.parametrize("values", [np.full((6, 40, 40), -1000, np.int16), np.zeros((6, 2, 2), np.int16)])
def test_where_there_is_nothing_nothing_is_measured(values: np.ndarray) -> None:
    assert measure(lattice_of(values.shape), values, values) == {}


def test_values_that_are_no_numbers_do_no_harm() -> None:
    image, _ = body()
    holes = image.astype(np.float32)
    holes[:, :20] = np.nan
    found = measure(lattice_of(image.shape), holes, image)
    assert np.isfinite(found["muscle"].hu_before)


def ct_of(case: str) -> Path:
    folder = data_folder()
    assert folder is not None
    return folder / "ct-tcia-ccby" / case / "ct.nii.gz"


@requires_data
@pytest.mark.slow
@pytest.mark.parametrize("case", ["C3N-00249", "C3L-00189"])
def test_tissues_of_real_cts_have_plausible_hu(case: str) -> None:
    """Ranges of portal scans at 120 kVp; fat as in ``protocol.intensities``."""
    image = sitk.ReadImage(str(ct_of(case)))
    values = sitk.GetArrayFromImage(image)
    found = measure(Lattice.of(image), values, values)
    assert -120 < found["fat"].hu_before < -80
    assert 20 < found["muscle"].hu_before < 80
    assert 90 < found["blood"].hu_before < 250
    assert all(3 < one.noise_before < 60 for one in found.values())
