"""Tissues as so much water and calcium, and how large a section is to an X-ray beam."""

from __future__ import annotations

import numpy as np

from . import tables
from .attenuation import MATERIALS, linear_attenuation_per_cm

SIZE_ENERGY_KEV = 65.0
"""About the mean energy behind a body; the diameter hardly depends on it."""


def tissue_names() -> tuple[str, ...]:
    """The tissues of the tables."""
    return tuple(tables.frozen()["tissues"])


def tissue(name: str) -> tuple[float, float]:
    """Water (relative to 1 g/mL) and calcium (mg/mL) that attenuate as this tissue does without contrast.

    Calcium is a basis vector, not an assay: fat, of low atomic number, has a negative part.
    """
    found = tables.row("tissues", name)
    return float(found["water"]), float(found["calcium_mg_ml"])


def water_equivalent_diameters_cm(material_maps: np.ndarray, pixel_mm: float) -> np.ndarray:
    """Diameter of the water cylinder that attenuates as much as each section (AAPM Report 220).

    material_maps: (..., 3, y, x) in the order of MATERIALS; gives (...).
    """
    if material_maps.ndim < 3 or material_maps.shape[-3] != len(MATERIALS):
        raise ValueError(f"material maps must be (..., 3, y, x), found {material_maps.shape}")
    water = linear_attenuation_per_cm("water", SIZE_ENERGY_KEV)
    gains = np.array([linear_attenuation_per_cm(name, SIZE_ENERGY_KEV) / water for name in MATERIALS])
    area_cm2 = material_maps.sum(axis=(-2, -1)) @ gains * (pixel_mm / 10) ** 2
    return 2 * np.sqrt(np.maximum(area_cm2, 0.0) / np.pi)
