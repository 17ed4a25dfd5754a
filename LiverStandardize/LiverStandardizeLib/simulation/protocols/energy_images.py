"""What a dual-energy scan gives: two images in HU, signal and noise kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class EnergyImages:
    """Sections at low and high energy.

    signal: (n, 2, y, x), HU without noise. noise: the same shape, HU; zero if there is none to speak of.
    iodine_hu: (n, 2), what one mg/mL of iodine is worth in each by the scanner's calibration.
    """

    signal: torch.Tensor
    noise: torch.Tensor
    iodine_hu: torch.Tensor
    pixel_mm: float

    def __post_init__(self) -> None:
        shape = tuple(self.signal.shape)
        if len(shape) != 4 or shape[1] != 2:
            raise ValueError(f"energy images must be (n, 2, y, x), found {shape}")
        if tuple(self.noise.shape) != shape:
            raise ValueError(f"signal is {shape} but noise is {tuple(self.noise.shape)}")
        if tuple(self.iodine_hu.shape) != (shape[0], 2):
            raise ValueError(f"iodine_hu must be ({shape[0]}, 2), found {tuple(self.iodine_hu.shape)}")
        if not self.pixel_mm > 0:
            raise ValueError(f"pixel_mm must be positive, found {self.pixel_mm}")

    @property
    def hu(self) -> torch.Tensor:
        """Both images as the scanner shows them, (n, 2, y, x)."""
        return self.signal + self.noise

    def without_noise(self) -> EnergyImages:
        """The same scan at infinite dose."""
        return EnergyImages(self.signal, torch.zeros_like(self.noise), self.iodine_hu, self.pixel_mm)
