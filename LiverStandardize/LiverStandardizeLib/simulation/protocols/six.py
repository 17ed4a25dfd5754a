"""The six reconstructions by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from .energy_images import EnergyImages
from .iterative import iterative
from .mixing import mixed, optimum_contrast
from .monoenergetic import monoenergetic, monoenergetic_plus

ENERGIES_KEV = {"M40": 40.0, "M60": 60.0, "M80": 80.0}
PROTOCOLS = ("FBP", "IR", "OPT", *ENERGIES_KEV)


@dataclass(frozen=True)
class Settings:
    """ir_strength: 1-5. classic_monoenergetic: without the noise reduction of today's scanners.

    kernel_lp_cm: where the reconstruction kernel falls to one half; the iterative filter is made for it.
    """

    ir_strength: int = 3
    classic_monoenergetic: bool = False
    kernel_lp_cm: float = 3.8


def make_protocols(
    images: EnergyImages, names: Sequence[str] = PROTOCOLS, settings: Settings | None = None
) -> dict[str, torch.Tensor]:
    """The named reconstructions of one scan, each (n, y, x) in HU. Raises ValueError for an unknown name."""
    unknown = [name for name in names if name not in PROTOCOLS]
    if unknown:
        raise ValueError(f"no protocol {unknown[0]!r}; there are {', '.join(PROTOCOLS)}")
    settings = settings or Settings()
    energies = [name for name in names if name in ENERGIES_KEV]
    made = dict(zip(energies, _monoenergetic(images, [ENERGIES_KEV[name] for name in energies], settings)))
    if "FBP" in names:
        made["FBP"] = mixed(images.hu)
    if "IR" in names:
        made["IR"] = iterative(images, settings.ir_strength, settings.kernel_lp_cm)
    if "OPT" in names:
        made["OPT"] = optimum_contrast(images.hu, images.pixel_mm)
    return {name: made[name] for name in names}


def _monoenergetic(
    images: EnergyImages, energies_kev: Sequence[float], settings: Settings
) -> list[torch.Tensor]:
    if not energies_kev:
        return []
    if settings.classic_monoenergetic:
        return [monoenergetic(images.hu, images.iodine_hu, energy) for energy in energies_kev]
    return monoenergetic_plus(images, energies_kev)
