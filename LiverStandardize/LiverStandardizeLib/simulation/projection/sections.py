"""What both engines ask of sections before they scan them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..physics.calibration import calibrate
from ..physics.scanner import Scanner
from ..physics.tissues import water_equivalent_diameters_cm


def section_diameters_cm(maps: torch.Tensor, pixel_mm: float, given: Sequence[float] | None) -> list[float]:
    """The diameters given, checked, or each section's own."""
    if maps.ndim != 4 or maps.shape[1] != 3:
        raise ValueError(f"material maps must be (n, 3, y, x), found {tuple(maps.shape)}")
    if given is None:
        amounts = maps.sum(dim=(2, 3), keepdim=True).double().cpu().numpy()
        return [float(one) for one in water_equivalent_diameters_cm(amounts, pixel_mm)]
    if len(given) != len(maps):
        raise ValueError(f"{len(maps)} sections need as many diameters, found {len(given)}")
    return [float(one) for one in given]


def iodine_calibration(diameters_cm: Sequence[float], scanner: Scanner) -> torch.Tensor:
    """(n, 2) HU per mg/mL."""
    worth = [calibrate(one, scanner) for one in diameters_cm]
    return torch.as_tensor(
        np.array([(one.low_hu_per_mg_ml, one.high_hu_per_mg_ml) for one in worth]), dtype=torch.float32
    )
