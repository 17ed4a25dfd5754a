"""Virtual monoenergetic images by decomposition of two images into water and iodine.

Classic: the two parts are added up at the wanted energy; far from about 70 keV their noise adds up, too.
Plus: only what is coarse comes from there; what is fine comes from the energy of least noise, except along
edges, which keep their contrast (the principle of Grant et al., Invest. Radiol. 49 (2014) 586).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..physics.attenuation import iodine_hu_per_mg_ml
from .energy_images import EnergyImages
from .filters import edge_share, gaussian_blur

QUIET_KEV = 70.0
SPLIT_MM = 0.75
"""Standard deviation of the smoothing that tells coarse from fine."""
EDGE_SCALE_MM = 0.8
EDGE_NONE_BELOW = 6.0
EDGE_FULL_ABOVE = 20.0
"""Slopes in HU/mm between which the fine part passes over from the quiet energy to the wanted one."""


def decompose(hu: torch.Tensor, iodine_hu: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Virtual non-contrast HU and iodine in mg/mL of (n, 2, y, x): two equations, two unknowns."""
    worth = iodine_hu[:, :, None, None].to(hu)
    iodine = (hu[:, 0] - hu[:, 1]) / (worth[:, 0] - worth[:, 1])
    return hu[:, 0] - iodine * worth[:, 0], iodine


def monoenergetic(hu: torch.Tensor, iodine_hu: torch.Tensor, energy_kev: float) -> torch.Tensor:
    """The classic image at one energy, (n, y, x)."""
    water, iodine = decompose(hu, iodine_hu)
    return water + iodine * iodine_hu_per_mg_ml(energy_kev)


def monoenergetic_plus(images: EnergyImages, energies_kev: Sequence[float]) -> list[torch.Tensor]:
    """One image (n, y, x) per energy, with the noise of the quiet energy in all of them."""
    hu, worth, pixel_mm = images.hu, images.iodine_hu, images.pixel_mm
    coarse = gaussian_blur(hu, SPLIT_MM, pixel_mm)
    fine = hu - coarse
    quiet_fine = monoenergetic(fine, worth, QUIET_KEV)
    edges = edge_share(
        monoenergetic(images.signal, worth, QUIET_KEV),
        pixel_mm,
        none_below=EDGE_NONE_BELOW,
        full_above=EDGE_FULL_ABOVE,
        scale_mm=EDGE_SCALE_MM,
    )
    made = []
    for energy in energies_kev:
        own_fine = monoenergetic(fine, worth, energy)
        made.append(monoenergetic(coarse, worth, energy) + torch.lerp(quiet_fine, own_fine, edges))
    return made
