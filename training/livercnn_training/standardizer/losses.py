"""Losses of the standardizer's first stage, on normalized images (n, 1, y, x)."""

from __future__ import annotations

import torch
import torch.nn.functional as F

_AREA_PIXELS = 16
"""Edge of the squares over which noise is measured."""
_FINE_PIXELS = (5, 11)
"""Edges of the means that are taken away before: what is left is fine, and fine with what is less fine."""
_LEAST = 1e-6
"""Keeps the root's slope finite where an image is flat; variance in units of the window squared."""


def texture_loss(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return by how much the local standard deviation of fine detail differs, mean over places and scales.

    The target's noise cannot be known from an input whose noise goes with it in part only, and the best guess
    by L1 is that part alone: too smooth an image. This loss asks for the right amount instead of the right
    place.
    """
    losses = []
    for edge in _FINE_PIXELS:
        deviations = [torch.sqrt(_local_variance(image, edge) + _LEAST) for image in (made, wanted)]
        losses.append((deviations[0] - deviations[1]).abs().mean())
    return torch.stack(losses).mean()


def _local_variance(image: torch.Tensor, edge: int) -> torch.Tensor:
    fine = image - F.avg_pool2d(image, edge, 1, edge // 2, count_include_pad=False)
    return F.avg_pool2d(fine.square(), _AREA_PIXELS, _AREA_PIXELS // 2)
