"""Tables, beams, tissues, scanner and calibration against published values and against physics."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from LiverStandardizeLib.simulation import physics
from LiverStandardizeLib.simulation.physics import tables
from LiverStandardizeLib.simulation.physics.attenuation import MATERIALS
from LiverStandardizeLib.simulation.physics.beams import water_path
from LiverStandardizeLib.simulation.physics.tissues import tissue_names

MAKE_TABLES = Path(__file__).resolve().parents[1] / "tables" / "make_tables.py"

# Hubbell and Seltzer, NISTIR 5632 (tables 3 and 4): mass attenuation, cm2/g, at 40, 60, 80 and 100 keV.
NIST_CM2_G = {
    "water": (0.2683, 0.2059, 0.1837, 0.1707),
    "calcium": (1.830, 0.6578, 0.3656, 0.2571),
    "iodine": (22.10, 7.579, 3.510, 1.942),
}
NIST_ALUMINIUM_CM2_G = (0.5685, 0.2778, 0.2018, 0.1704)


@pytest.mark.parametrize("material", MATERIALS)
def test_attenuation_is_nists(material):
    per_unit = {"water": 1.0, "calcium": 1e-3, "iodine": 1e-3}[material]
    for energy, wanted in zip((40, 60, 80, 100), NIST_CM2_G[material]):
        found = physics.linear_attenuation_per_cm(material, energy) / per_unit
        assert found == pytest.approx(wanted, rel=2e-3)


def test_aluminium_is_nists():
    values = tables.row("mass_attenuation_cm2_g", "aluminium")
    found = np.interp((40, 60, 80, 100), tables.energies_kev(), values)
    np.testing.assert_allclose(found, NIST_ALUMINIUM_CM2_G, rtol=2e-3)


def test_iodine_has_its_k_edge_between_33_and_34_kev():
    below, above = physics.linear_attenuation_per_cm("iodine", np.array([32.5, 33.5]))
    assert above > 4 * below


@pytest.mark.parametrize(("energy", "wanted"), [(40, 82.4), (50, 54.3), (60, 36.8), (70, 26.0), (80, 19.1)])
def test_iodine_in_hu(energy, wanted):
    """The design's figures, which follow from NIST's coefficients."""
    assert physics.iodine_hu_per_mg_ml(energy) == pytest.approx(wanted, abs=0.1)


def test_ct_numbers_at_one_energy():
    assert physics.monoenergetic_hu(1, 0, 0, 55) == 0
    assert physics.monoenergetic_hu(0, 0, 0, 55) == -1000
    assert physics.monoenergetic_hu(1, 0, 2.5, 70) == pytest.approx(2.5 * physics.iodine_hu_per_mg_ml(70))


@pytest.mark.parametrize(("material", "energy"), [("lead", 60), ("water", 5), ("water", np.array([60, 200]))])
def test_what_the_tables_do_not_hold_is_refused(material, energy):
    with pytest.raises(ValueError, match=r"lead|keV"):
        physics.linear_attenuation_per_cm(material, energy)


def test_frozen_tables_name_their_sources_and_are_whole():
    frozen = tables.frozen()
    energies = tables.energies_kev()
    assert set(frozen["sources"]) <= set(frozen)
    for rows in (*frozen["mass_attenuation_cm2_g"].values(), frozen["detector_efficiency"]):
        assert len(rows) == len(energies)
        assert np.all(np.asarray(rows) > 0)
    for name, spectrum in frozen["spectra"].items():
        photons = np.asarray(spectrum["photons_cm2_mas_kev_1m"])
        assert len(photons) == len(energies)
        assert np.all(photons[energies > spectrum["kv"]] == 0), name
        assert np.all(photons >= 0)


def test_frozen_tables_come_out_of_their_script():
    if any(importlib.util.find_spec(name) is None for name in ("spekpy", "xraydb")):
        pytest.skip("needs the extra 'tables' (spekpy, xraydb)")
    finished = subprocess.run([sys.executable, str(MAKE_TABLES), "--check"], check=False)
    assert finished.returncode == 0


# --- beams ------------------------------------------------------------------------------------------------


def test_tin_hardens():
    def mean_kev(name):
        beam = physics.beam(name)
        return np.average(beam.energy_kev, weights=beam.photons)

    assert 40 < mean_kev("70") < 55
    assert 85 < mean_kev("Sn150") < 105


def test_water_hardens_and_iodine_loses_worth():
    beam = physics.beam("70")
    worth = beam.gains(water_path(np.array([0.0, 10, 20, 40])), np.zeros(4))[2]
    assert np.all(np.diff(worth) < 0)


def test_a_beam_of_one_energy_obeys_nist():
    one = replace(
        physics.beam("70"),
        energy_kev=np.array([60.5]),
        photons=np.array([1.0]),
        attenuation_per_cm=np.array(
            [[physics.linear_attenuation_per_cm(name, 60.5)] for name in MATERIALS], float
        ),
        aluminium_per_cm=np.array([0.75]),
    )
    gains = one.gains(water_path(np.array([3.0, 30.0])), np.array([0.0, 2.0]))
    np.testing.assert_allclose(1000 * gains[2], physics.iodine_hu_per_mg_ml(60.5), rtol=1e-12)


@pytest.mark.parametrize("name", ["70", "Sn150"])
def test_grouping_keeps_photons_energy_and_what_bodies_do(name):
    fine = physics.beam(name)
    coarse = fine.grouped(16)
    assert len(coarse.photons) <= 16
    assert coarse.photons.sum() == pytest.approx(fine.photons.sum())
    assert coarse.photons @ coarse.energy_kev == pytest.approx(fine.photons @ fine.energy_kev)
    paths, aluminium = water_path(np.array([12.0, 20.0, 30.0])), np.zeros(3)
    np.testing.assert_allclose(coarse.gains(paths, aluminium), fine.gains(paths, aluminium), rtol=1e-2)


def test_an_unknown_beam_is_named():
    with pytest.raises(ValueError, match="Sn150"):
        physics.beam("90")


# --- tissues ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", tissue_names())
def test_two_materials_are_enough_for_every_tissue(name):
    metal = name == "titanium"
    assert tables.row("tissues", name)["worst_relative_error"] < (7e-3 if metal else 3e-3)
    assert (physics.tissue(name)[0] > 0) is not metal


# At 70 keV; the ranges are those of unenhanced CT.
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("adipose", -110, -70),
        ("liver", 45, 65),
        ("muscle", 40, 60),
        ("blood", 50, 65),
        ("cortical_bone", 1200, 1900),
    ],
)
def test_tissues_have_their_ct_numbers(name, low, high):
    assert low < physics.monoenergetic_hu(*physics.tissue(name), 0.0, 70) < high


def test_fat_is_darker_at_low_energy_and_bone_brighter():
    fat, bone = physics.tissue("adipose"), physics.tissue("cortical_bone")
    assert physics.monoenergetic_hu(*fat, 0, 40) < physics.monoenergetic_hu(*fat, 0, 80) - 40
    assert physics.monoenergetic_hu(*bone, 0, 40) > 1.8 * physics.monoenergetic_hu(*bone, 0, 80)


def test_a_water_cylinder_has_its_own_diameter():
    axis = (np.arange(200) - 99.5) * 1.0
    disc = (np.hypot(*np.meshgrid(axis, axis)) < 80).astype(float)
    maps = np.stack([disc, 0 * disc, 0 * disc])
    assert physics.water_equivalent_diameters_cm(maps, 1.0) == pytest.approx(16.0, rel=5e-3)
    maps[2] = 2 * disc
    assert physics.water_equivalent_diameters_cm(maps, 1.0) > 16.3
    with pytest.raises(ValueError, match=r"3, y, x\)"):
        physics.water_equivalent_diameters_cm(disc, 1.0)


# --- scanner and calibration ------------------------------------------------------------------------------


@pytest.mark.parametrize("diameter", [12.0, 20.0, 30.0])
def test_iodine_is_worth_four_times_as_much_at_70_kv(diameter):
    assert 3.9 < physics.calibrate(diameter).ratio < 4.1


@given(st.floats(5, 45), st.floats(0.5, 10))
def test_larger_patients_harden_more(diameter, more):
    small, large = physics.calibrate(diameter), physics.calibrate(diameter + more)
    assert small.low_hu_per_mg_ml > large.low_hu_per_mg_ml
    assert small.high_hu_per_mg_ml > large.high_hu_per_mg_ml


@pytest.mark.parametrize("diameter", [0.0, -3.0, math.nan])
def test_no_patient_has_no_size(diameter):
    with pytest.raises(ValueError, match="positive"):
        physics.calibrate(diameter)


def test_exposure_control_spares_children():
    scanner = physics.Scanner()
    assert scanner.charges_mas(30.0) == (scanner.low_mas, scanner.high_mas)
    assert scanner.charges_mas(15.0)[0] < 0.3 * scanner.low_mas
    assert replace(scanner, exposure_control=0.0).charges_mas(15.0)[0] == scanner.low_mas


def test_photons_of_all_views_do_not_depend_on_their_number():
    scanner = physics.Scanner()
    assert 500 * scanner.photons_per_reading(100, 0.05, 500) == pytest.approx(
        250 * scanner.photons_per_reading(100, 0.05, 250)
    )


def test_the_bow_tie_is_thin_in_the_middle():
    thickness = physics.Scanner().bowtie_aluminium_cm(np.array([-30.0, -10, 0, 10, 25]))
    np.testing.assert_allclose(thickness[[0, 2, 4]], [2.2, 0, 2.2])
    assert thickness[1] == thickness[3] < 0.5


@pytest.mark.parametrize(
    "field", ["low_mas", "slice_mm", "efficiency", "kernel_lp_cm", "electronic_noise_photons"]
)
def test_impossible_scanners_are_refused(field):
    with pytest.raises(ValueError, match="positive|negative"):
        physics.Scanner(**{field: -1.0})


def test_tables_are_small():
    assert tables.PATH.stat().st_size < 40_000
    assert json.loads(tables.PATH.read_text(encoding="utf-8"))["made_with"]
