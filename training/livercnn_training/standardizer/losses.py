"""Losses of the standardizer's first stage, on images (n, 1, y, x) in shares of the HU window."""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F

from LiverStandardizeLib.networks.generator import FOLD

_COARSE_PIXELS = 8
"""Edge of the squares whose means are compared: noise averages out, a lesion of 8 mm does not."""

_WINDOW_PIXELS = 16
"""Edge of the windows whose noise is measured, each overlapping the next by half."""
_AREA_BLOCKS = 16
"""About the edge, in blocks, of the areas in which places in them are averaged."""
_RINGS = ((2, 3), (3, 4), (4, 5), (5, 6.5), (6.5, 12))
"""Frequencies that are measured together, in periods per window. Slower waves are anatomy more than noise."""
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


def grid_loss(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return how far the mean errors of the places in the network's blocks of pixels differ, over areas.

    Where noise is asked for, a network can make it up from the place of a pixel in its block: as stripes.
    """
    rows, columns = (size // FOLD * FOLD for size in made.shape[-2:])
    blocks = F.pixel_unshuffle((made - wanted)[..., :rows, :columns], FOLD)
    y, x = (max(1, size // _AREA_BLOCKS) for size in blocks.shape[-2:])
    places = F.adaptive_avg_pool2d(blocks, (y, x))
    return (places - places.mean(1, keepdim=True)).abs().mean()


def texture_loss(
    made: torch.Tensor, wanted: torch.Tensor, clean: torch.Tensor | None = None
) -> torch.Tensor:
    """Return by how much the amplitudes of fine detail differ, mean over windows and bands of frequency.

    The target's noise cannot be known from an input whose noise goes with it in part only, and the best guess
    by L1 is that part alone: too smooth an image. This loss asks for the right amount instead of the right
    place. Waves along x or y have bands of their own: a network that makes up noise of the period of its
    blocks of pixels, stripes or checks, gets too much in some and too little in the others.

    clean: `wanted` without noise, where that is known: noise alone is compared then, and windows count the
    less the more their edges outweigh it, whose errors look like noise. Scaled so that white noise instead of
    none costs its standard deviation; windows count by what differs relative to their own noise: in absolute
    terms a child's low noise would hardly count.
    """
    powers = [_band_powers(image if clean is None else image - clean) for image in (made, wanted)]
    amplitudes = [torch.sqrt(power + _LEAST) for power in powers]
    different = (amplitudes[0] - amplitudes[1]).abs().mean(1) * powers[0].shape[1] ** 0.5
    noise = powers[1].sum(1)
    edges = torch.zeros_like(noise) if clean is None else _band_powers(clean).sum(1)
    # 0 in air, too, which has no noise: how much of it a patch shows must not matter.
    weights = noise / (noise + edges + _QUIET**2)
    level = torch.sqrt(noise + _QUIET**2)
    whole = weights.sum().clamp(min=_LEAST)
    typical = (level * weights).sum() / whole
    return typical * (different / level * weights).sum() / whole


def _band_powers(image: torch.Tensor) -> torch.Tensor:
    """Power (n, bands, y, x) in windows; over all bands, white noise has about its variance."""
    size, step = _WINDOW_PIXELS, _WINDOW_PIXELS // 2
    windows = image[:, 0].unfold(1, size, step).unfold(2, size, step)
    window, bands = _window_and_bands(image.device)
    waves = torch.fft.rfft2(windows * window)
    return ((waves.real.square() + waves.imag.square()).flatten(-2) @ bands).movedim(-1, 1)


@functools.cache
def _window_and_bands(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """A Hann window (y, x), scaled for `_band_powers`, and which frequencies of rfft2 are in which band.

    The latter is 0 and 1, (frequencies, bands): each ring twice, along x or y and all the rest.
    """
    size = _WINDOW_PIXELS
    hann = torch.hann_window(size, device=device)
    along_y = torch.fft.fftfreq(size, 1 / size, device=device)[:, None].expand(size, size // 2 + 1)
    along_x = torch.fft.rfftfreq(size, 1 / size, device=device)[None, :].expand(size, size // 2 + 1)
    radius = torch.hypot(along_y, along_x)
    # A Hann window spreads a wave to the next frequencies.
    on_axis = torch.minimum(along_y.abs(), along_x) <= 1
    rings = [(radius >= low) & (radius < high) for low, high in _RINGS]
    bands = torch.stack([ring & side for ring in rings for side in (on_axis, ~on_axis)], dim=-1)
    window = hann[:, None] * hann[None, :]
    return window / torch.sqrt(window.square().sum() * bands.sum()), bands.flatten(0, 1).float()
