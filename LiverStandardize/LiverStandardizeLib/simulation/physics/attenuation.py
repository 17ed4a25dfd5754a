"""Attenuation of the three basis materials, and the CT numbers that follow from it at one energy."""

from __future__ import annotations

from typing import Union

import numpy as np

from . import tables

MATERIALS = ("water", "calcium", "iodine")
"""The basis of every material map, in this order: water relative to 1 g/mL, then mg/mL of the other two."""

GRAMS_PER_ML_OF_ONE = {"water": 1.0, "calcium": 1e-3, "iodine": 1e-3}

Kev = Union[float, np.ndarray]


def linear_attenuation_per_cm(material: str, energy_kev: Kev) -> np.ndarray:
    """Linear attenuation of one unit of a basis material, 1/cm: interpolated in the logarithms.

    Calcium and iodine are dissolved: mg/mL add to the water's attenuation and displace none of it.
    Raises ValueError for another material or an energy that the tables do not hold.
    """
    if material not in GRAMS_PER_ML_OF_ONE:
        raise ValueError(f"no basis material {material!r}; there are {', '.join(MATERIALS)}")
    known = tables.energies_kev()
    wanted = np.asarray(energy_kev, float)
    if np.any(wanted < known[0]) or np.any(wanted > known[-1]):
        raise ValueError(f"energies must lie between {known[0]} and {known[-1]} keV, found {energy_kev}")
    values = np.asarray(tables.row("mass_attenuation_cm2_g", material))
    mass_attenuation = np.exp(np.interp(np.log(wanted), np.log(known), np.log(values)))
    return mass_attenuation * GRAMS_PER_ML_OF_ONE[material]


def iodine_hu_per_mg_ml(energy_kev: float) -> float:
    """What one mg/mL of iodine adds to the CT number of water at one photon energy."""
    iodine = linear_attenuation_per_cm("iodine", energy_kev)
    return float(1000 * iodine / linear_attenuation_per_cm("water", energy_kev))


def monoenergetic_hu(water: float, calcium_mg_ml: float, iodine_mg_ml: float, energy_kev: float) -> float:
    """CT number of a mixture at one photon energy."""
    parts = zip(MATERIALS, (water, calcium_mg_ml, iodine_mg_ml))
    total = sum(part * linear_attenuation_per_cm(name, energy_kev) for name, part in parts)
    return float(1000 * (total / linear_attenuation_per_cm("water", energy_kev) - 1))
