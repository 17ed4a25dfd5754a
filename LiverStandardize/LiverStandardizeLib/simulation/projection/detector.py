"""From line integrals to water-equivalent lengths: spectrum, noise, correction for hardening by water."""

from __future__ import annotations

import numpy as np
import torch

from ..physics.beams import Beam
from ..physics.scanner import Scanner

GROUPS = 16
"""Energies per beam; 16 give the gains of the full spectrum within 0.5 % behind 12 cm of water and more."""
FAINTEST_READING_PHOTONS = 0.6
"""Readings are held above this before the logarithm, as scanners do."""

_WATER_CM = np.linspace(0, 70, 281)
"""What the correction for water knows: behind more of it no detector reads anything."""
_DEGREE = 7


class Detector:
    """One beam, its bow-tie and its detector, for readings at fixed distances from the centre."""

    def __init__(self, beam: Beam, scanner: Scanner, off_centre_cm: torch.Tensor) -> None:
        self._scanner = scanner
        self._beam = beam.grouped(GROUPS)
        device = off_centre_cm.device
        bowtie = scanner.bowtie_aluminium_cm(off_centre_cm.cpu().numpy())
        behind_bowtie = np.exp(-self._beam.aluminium_per_cm[:, None] * bowtie) * self._beam.photons[:, None]

        def tensor(array: np.ndarray) -> torch.Tensor:
            return torch.as_tensor(array, dtype=torch.float32, device=device)

        self._photons = tensor(behind_bowtie)
        self._energy = tensor(self._beam.energy_kev)
        self._attenuation = tensor(self._beam.attenuation_per_cm)
        self._mean_energy = float(np.average(self._beam.energy_kev, weights=self._beam.photons))
        correction, self._scale = _water_correction(self._beam, behind_bowtie)
        self._correction = tensor(correction)

    def water_cm(
        self, paths: torch.Tensor, photons_scale: float, generator: torch.Generator | None = None
    ) -> torch.Tensor:
        """Water-equivalent length of each ray, (views, readings).

        paths: (3, views, readings) line integrals of the basis materials. photons_scale: see
        Scanner.photons_per_reading. generator: of the noise; None gives readings without noise.
        """
        open_signal = (self._photons * self._energy[:, None]).sum(0) * photons_scale
        signal = torch.zeros_like(paths[0])
        spread = torch.zeros_like(signal)
        for group, energy in enumerate(self._energy):
            exponent = torch.tensordot(self._attenuation[:, group], paths, 1)
            photons = self._photons[group] * photons_scale * torch.exp(-exponent)
            spread += photons * energy**2
            if generator is not None:
                photons = torch.poisson(photons, generator)
            signal += photons * energy
        if generator is not None:
            variance = spread * (1 / self._scanner.swank_factor - 1)
            variance += (self._scanner.electronic_noise_photons * self._mean_energy) ** 2
            signal += variance.sqrt() * torch.randn(signal.shape, generator=generator, device=signal.device)
        faintest = FAINTEST_READING_PHOTONS * self._mean_energy
        attenuation = (torch.log(open_signal / signal.clamp_min(faintest)) / self._scale).clamp_max(1.0)
        water = torch.zeros_like(attenuation)
        for coefficient in reversed(self._correction):
            water = (water + coefficient) * attenuation
        return water


def _water_correction(beam: Beam, photons: np.ndarray) -> tuple[np.ndarray, float]:
    """For every reading a polynomial from attenuation to water: (degree, readings), and attenuation's scale.

    One for all readings would not do: the bow-tie hardens the outer rays before the patient does, and water
    at the rim of a body would come out brighter than in its middle.
    """
    open_signal = photons * beam.energy_kev[:, None]
    behind = np.exp(-np.outer(_WATER_CM, beam.attenuation_per_cm[0]))
    attenuation = -np.log(behind @ open_signal / open_signal.sum(0))
    scale = float(attenuation.max())
    coefficients = np.empty((_DEGREE, photons.shape[1]))
    for reading, values in enumerate(attenuation.T / scale):
        powers = np.stack([values**power for power in range(1, _DEGREE + 1)], axis=1)
        coefficients[:, reading] = np.linalg.lstsq(powers, _WATER_CM, rcond=None)[0]
    return coefficients, scale
