"""Where the networks look: soft tissue and what is near, however noisy the fat around it is."""

from __future__ import annotations

import numpy as np
import pytest

from LiverSegmentCNNLib.body import TISSUE_MARGIN_MM, find_body

STEP_MM = 4.0
SHAPE = (30, 70, 90)
FAT_HU, SOFT_HU, AIR_HU = -100.0, 60.0, -1000.0


def stout_person(noise_hu: float, core_hu: float = SOFT_HU) -> tuple[np.ndarray, np.ndarray]:
    """HU (zyx, 4 mm) of a core in thick fat in air, and where the core is."""
    y, x = np.ogrid[-1 : 1 : SHAPE[1] * 1j, -1 : 1 : SHAPE[2] * 1j]
    whole = (y / 0.9) ** 2 + (x / 0.9) ** 2 <= 1
    core = (y / 0.4) ** 2 + (x / 0.4) ** 2 <= 1
    section = np.where(core, core_hu, np.where(whole, FAT_HU, AIR_HU))
    noise = np.random.default_rng(0).normal(0, noise_hu, SHAPE)
    return section + noise, np.broadcast_to(core, SHAPE)


def near(hu: np.ndarray) -> np.ndarray:
    return find_body(hu, (1, 1, 1), hu.shape, (STEP_MM,) * 3).near


@pytest.mark.parametrize("noise_hu", [0.0, 12.0, 20.0])
def test_thick_fat_is_left_out(noise_hu: float) -> None:
    hu, core = stout_person(noise_hu)
    found = near(hu)
    assert found[core].all()
    fat = (hu > -300) & ~core
    assert found[fat].mean() < 0.35  # the margin around the core is a quarter of it


@pytest.mark.parametrize("core_hu", [-45.0, 0.0, 200.0])
def test_a_fatty_liver_is_kept(core_hu: float) -> None:
    hu, core = stout_person(15.0, core_hu)
    assert near(hu)[core].all()


def test_a_thin_sheet_in_fat_is_kept() -> None:
    """As the left liver's tip is: one coarse voxel thick, 40 mm wide."""
    hu, _ = stout_person(12.0)
    tip = (slice(14, 15), slice(5, 15), slice(40, 50))
    hu[tip] = SOFT_HU
    assert near(hu)[tip].all()


def test_much_noise_only_adds() -> None:
    hu, core = stout_person(80.0)
    assert near(hu)[core].all()


def test_the_margin_is_in_millimetres() -> None:
    hu, core = stout_person(0.0)
    row = near(hu)[15, SHAPE[1] // 2]
    reach = (np.flatnonzero(row)[-1] - np.flatnonzero(core[15, SHAPE[1] // 2])[-1]) * STEP_MM
    assert TISSUE_MARGIN_MM - STEP_MM <= reach <= TISSUE_MARGIN_MM + STEP_MM
