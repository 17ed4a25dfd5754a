"""How far the simulated mixed image is from the CT that it was made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .split import SplitCT

SOFT_TISSUE_HU = (0.0, 200.0)
FEWEST_VOXELS = 100


@dataclass(frozen=True)
class RoundTrip:
    """FBP minus CT, mean over voxels that are not cut off, HU; None where there is too little to say so."""

    liver_bias_hu: float | None
    soft_tissue_bias_hu: float | None
    worst_hu: float


def round_trip(fbp: np.ndarray, split: SplitCT) -> RoundTrip:
    """Compare (n, row, column) of HU with the CT."""
    known = ~split.uncertain
    change = fbp - split.hu
    soft = known & (split.hu > SOFT_TISSUE_HU[0]) & (split.hu < SOFT_TISSUE_HU[1])
    liver = None
    if split.organs is not None:
        codes = torch.tensor([code for code, organ in split.codes.items() if organ == "liver"])
        square = torch.isin(split.organs, codes).float()
        liver = _mean(change, known & (split.axial.back(square).numpy() > 0.5))
    worst = float(np.abs(change[known]).max()) if known.any() else 0.0
    return RoundTrip(liver, _mean(change, soft), round(worst, 2))


def _mean(change: np.ndarray, where: np.ndarray) -> float | None:
    if np.count_nonzero(where) < FEWEST_VOXELS:
        return None
    return round(float(change[where].mean(dtype=np.float64)), 3)
