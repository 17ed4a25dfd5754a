"""How far the materials are from the CT that they were found in, seen with the beam of that CT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .split import SplitCT

SOFT_TISSUE_HU = (0.0, 200.0)
FEWEST_VOXELS = 100


@dataclass(frozen=True)
class RoundTrip:
    """What the materials and the CT's own noise show with its own beam, minus the CT, over voxels that are
    not cut off, HU: means, None where there is too little to say so, and the largest.
    """

    liver_bias_hu: float | None
    soft_tissue_bias_hu: float | None
    worst_hu: float


class RoundTripOfSections:
    """Adds up the differences of a few sections at a time."""

    def __init__(self, split: SplitCT) -> None:
        self._split = split
        self._sums = {"liver": 0.0, "soft": 0.0}
        self._counts = {"liver": 0, "soft": 0}
        self._worst = 0.0

    def add(self, maps: torch.Tensor, here: slice) -> None:
        """maps: (n, 3, size, size), the materials of these sections."""
        split = self._split
        change = split.axial.back(split.seen_hu(maps) - split.signal[here].float()).numpy()
        hu, known = split.voxels.hu(here), ~split.voxels.uncertain(here)
        self._worst = max(self._worst, float(np.abs(change).max(initial=0.0, where=known)))
        self._count("soft", change, known & (hu > SOFT_TISSUE_HU[0]) & (hu < SOFT_TISSUE_HU[1]))
        if split.organs is not None:
            liver = split.organs.inside(("liver",), here).float()
            self._count("liver", change, known & (split.axial.back(liver).numpy() > 0.5))

    def result(self) -> RoundTrip:
        """Of all that was added."""
        return RoundTrip(self._mean("liver"), self._mean("soft"), round(self._worst, 2))

    def _count(self, what: str, change: np.ndarray, where: np.ndarray) -> None:
        self._sums[what] += float(change[where].sum(dtype=np.float64))
        self._counts[what] += int(np.count_nonzero(where))

    def _mean(self, what: str) -> float | None:
        count = self._counts[what]
        return None if count < FEWEST_VOXELS else round(self._sums[what] / count, 3)
