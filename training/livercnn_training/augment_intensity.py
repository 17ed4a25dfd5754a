"""What a training scan looks like: contrast phase, fat, noise, sharpness, clip, lesions and masses.

All work on HU, float32 (Z, Y, X), before the network's window is applied. Scalars are drawn from a CPU
generator and fields from one on the device, so that a step is repeatable from its seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from livercnn_training.config import Augmentation


@dataclass
class Dice:
    """The two generators of one training step: ``cpu`` for scalars, ``device`` for fields."""

    cpu: torch.Generator
    device: torch.Generator

    @classmethod
    def for_step(cls, device: torch.device, *numbers: int) -> Dice:
        """Return generators seeded by the numbers (seed, step, rank, sample ...)."""
        seed = 0
        for number in numbers:
            seed = (seed * 1_000_003 + number + 0x9E3779B9) % (2**63 - 25)
        return cls(torch.Generator().manual_seed(seed), torch.Generator(device).manual_seed(seed + 1))

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * float(torch.rand(1, generator=self.cpu))

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        return mean + deviation * float(torch.randn(1, generator=self.cpu))

    def integer(self, high: int) -> int:
        """Return 0 <= n < high."""
        return int(torch.randint(high, (1,), generator=self.cpu))

    def chance(self, probability: float) -> bool:
        return self.uniform() < probability

    def noise_like(self, x: torch.Tensor) -> torch.Tensor:
        return torch.randn(x.shape, generator=self.device, device=x.device)


def augment_hu(
    hu: torch.Tensor, liver: torch.Tensor, spacing_mm: float, settings: Augmentation, dice: Dice
) -> torch.Tensor:
    """Return the scan as another scanner, phase and patient might show it. ``liver``: fraction 0..1."""
    hu = _change_liver(hu, liver, settings, dice)
    if dice.chance(settings.lesion_probability):
        hu = _add_lesions(hu, liver, spacing_mm, settings.largest_lesion_radius_mm, dice)
    if dice.chance(settings.neighbour_mass_probability):
        hu = _add_neighbour_mass(hu, liver, spacing_mm, settings.largest_neighbour_radius_mm, dice)
    if settings.fat_shift_hu > 0:
        fat = torch.sigmoid((-35.0 - hu) / 8.0) * (hu > -300)
        hu = hu + fat * dice.uniform(-settings.fat_shift_hu, settings.fat_shift_hu)
    hu = (hu - 80.0) * math.exp(dice.normal(0, settings.contrast)) + 80.0 + dice.normal(*settings.shift_hu)
    if dice.chance(settings.thick_slice_probability):
        thickness = (3, 3, 5)[dice.integer(3)]
        hu = _average(hu, (thickness, 1, 1))
    if dice.chance(settings.blur_probability):
        hu = _average(hu, (1, 3, 3))
    if dice.chance(settings.noise_probability):
        hu = hu + _noise(hu, dice.uniform(0, settings.noise_hu), dice)
    # The labelled sources are clipped, each its own way: none of that may be learnt.
    low = settings.lower_clip_hu[dice.integer(len(settings.lower_clip_hu))]
    return hu.clamp(low, settings.upper_clip_hu[dice.integer(len(settings.upper_clip_hu))])


def _average(x: torch.Tensor, size: tuple[int, int, int]) -> torch.Tensor:
    padding = [p for n in reversed(size) for p in (n // 2, n // 2)]
    return F.avg_pool3d(F.pad(x[None, None], padding, mode="replicate"), size, 1)[0, 0]


def _noise(hu: torch.Tensor, deviation_hu: float, dice: Dice) -> torch.Tensor:
    noise = dice.noise_like(hu)
    if dice.chance(0.5):  # CT noise is coarser than a voxel
        noise = _average(noise, (1, 3, 3)) * 3.0
    return noise * deviation_hu


def _change_liver(hu: torch.Tensor, liver: torch.Tensor, settings: Augmentation, dice: Dice) -> torch.Tensor:
    """Shift the liver against its surroundings (fat, phase) and stretch its inner contrast (vessels)."""
    volume = liver.sum()
    if volume < 100 or (settings.liver_shift_hu <= 0 and settings.liver_contrast <= 0):
        return hu
    mean = (hu * liver).sum() / volume
    gain = math.exp(dice.normal(0, settings.liver_contrast))
    # Vessels against parenchyma is a coarser contrast than noise: stretch a smoothed copy only.
    coarse = _average(hu, (3, 3, 3)) - mean
    return hu + liver * (coarse.clamp(-60, 60) * (gain - 1.0) + dice.normal(0, settings.liver_shift_hu))


def ellipsoid(
    hu: torch.Tensor, centre: tuple[int, int, int], radius_mm: float, spacing_mm: float, dice: Dice
) -> torch.Tensor:
    """Return a soft-edged, uneven ellipsoid, 0..1."""
    distance = torch.zeros((), device=hu.device)
    for axis, (n, c) in enumerate(zip(hu.shape, centre)):
        offsets = (torch.arange(n, device=hu.device, dtype=torch.float32) - c) * spacing_mm
        shape = [1, 1, 1]
        shape[axis] = n
        distance = distance + (offsets / (radius_mm * dice.uniform(0.65, 1.4))).square().view(shape)
    coarse = [max(3, n // 12) for n in hu.shape]
    bumps = torch.randn(1, 1, *coarse, generator=dice.device, device=hu.device)
    bumps = F.interpolate(bumps, size=hu.shape, mode="trilinear", align_corners=True)[0, 0]
    edge = max(1.5, 0.06 * radius_mm) * dice.uniform(0.7, 2.0) / radius_mm
    return torch.sigmoid((1.0 - distance.sqrt() + 0.12 * bumps) / edge)


def random_voxel(where: torch.Tensor, dice: Dice) -> tuple[int, int, int]:
    """Return a random voxel of a bool mask: the first hit of a few random tries, else the mask's middle."""
    index = torch.nonzero(where[::4, ::4, ::4])
    if len(index) == 0:
        return (where.shape[0] // 2, where.shape[1] // 2, where.shape[2] // 2)
    z, y, x = (4 * index[dice.integer(len(index))]).tolist()
    return z, y, x


def _add_lesions(
    hu: torch.Tensor, liver: torch.Tensor, spacing_mm: float, largest_radius_mm: float, dice: Dice
) -> torch.Tensor:
    """Put one to four lesions into the liver: metastases, cysts, bright or rim-like ones. They are liver."""
    inside = liver > 0.5
    for _ in range(1 + dice.integer(4)):
        radius_mm = math.exp(dice.uniform(math.log(4), math.log(largest_radius_mm)))
        shape = ellipsoid(hu, random_voxel(inside, dice), radius_mm, spacing_mm, dice) * liver
        if dice.chance(0.25):  # a cyst: water whatever the phase
            target = dice.normal(8, 8)
            hu = hu + shape * (target - hu) * 0.9
        else:
            hu = hu + shape * dice.normal(-35, 30)
    return hu


def _add_neighbour_mass(
    hu: torch.Tensor, liver: torch.Tensor, spacing_mm: float, largest_radius_mm: float, dice: Dice
) -> torch.Tensor:
    """Put a fluid or soft mass beside the liver (cyst, full stomach, ascites). It is not liver."""
    near = F.max_pool3d(liver[None, None, ::4, ::4, ::4], 9, 1, 4)[0, 0] > 0.5
    near = F.interpolate(near[None, None].float(), size=hu.shape, mode="nearest")[0, 0] > 0.5
    where = near & (liver < 0.1) & (hu > -160)
    radius_mm = dice.uniform(15, largest_radius_mm)
    shape = ellipsoid(hu, random_voxel(where, dice), radius_mm, spacing_mm, dice)
    body = (hu > -160).float() * (hu < 220).float()
    shape = shape * (1.0 - liver) * body
    level = dice.uniform(-5, 45)
    return hu * (1.0 - shape) + shape * (level + 0.5 * (hu - hu.clamp(-40, 150)) + 6.0 * dice.noise_like(hu))
