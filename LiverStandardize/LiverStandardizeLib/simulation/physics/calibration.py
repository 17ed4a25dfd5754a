"""What one mg/mL of iodine is worth in each of the two images of a patient: the scanner's own calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .beams import beam, water_path
from .scanner import Scanner

ENHANCEMENT_MG_ML = 1.0
"""Iodine in the calibration phantom: about the mean of a section of the abdomen in the portal phase.

Iodine hardens the beam, so that all of it is worth less than the first drop.
"""


@dataclass(frozen=True)
class Calibration:
    """HU per mg/mL of iodine in the low and in the high image."""

    low_hu_per_mg_ml: float
    high_hu_per_mg_ml: float

    @property
    def ratio(self) -> float:
        return self.low_hu_per_mg_ml / self.high_hu_per_mg_ml


def calibrate(diameter_cm: float, scanner: Scanner | None = None) -> Calibration:
    """Calibration for a patient of this water-equivalent diameter.

    The mean over all rays through a centred cylinder of that diameter, weighted by their length in it, which
    is the mean over its area, as a calibration with iodine in water would give.
    Raises ValueError for a diameter that is not positive.
    """
    if not diameter_cm > 0:
        raise ValueError(f"the diameter must be positive, found {diameter_cm}")
    scanner = scanner or Scanner()
    radius = diameter_cm / 2
    off_centre = (np.arange(200) + 0.5) / 200 * radius
    chord = 2 * np.sqrt(radius**2 - off_centre**2)
    aluminium = scanner.bowtie_aluminium_cm(off_centre)
    # Half of the iodine hardens the other half on average: the mean worth is the worth half-way.
    paths = water_path(chord)
    paths[2] = chord * ENHANCEMENT_MG_ML / 2
    worth = [
        float(np.average(1000 * beam(name).gains(paths, aluminium)[2], weights=chord))
        for name in scanner.beams
    ]
    return Calibration(worth[0], worth[1])
