"""Paints of stated composition: so much water and calcium, and a share of the liver's iodine."""

from __future__ import annotations

from typing import Any

from .physics.attenuation import monoenergetic_hu
from .physics.tissues import tissue
from .tissues import LIVER, Tissue

MIXED_KEV = 65.0
"""About the energy at which a monoenergetic image looks like one at 120 kV."""


class Mixture(float):
    """HU as beside a liver of LIVER at 120 kV, and what the material maps hold of it."""

    water: float
    calcium_mg_ml: float
    iodine_to_liver: float

    def __new__(cls, water: float, calcium_mg_ml: float = 0.0, iodine_to_liver: float = 0.0) -> Mixture:
        self = super().__new__(cls, _hu(water, calcium_mg_ml, iodine_to_liver))
        self.water = water
        self.calcium_mg_ml = calcium_mg_ml
        self.iodine_to_liver = iodine_to_liver
        return self


def enhanced_less(paint: Any, share: float) -> Any:
    """The HU of a paint with a share of its iodine."""
    if isinstance(paint, Mixture):
        iodine_hu = paint.iodine_to_liver * _iodine_hu_of_liver()
    elif isinstance(paint, Tissue) and paint.pool:
        iodine_hu = float(paint) - monoenergetic_hu(*tissue(paint.substance), 0.0, MIXED_KEV)
    else:
        return paint
    return float(paint) - (1 - share) * iodine_hu


def _hu(water: float, calcium_mg_ml: float, iodine_to_liver: float) -> float:
    return monoenergetic_hu(water, calcium_mg_ml, 0.0, MIXED_KEV) + iodine_to_liver * _iodine_hu_of_liver()


def _iodine_hu_of_liver() -> float:
    return float(LIVER) - monoenergetic_hu(*tissue("liver"), 0.0, MIXED_KEV)
