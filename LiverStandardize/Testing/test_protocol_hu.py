"""What HU alone can tell, and that it is not more than physics allows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from realdata import data_folder, requires_data

from LiverStandardizeLib.protocol import detect_protocol
from LiverStandardizeLib.protocol.intensities import FAT_HU, candidates_by_hu, measure_fat_hu
from LiverStandardizeLib.simulation.physics.attenuation import monoenergetic_hu
from LiverStandardizeLib.simulation.physics.tissues import tissue

ORDINARY = ("FBP", "IR", "OPT")
ALL_BUT_M40 = (*ORDINARY, "M60", "M80")


def body(
    fat_hu: float, liver_hu: float = 110.0, *, noise_hu: float = 12.0, air_hu: float = -1000.0
) -> sitk.Image:
    """A block of liver in a mantle of fat in air, 2 L and 4 L."""
    hu = np.full((40, 80, 80), air_hu, np.float32)
    hu[:, 10:70, 10:70] = fat_hu
    hu[:, 20:55, 20:55] = liver_hu
    inside = hu > air_hu
    hu[inside] += np.random.default_rng(1).normal(0, noise_hu, int(inside.sum()))
    image = sitk.GetImageFromArray(np.maximum(hu, air_hu).astype(np.int16))
    image.SetSpacing((4.0, 4.0, 4.0))
    return image


@pytest.mark.parametrize("fat", ["adipose", "triglyceride"])
@pytest.mark.parametrize(("protocol", "energy_kev"), [("M40", 40), ("M60", 60), ("M80", 80)])
def test_the_ranges_of_fat_hold_what_physics_gives(fat: str, protocol: str, energy_kev: float) -> None:
    water, calcium = tissue(fat)
    low, high = FAT_HU[protocol]
    assert low <= float(monoenergetic_hu(water, calcium, 0.0, energy_kev)) <= high


@pytest.mark.parametrize(
    ("fat_hu", "candidates"),
    [
        (-180, ("M40",)),
        (-151, (*ORDINARY, "M40")),
        (-125, (*ORDINARY, "M60")),
        (-100, ALL_BUT_M40),
        (-75, (*ORDINARY, "M80")),
    ],
)
def test_fat_leaves_what_fits(fat_hu: float, candidates: tuple[str, ...]) -> None:
    evidence, found = candidates_by_hu(body(fat_hu))
    assert found == candidates, evidence
    assert evidence.confidence == 0.3


@pytest.mark.parametrize("noise_hu", [2.0, 15.0, 40.0])
@pytest.mark.parametrize("liver_hu", [50.0, 110.0, 300.0])
def test_fat_is_measured_whatever_the_noise_and_the_contrast(noise_hu: float, liver_hu: float) -> None:
    assert measure_fat_hu(body(-105, liver_hu, noise_hu=noise_hu)) == pytest.approx(-105, abs=4)


def test_hu_that_were_cut_off_above_fat_are_no_measure_of_it() -> None:
    assert measure_fat_hu(body(-180, 220, air_hu=-125.0)) is None
    assert measure_fat_hu(body(-100, 110, air_hu=-160.0)) == pytest.approx(-100, abs=5)


@pytest.mark.parametrize(
    "values",
    [np.zeros((5, 9, 9)), np.full((5, 9, 9), np.nan), np.ones((1, 1, 1)), np.full((3, 2, 2), -100.0)],
    ids=["constant", "not finite", "one voxel", "little fat"],
)
def test_volumes_without_a_patient_give_nothing(values: np.ndarray) -> None:
    assert candidates_by_hu(sitk.GetImageFromArray(values.astype(np.float32)))[1] == ()


def test_a_guess_is_called_one(tmp_path: Path) -> None:
    sitk.WriteImage(body(-180), str(tmp_path / "ct.nii.gz"))
    found = detect_protocol(tmp_path / "ct.nii.gz")
    assert (found.name, found.status, found.confidence) == ("M40 (guessed)", "guessed", 0.3)
    assert found.energy_kev == 40
    assert detect_protocol(tmp_path / "ct.nii.gz", use_hu=False).status == "unknown"


def test_several_that_fit_are_uncertain_and_headers_come_first(tmp_path: Path) -> None:
    sitk.WriteImage(body(-100), str(tmp_path / "ct.nii.gz"))
    found = detect_protocol(tmp_path / "ct.nii.gz")
    assert (found.status, found.candidates, found.confidence) == ("uncertain", ALL_BUT_M40, 0.0)
    (tmp_path / "ct.json").write_text('{"ConvolutionKernel": "I30f\\\\3"}', encoding="utf-8")
    assert detect_protocol(tmp_path / "ct.nii.gz").name == "IR, strength 3"


@requires_data
@pytest.mark.slow
@pytest.mark.parametrize("case", ["ct-btcv/05", "ct-lits/005"])
def test_scans_at_ordinary_tube_voltages_are_not_taken_for_others(case: str) -> None:
    found = detect_protocol(data_folder() / case / "ct.nii.gz")
    assert found.protocol is None
    assert "M40" not in found.candidates
    assert not found.candidates or set(ORDINARY) <= set(found.candidates)
