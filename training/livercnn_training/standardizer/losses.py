"""Losses of the standardizer's first stage, on images (n, 1, y, x) in shares of the HU window."""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F

_COARSE_PIXELS = 8
"""Edge of the squares whose means are compared: noise averages out, a lesion of 8 mm does not."""

_WINDOW_PIXELS = 16
"""Edge of the windows whose noise is measured, each overlapping the next by half."""
_AREA_WINDOWS = 3
"""Edge, in windows, of the areas in which the power of noise is averaged before it is compared."""
_QUIET = 0.004
"""Standard deviation in shares of the HU window (3 HU of 800) below which noise counts no more than that."""
_LEAST = 1e-7
"""Keeps the root's slope finite where an image is flat; power in shares of the HU window, squared."""


def pixel_loss(
    made: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Return L1, pixel by pixel; weights: of the pixels, all 1 without."""
    return _weighted_mean((made - wanted).abs(), weights)


def coarse_loss(
    made: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Return L1 between the means over squares of 8 pixels; weights: of the pixels.

    Pixel by pixel L1 is mostly noise, which nothing can foresee; what a tissue's HU are drowns in it.
    """
    different = F.avg_pool2d(made - wanted, _COARSE_PIXELS).abs()
    return _weighted_mean(different, None if weights is None else F.avg_pool2d(weights, _COARSE_PIXELS))


def _weighted_mean(values: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    return values.mean() if weights is None else (values * weights).sum() / weights.sum()


def texture_loss(
    made: torch.Tensor, wanted: torch.Tensor, clean: torch.Tensor | None = None
) -> torch.Tensor:
    """Return by how much local amplitude spectra of fine detail differ, mean over places and frequencies.

    clean: `wanted` without noise, where that is known: noise alone is compared then, and no edge hides it.
    Scaled so that white noise instead of none costs its standard deviation. Areas count by what differs
    relative to their own noise: in absolute terms a child's low noise would hardly count.

    The target's noise cannot be known from an input whose noise goes with it in part only, and the best guess
    by L1 is that part alone: too smooth an image. This loss asks for the right amount instead of the right
    place, frequency by frequency: a network that makes up noise of one frequency, stripes or checks of its
    blocks of pixels, gets all of the others wrong.
    """
    powers = [_local_power(image if clean is None else image - clean) for image in (made, wanted)]
    amplitudes = [torch.sqrt(power + _LEAST) for power in powers]
    level = torch.sqrt(powers[1].sum(1, keepdim=True) + _QUIET**2)
    # Not the mean of all: air has no noise, and how much of it a patch shows must not matter.
    typical = level[level > 1.5 * _QUIET].mean() if (level > 1.5 * _QUIET).any() else _QUIET
    different = (amplitudes[0] - amplitudes[1]).abs() * (typical / level)
    return different.mean() * powers[0].shape[1] ** 0.5


def _local_power(image: torch.Tensor) -> torch.Tensor:
    """Power (n, frequencies, y, x) in windows, averaged over areas; white noise sums to about its variance.

    The mean and the slowest waves, which are anatomy more than noise, are left out.
    """
    size, step = _WINDOW_PIXELS, _WINDOW_PIXELS // 2
    windows = image[:, 0].unfold(1, size, step).unfold(2, size, step)
    window, chosen = _window_and_frequencies(image.device)
    waves = torch.fft.rfft2(windows * window)[..., chosen].movedim(-1, 1)
    return F.avg_pool2d(waves.real.square() + waves.imag.square(), _AREA_WINDOWS, 1)


@functools.cache
def _window_and_frequencies(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """A Hann window (y, x), scaled for `_local_power`, and which frequencies of rfft2 count, bool (y, x)."""
    size = _WINDOW_PIXELS
    hann = torch.hann_window(size, device=device)
    window = hann[:, None] * hann[None, :]
    along_y = torch.fft.fftfreq(size, 1 / size, device=device)[:, None]
    along_x = torch.fft.rfftfreq(size, 1 / size, device=device)[None, :]
    chosen = torch.maximum(along_y.abs(), along_x) > 1
    return window / torch.sqrt(window.square().sum() * chosen.sum()), chosen
