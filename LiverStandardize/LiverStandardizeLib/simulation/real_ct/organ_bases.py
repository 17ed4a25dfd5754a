"""What tissue is made of before the contrast medium: by organ where labels say it, else by a rule of HU."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ..physics.tissues import tissue
from ..protocols.filters import gaussian_blur
from ..tissues import LABELS
from .tissue_rule import Worth

SUBSTANCES = {
    "spleen": "spleen",
    "right_kidney": "kidney",
    "left_kidney": "kidney",
    "gallbladder": "bile",
    "oesophagus": "bowel",
    "liver": "liver",
    "stomach": "bowel",
    "aorta": "blood",
    "inferior_vena_cava": "blood",
    "portal_and_splenic_veins": "blood",
    "pancreas": "pancreas",
    "right_adrenal": "pancreas",
    "left_adrenal": "pancreas",
}
ORGAN_CODES: dict[int, str] = {code: organ for organ, code in LABELS.items()}

MUSCLE_UP_TO_HU, BLOOD_FROM_HU = 70.0, 100.0
"""Without labels, enhanced: what is no brighter is muscle or gut with its little contrast, what is brighter
liver, spleen or blood, whose HU without contrast are within 4 of each other."""
UNENHANCED_UP_TO_HU = 80.0
"""Unenhanced: up to here, HU are those of tissue or clotted blood; calcium and old contrast are brighter."""
BORDER_MM = 2.0
"""Labels end in pixels, organs do not: standard deviation of the passage from one base to the next."""


def organ_bases(organs: torch.Tensor, codes: Mapping[int, str], pixel_mm: float) -> torch.Tensor:
    """Of labelled organs (n, y, x): water and calcium without contrast, times how much is known, and that.

    codes: code -> organ, a key of SUBSTANCES. Gives (n, 3, y, x); the passage between organs is smooth.
    """
    parts = torch.zeros(len(organs), 3, *organs.shape[1:])
    for code, organ in codes.items():
        here = (organs == code).to(parts)
        parts += here[:, None] * torch.tensor([*tissue(SUBSTANCES[organ]), 1.0]).view(1, 3, 1, 1)
    return gaussian_blur(parts, BORDER_MM, pixel_mm)


def bases(hu: torch.Tensor, organs: torch.Tensor | None, worth: Worth, *, enhanced: bool) -> torch.Tensor:
    """Water and calcium without contrast, (n, 2, y, x), for denoised `hu` (n, y, x).

    organs: what `organ_bases` gives, or None.
    """
    if not enhanced:
        return _unenhanced(hu, worth)
    by_hu = _by_hu(hu)
    return by_hu if organs is None else organs[:, :2] + (1 - organs[:, 2:]) * by_hu


def _by_hu(hu: torch.Tensor) -> torch.Tensor:
    way = ((hu - MUSCLE_UP_TO_HU) / (BLOOD_FROM_HU - MUSCLE_UP_TO_HU)).clamp(0, 1)[:, None]
    muscle, blood = (torch.tensor(tissue(name)).view(1, 2, 1, 1) for name in ("muscle", "spleen"))
    return muscle + way * (blood - muscle)


def _unenhanced(hu: torch.Tensor, worth: Worth) -> torch.Tensor:
    """Soft tissue as dense as its HU say: muscle, or more of what makes it denser than water."""
    water, calcium = tissue("muscle")
    muscle_hu = worth.hu(water, calcium)
    density = torch.minimum(hu.clamp_max(UNENHANCED_UP_TO_HU) / muscle_hu, hu.new_tensor(4.0)).clamp_min(1.0)
    return torch.stack([1 + (water - 1) * density, calcium * density], dim=1)
