"""Iterative reconstruction of strength 1-5, by what it does to an image whose signal and noise are known.

It takes noise away, more of the fine than of the coarse, less along edges, and costs a little sharpness.
"""

from __future__ import annotations

import functools
import math
from typing import TypeVar

import numpy as np
import torch

from .energy_images import EnergyImages
from .filters import edge_share
from .mixing import mixed

Frequency = TypeVar("Frequency", torch.Tensor, np.ndarray)

NOISE_TAKEN = (0.0, 0.13, 0.27, 0.40, 0.53, 0.66)
"""Share of the standard deviation that strength 0-5 takes away in flat regions: about linear in the strength,
and 40 % at the paper's strength 3, amid the 35 to 45 % that the design asks for."""
TILT = 0.35
"""How much more is taken from fine noise than from coarse: it lowers the noise's mean frequency."""
TILT_FREQUENCY_LP_CM = 3.0
BLUR_MM_PER_STRENGTH = 0.05
"""Standard deviation of a Gaussian; at strength 3 it costs 3 % of MTF50."""
EDGE_SCALE_MM = 1.0
EDGE_NONE_BELOW, EDGE_FULL_ABOVE = 2.0, 12.0
NOISE_KEPT_AT_EDGES = 0.45


def iterative(images: EnergyImages, strength: int, kernel_lp_cm: float) -> torch.Tensor:
    """The mixed image, (n, y, x), as this strength shows it. Raises ValueError for a strength not 0-5."""
    if strength not in range(len(NOISE_TAKEN)):
        raise ValueError(f"strength must be a whole number from 0 to 5, found {strength}")
    signal, noise = mixed(images.signal), mixed(images.noise)
    if strength == 0:
        return signal + noise
    edges = edge_share(
        signal,
        images.pixel_mm,
        none_below=EDGE_NONE_BELOW,
        full_above=EDGE_FULL_ABOVE,
        scale_mm=EDGE_SCALE_MM,
    )
    frequency = _frequencies_lp_cm(signal, images.pixel_mm)
    blur_cm = BLUR_MM_PER_STRENGTH * strength / 10
    softer = _filtered(signal, torch.exp(-2 * (math.pi * blur_cm * frequency) ** 2))
    quieter = _filtered(noise, 1 - _amount(strength, kernel_lp_cm) * _preference(frequency))
    return softer + torch.lerp(quieter, noise, NOISE_KEPT_AT_EDGES * edges)


def _frequencies_lp_cm(images: torch.Tensor, pixel_mm: float) -> torch.Tensor:
    rows, columns = images.shape[-2:]
    along_y = torch.fft.fftfreq(rows, d=pixel_mm / 10, device=images.device)
    along_x = torch.fft.rfftfreq(columns, d=pixel_mm / 10, device=images.device)
    return torch.hypot(along_y[:, None], along_x[None, :])


def _filtered(images: torch.Tensor, response: torch.Tensor) -> torch.Tensor:
    return torch.fft.irfft2(torch.fft.rfft2(images) * response, s=images.shape[-2:])


def _preference(frequency_lp_cm: Frequency) -> Frequency:
    """How much more, or less, is taken at a frequency than on average: 1 - TILT up to 1 + TILT."""
    return 1 - TILT + 2 * TILT * frequency_lp_cm / (frequency_lp_cm + TILT_FREQUENCY_LP_CM)


@functools.cache
def _amount(strength: int, kernel_lp_cm: float) -> float:
    """The filter's strength for which noise of this kernel loses the share that NOISE_TAKEN says.

    Noise of filtered back-projection has the power f A(f)^2 per area of the frequency plane, A the kernel.
    """
    frequency = np.linspace(0, 4 * kernel_lp_cm, 2000)
    weight = frequency**2 * np.exp(-2 * np.log(2) * (frequency / kernel_lp_cm) ** 2)
    weight /= weight.sum()
    preference = _preference(frequency)
    first, second = weight @ preference, weight @ preference**2
    kept = 1 - NOISE_TAKEN[strength]
    # 1 - 2 a first + a^2 second = kept^2, the smaller root
    return float((first - np.sqrt(first**2 - second * (1 - kept**2))) / second)
