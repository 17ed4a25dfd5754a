"""The ramp filter with a reconstruction kernel."""

from __future__ import annotations

import math

import torch

from .geometry import ParallelBeam


def kernel_response(frequency_lp_cm: torch.Tensor, kernel_lp_cm: float) -> torch.Tensor:
    """A Gaussian that falls to one half at the kernel's frequency."""
    return torch.exp(-math.log(2) * (frequency_lp_cm / kernel_lp_cm) ** 2)


def filter_views(views: torch.Tensor, geometry: ParallelBeam, kernel_lp_cm: float) -> torch.Tensor:
    """Views (..., readings) filtered for `back_project`; a kernel of infinity leaves the bare ramp."""
    padded = 2 ** math.ceil(math.log2(2 * geometry.readings))
    ramp = torch.fft.rfft(_ramp_taps(padded, geometry.pitch_cm, views.device)).real * geometry.pitch_cm
    frequency = torch.fft.rfftfreq(padded, d=geometry.pitch_cm, device=views.device)
    response = ramp * kernel_response(frequency, kernel_lp_cm)
    filtered = torch.fft.irfft(torch.fft.rfft(views, n=padded) * response, n=padded)
    return filtered[..., : geometry.readings]


def _ramp_taps(count: int, pitch_cm: float, device: torch.device) -> torch.Tensor:
    """The band-limited ramp as a convolution, tap 0 first (Kak and Slaney 1988, chapter 3).

    Sampling |f| itself would lose the mean of the image.
    """
    offset = torch.arange(count, device=device)
    offset = torch.minimum(offset, count - offset)
    odd = offset % 2 == 1
    taps = torch.zeros(count, device=device)
    taps[odd] = -1 / (math.pi * offset[odd] * pitch_cm) ** 2
    taps[0] = 1 / (4 * pitch_cm**2)
    return taps
