"""What the projection engine does to spatial frequencies, as formulas: sharpness and texture of noise."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch

from ..projection.filtering import kernel_response
from ..projection.geometry import ParallelBeam

SECTORS = 6
"""Directions of views whose noise is scaled separately: that across a flat body is not that along it."""

NOISE_REACH = 2.2
"""Beyond so many times the kernel's frequency there is hardly any noise: a thousandth of the power."""


@dataclass(frozen=True)
class Transfer:
    """signal: (y, x/2+1), modulation transfer. noise: (SECTORS, y, x/2+1), filters of white noise.

    Each sector filters white noise of its own; their sum has unit variance. view_variance: variance of a
    filtered and interpolated reading per variance of a reading, 1/cm2.
    """

    signal: torch.Tensor
    noise: torch.Tensor
    view_variance: float


def transfer_of(geometry: ParallelBeam, kernel_lp_cm: float, device: torch.device) -> Transfer:
    """The transfer of back-projected views with this kernel."""
    along_y = torch.fft.fftfreq(geometry.size, d=geometry.pixel_cm, device=device)[:, None]
    along_x = torch.fft.rfftfreq(geometry.size, d=geometry.pixel_cm, device=device)[None, :]
    # Rays cross rows, or columns, and are interpolated along them (Joseph); a frequency is seen by the views
    # of its own direction.
    crossed = torch.maximum(along_x.abs(), along_y.abs())
    signal = _reading_response(torch.hypot(along_y, along_x), geometry, kernel_lp_cm)
    signal = signal * torch.sinc(crossed * geometry.pixel_cm) ** 2
    power = torch.zeros(SECTORS, *signal.shape, device=device)
    # Noise has frequencies that pixels cannot show; they appear as others, as in any sampled image.
    reach = math.ceil(NOISE_REACH * kernel_lp_cm * geometry.pixel_cm - 0.5)
    for turn_y, turn_x in itertools.product(range(-reach, reach + 1), repeat=2):
        true_y, true_x = along_y + turn_y / geometry.pixel_cm, along_x + turn_x / geometry.pixel_cm
        frequency = torch.hypot(true_y, true_x)
        # A view's noise has the power (f A(f))^2; spread over directions it is 1/f of that per area.
        of_views = frequency * _reading_response(frequency, geometry, kernel_lp_cm) ** 2
        direction = torch.atan2(true_y.expand_as(frequency), true_x.expand_as(frequency))
        power += of_views * sector_windows(direction)
    twice = torch.full_like(along_x, 2.0)
    twice[:, 0] = 1.0
    if geometry.size % 2 == 0:
        twice[:, -1] = 1.0
    variance = (power * twice).sum() / geometry.size**2
    return Transfer(signal, torch.sqrt(power / variance), _view_variance(geometry, kernel_lp_cm))


def sector_windows(direction: torch.Tensor) -> torch.Tensor:
    """Overlapping windows (SECTORS, ...) over directions of period pi; they add up to one everywhere."""
    width = math.pi / SECTORS
    windows = []
    for sector in range(SECTORS):
        away = torch.remainder(direction - (sector + 0.5) * width + math.pi / 2, math.pi) - math.pi / 2
        windows.append(torch.cos(away * SECTORS / 2) ** 2 * (away.abs() < width))
    return torch.stack(windows)


def _reading_response(
    frequency_lp_cm: torch.Tensor, geometry: ParallelBeam, kernel_lp_cm: float
) -> torch.Tensor:
    """The kernel, and linear interpolation between readings."""
    interpolation = torch.sinc(frequency_lp_cm * geometry.pitch_cm) ** 2
    return kernel_response(frequency_lp_cm, kernel_lp_cm) * interpolation


def _view_variance(geometry: ParallelBeam, kernel_lp_cm: float) -> float:
    frequency = torch.linspace(0, 0.5 / geometry.pitch_cm, 4096)
    return float(((frequency * _reading_response(frequency, geometry, kernel_lp_cm)) ** 2).mean())
