"""Cysts put into and beside a liver whose outline is known: how a network takes them.

Large cystic masses beside the liver and large lesions in it are what liver networks fail on, and too rare to
be counted on real scans. Made on cases that the network was not trained on; they say nothing of how often
such masses occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from livercnn_training.augment_intensity import Dice, ellipsoid, random_voxel
from livercnn_training.config import InputContract
from livercnn_training.normalise import normalise

WATER_HU = (10.0, 8.0)  # mean and standard deviation over cysts
NOISE_HU = 8.0


@dataclass(frozen=True)
class MassResult:
    """Dice of the whole liver, and which share of the mass's voxels was called liver (right only inside)."""

    dice: float
    share_called_liver: float


def insert_cyst(
    hu: torch.Tensor, liver: torch.Tensor, spacing_mm: float, radius_mm: float, inside: bool, dice: Dice
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the scan (HU, Z, Y, X) with a cyst in the liver or beside it, and the cyst (0..1).

    ``liver``: fraction 0..1. The outline of the liver stays what it is: a cyst beside it takes other tissue's
    place, one inside it the liver's.
    """
    if inside:
        where, room = liver > 0.5, liver
    else:
        near = F.max_pool3d(liver[None, None], 7, 1, 3)[0, 0] > 0.5
        where = near & (liver < 0.1) & (hu > -160)
        room = (1.0 - liver) * (hu > -160) * (hu < 220)
    cyst = ellipsoid(hu, random_voxel(where, dice), radius_mm, spacing_mm, dice) * room
    level = dice.normal(*WATER_HU)
    return hu * (1.0 - cyst) + cyst * (level + NOISE_HU * dice.noise_like(hu)), cyst


def measure(
    network: Any, contract: InputContract, hu: torch.Tensor, liver: torch.Tensor, mass: torch.Tensor
) -> MassResult:
    """Run a network (norms folded or fixed) on a scan with a mass. ``mass``: 0..1, empty for none."""
    with torch.inference_mode():
        called = network.probability(normalise(hu.clone(), contract), pad_value=contract.pad_value) > 0.5
    truth, within = liver > 0.5, mass > 0.5
    overlap = float(2 * (called & truth).sum() / (called.sum() + truth.sum()).clamp(min=1))
    return MassResult(overlap, float((called & within).sum() / within.sum().clamp(min=1)))
