"""Beams as the detector sees them: photons per energy, and what basis materials do to them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from . import tables
from .attenuation import MATERIALS, linear_attenuation_per_cm

ALUMINIUM_G_ML = 2.699
GROUPING_WATER_CM = 12.0
"""Behind so much water the groups of a coarser beam hold equal shares of the signal."""


@dataclass(frozen=True)
class Beam:
    """A spectrum behind the tube's filters, weighted with the detector's efficiency.

    photons: detected per cm2 and mAs at 1 m, (n,). attenuation_per_cm: (3, n), one unit of each of MATERIALS.
    """

    name: str
    energy_kev: np.ndarray
    photons: np.ndarray
    attenuation_per_cm: np.ndarray
    aluminium_per_cm: np.ndarray

    def signal_weights(self, paths: np.ndarray, aluminium_cm: np.ndarray) -> np.ndarray:
        """Share of each energy in the energy-integrated signal, (n, ...).

        paths: (3, ...) line integrals of the basis materials in cm times their unit. aluminium_cm: (...), of
        the bow-tie filter.
        """
        shape = (-1,) + (1,) * np.ndim(aluminium_cm)
        exponent = -np.tensordot(self.attenuation_per_cm.T, paths, 1)
        exponent = exponent - self.aluminium_per_cm.reshape(shape) * aluminium_cm
        weights = (self.photons * self.energy_kev).reshape(shape) * np.exp(
            exponent - exponent.max(axis=0, keepdims=True)
        )
        return weights / weights.sum(axis=0, keepdims=True)

    def gains(self, paths: np.ndarray, aluminium_cm: np.ndarray) -> np.ndarray:
        """How much water a little of each basis material looks like at the end of a path, (3, ...)."""
        attenuation = np.tensordot(self.attenuation_per_cm, self.signal_weights(paths, aluminium_cm), 1)
        return attenuation / attenuation[:1]

    def grouped(self, count: int) -> Beam:
        """The beam in at most `count` energies; photons and energy are kept."""
        signal = self.photons * self.energy_kev * np.exp(-GROUPING_WATER_CM * self.attenuation_per_cm[0])
        share = np.cumsum(signal) / signal.sum()
        group = np.minimum((share * count).astype(int), count - 1)
        _, group = np.unique(group, return_inverse=True)
        members = group == np.arange(group.max() + 1)[:, None]
        photons = members @ self.photons

        def mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
            return (values * weights) @ members.T / (members @ weights)

        return Beam(
            self.name,
            mean(self.energy_kev, self.photons),
            photons,
            mean(self.attenuation_per_cm, signal),
            mean(self.aluminium_per_cm, signal),
        )


@functools.cache
def beam(name: str) -> Beam:
    """A beam of the tables ("70", "120", "Sn150", ...). Raises ValueError that names those there are."""
    photons = np.asarray(tables.row("spectra", name)["photons_cm2_mas_kev_1m"])
    photons = photons * np.asarray(tables.frozen()["detector_efficiency"])
    present = photons > 1e-6 * photons.max()
    energies = tables.energies_kev()[present]
    aluminium = np.asarray(tables.row("mass_attenuation_cm2_g", "aluminium"))[present]
    return Beam(
        name,
        energies,
        photons[present],
        np.stack([linear_attenuation_per_cm(material, energies) for material in MATERIALS]),
        aluminium * ALUMINIUM_G_ML,
    )


def water_path(water_cm: np.ndarray) -> np.ndarray:
    """Line integrals (3, ...) of so much water alone."""
    water = np.asarray(water_cm, float)
    return np.stack([water, np.zeros_like(water), np.zeros_like(water)])
