"""What both engines ask of sections before they scan them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..physics.calibration import calibrate
from ..physics.scanner import Scanner
from ..physics.tissues import water_equivalent_diameters_cm

SMALLEST_DIAMETER_CM = 5.0
"""Sections with less in them, or nothing, are exposed and calibrated as if they were so large."""


def section_diameters_cm(maps: torch.Tensor, pixel_mm: float, given: Sequence[float] | None) -> list[float]:
    """The diameters given, or each section's own.

    Raises ValueError for maps that are not (n, 3, y, x) or not finite, and for another number of diameters.
    """
    if maps.ndim != 4 or maps.shape[1] != 3:
        raise ValueError(f"material maps must be (n, 3, y, x), found {tuple(maps.shape)}")
    amounts = maps.sum(dim=(2, 3), keepdim=True).double().cpu().numpy()
    if not np.isfinite(amounts).all():
        raise ValueError("material maps must be finite; these hold NaN or infinity")
    if given is not None and len(given) != len(maps):
        raise ValueError(f"{len(maps)} sections need as many diameters, found {len(given)}")
    diameters = water_equivalent_diameters_cm(amounts, pixel_mm) if given is None else given
    return [max(float(one), SMALLEST_DIAMETER_CM) for one in diameters]


def iodine_calibration(diameters_cm: Sequence[float], scanner: Scanner) -> torch.Tensor:
    """(n, 2) HU per mg/mL."""
    worth = [calibrate(one, scanner) for one in diameters_cm]
    return torch.as_tensor(
        np.array([(one.low_hu_per_mg_ml, one.high_hu_per_mg_ml) for one in worth]), dtype=torch.float32
    )
