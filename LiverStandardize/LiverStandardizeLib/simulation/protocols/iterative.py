"""Iterative reconstruction of strength 1-5, by what it does to an image whose signal and noise are known.

It takes noise away, more of the fine than of the coarse, less along edges, and costs a little sharpness.
"""

from __future__ import annotations

import functools

import numpy as np
import torch

from .energy_images import EnergyImages
from .filters import edge_share, gaussian_blur
from .mixing import mixed

NOISE_TAKEN = (0.0, 0.13, 0.27, 0.40, 0.53, 0.66)
"""Share of the standard deviation that strength 0-5 takes away in flat regions; linear in the strength, as
measured for this kind of reconstruction."""
TILT = 0.35
"""How much more is taken from fine noise than from coarse: it lowers the noise's mean frequency."""
TILT_FREQUENCY_LP_CM = 3.0
BLUR_MM_PER_STRENGTH = 0.073
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
    quieter = _filtered(noise, images.pixel_mm, strength, kernel_lp_cm)
    edges = edge_share(
        signal,
        images.pixel_mm,
        none_below=EDGE_NONE_BELOW,
        full_above=EDGE_FULL_ABOVE,
        scale_mm=EDGE_SCALE_MM,
    )
    signal = gaussian_blur(signal, BLUR_MM_PER_STRENGTH * strength, images.pixel_mm)
    return signal + torch.lerp(quieter, noise, NOISE_KEPT_AT_EDGES * edges)


def _filtered(noise: torch.Tensor, pixel_mm: float, strength: int, kernel_lp_cm: float) -> torch.Tensor:
    rows, columns = noise.shape[-2:]
    pitch_cm = pixel_mm / 10
    along_y = torch.fft.fftfreq(rows, d=pitch_cm, device=noise.device)
    along_x = torch.fft.rfftfreq(columns, d=pitch_cm, device=noise.device)
    frequency = torch.hypot(along_y[:, None], along_x[None, :])
    amount = _amount(strength, kernel_lp_cm)
    passed = 1 - amount * (1 - TILT + 2 * TILT * frequency / (frequency + TILT_FREQUENCY_LP_CM))
    return torch.fft.irfft2(torch.fft.rfft2(noise) * passed, s=(rows, columns))


@functools.cache
def _amount(strength: int, kernel_lp_cm: float) -> float:
    """The filter's strength for which noise of this kernel loses the share that NOISE_TAKEN says.

    Noise of filtered back-projection has the power f A(f)^2 per area of the frequency plane, A the kernel.
    """
    frequency = np.linspace(0, 4 * kernel_lp_cm, 2000)
    weight = frequency**2 * np.exp(-2 * np.log(2) * (frequency / kernel_lp_cm) ** 2)
    weight /= weight.sum()
    shape = 1 - TILT + 2 * TILT * frequency / (frequency + TILT_FREQUENCY_LP_CM)
    first, second = weight @ shape, weight @ shape**2
    kept = 1 - NOISE_TAKEN[strength]
    # 1 - 2 a first + a^2 second = kept^2, the smaller root
    return float((first - np.sqrt(first**2 - second * (1 - kept**2))) / second)
