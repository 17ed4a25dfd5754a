"""Coarse rays through sections: how noisy each place is from each side, and what iodine is worth there.

Noise and hardening change slowly over a body, so a few dozen views of a small image are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from ..physics.beams import Beam
from ..physics.scanner import Scanner
from ..projection.back_projection import smear
from ..projection.detector import FAINTEST_READING_PHOTONS
from ..projection.forward import project
from ..projection.geometry import ParallelBeam
from .transfer import sector_windows

COARSE_PIXELS = 64
COARSE_VIEWS = 48
GROUPS = 10
"""Energies per beam."""
_LARGEST_VARIANCE_CM2 = 1.0
"""A reading without photons says nothing; its variance is held here."""


@dataclass(frozen=True)
class RayStatistics:
    """Per section, and per beam, on the coarse pixels.

    variance: (n, 2, SECTORS, y, x), mean over the sector's rays of a reading's variance in water, cm2.
    gains: (n, 2, 2, y, x), how much water one mg/mL of calcium and of iodine looks like.
    """

    variance: torch.Tensor
    gains: torch.Tensor


class CoarseRays:
    """The rays for sections of one size, and the two beams along them."""

    def __init__(
        self, fine: ParallelBeam, scanner: Scanner, beams: Sequence[Beam], device: torch.device
    ) -> None:
        pixel_cm = fine.size * fine.pixel_cm / COARSE_PIXELS
        self._geometry = ParallelBeam(COARSE_PIXELS, pixel_cm, COARSE_VIEWS, COARSE_PIXELS, pixel_cm)
        self._fine = fine
        self._scanner = scanner
        bowtie = scanner.bowtie_aluminium_cm(self._geometry.off_centre_cm().numpy())
        self._beams = [_BeamAlongRays(beam.grouped(GROUPS), bowtie, device) for beam in beams]
        windows = sector_windows(self._geometry.angles(device))
        self._windows = windows / windows.sum(1, keepdim=True)

    def statistics(self, maps: torch.Tensor, charges_mas: Sequence[tuple[float, float]]) -> RayStatistics:
        """maps: (n, 3, y, x) of the basis materials. charges_mas: of the two tubes, per section."""
        count = len(maps)
        shape = (COARSE_PIXELS, COARSE_PIXELS)
        coarse = F.interpolate(maps, size=shape, mode="area")
        paths = project(coarse.flatten(0, 1), self._geometry)
        paths = paths.view(count, 3, COARSE_VIEWS, COARSE_PIXELS)
        of_rays = [
            beam.variance_and_gains(paths, self._photon_scales(charges_mas, tube).to(paths), self._scanner)
            for tube, beam in enumerate(self._beams)
        ]
        # What each pixel sees along its ray of each view: (views, n, beam, quantity, y, x).
        seen = smear(torch.stack(of_rays, dim=1).flatten(0, 2), self._geometry, slice(None))
        seen = seen.view(COARSE_VIEWS, count, 2, 3, *shape)
        variance = torch.einsum("sv,vnbyx->nbsyx", self._windows, seen[:, :, :, 0])
        return RayStatistics(variance, seen[:, :, :, 1:].mean(0))

    def _photon_scales(self, charges_mas: Sequence[tuple[float, float]], tube: int) -> torch.Tensor:
        return torch.tensor(
            [
                self._scanner.photons_per_reading(charges[tube], self._fine.pitch_cm, self._fine.views)
                for charges in charges_mas
            ]
        )


class _BeamAlongRays:
    """One beam behind the bow-tie."""

    def __init__(self, beam: Beam, bowtie_cm: np.ndarray, device: torch.device) -> None:
        behind = beam.photons[:, None] * np.exp(-beam.aluminium_per_cm[:, None] * bowtie_cm)
        self._photons = torch.as_tensor(behind, dtype=torch.float32, device=device)
        self._energy = torch.as_tensor(beam.energy_kev, dtype=torch.float32, device=device)
        self._attenuation = torch.as_tensor(beam.attenuation_per_cm, dtype=torch.float32, device=device)
        self._mean_energy = float(np.average(beam.energy_kev, weights=beam.photons))

    def variance_and_gains(
        self, paths: torch.Tensor, photons_scale: torch.Tensor, scanner: Scanner
    ) -> torch.Tensor:
        """(n, 3, views, readings): variance of a reading in water (cm2), worth of calcium and of iodine.

        paths: (n, 3, views, readings). photons_scale: (n,).
        """
        # All water hardens, and half of the calcium and iodine: their worth goes from what the first of them
        # is worth to what the last is, and the mean is about that half-way.
        halfway = paths * paths.new_tensor([1.0, 0.5, 0.5]).view(1, 3, 1, 1)
        signal = self._signal(halfway)
        attenuation = torch.einsum("mg,ngvr->nmvr", self._attenuation, signal) / signal.sum(1, keepdim=True)
        gains = attenuation[:, 1:] / attenuation[:, :1]

        signal = self._signal(paths)
        energy, scale = self._energy.view(1, -1, 1, 1), photons_scale.view(-1, 1, 1)
        reading = signal.sum(1) * scale
        variance = (signal * energy).sum(1) * scale / scanner.swank_factor
        variance = variance + (scanner.electronic_noise_photons * self._mean_energy) ** 2
        reading = reading.clamp_min(FAINTEST_READING_PHOTONS * self._mean_energy)
        # The correction for water multiplies by how much water one unit of attenuation is at this length.
        water = paths[:, :1] + (gains * paths[:, 1:]).sum(1, keepdim=True)
        signal = self._signal(torch.cat([water, torch.zeros_like(paths[:, 1:])], dim=1))
        per_cm = torch.einsum("g,ngvr->nvr", self._attenuation[0], signal) / signal.sum(1)
        variance = (variance / (reading * per_cm) ** 2).clamp_max(_LARGEST_VARIANCE_CM2)
        return torch.cat([variance[:, None], gains], dim=1)

    def _signal(self, paths: torch.Tensor) -> torch.Tensor:
        """Energy detected behind these paths, (n, groups, views, readings)."""
        exponent = torch.einsum("mg,nmvr->ngvr", self._attenuation, paths)
        return (self._photons * self._energy[:, None])[None, :, None, :] * torch.exp(-exponent)
