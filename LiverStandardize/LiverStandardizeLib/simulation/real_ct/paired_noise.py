"""Noise of two energies that, mixed, is the noise a CT was seen to have."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ..image_engine.engine import Prepared
from ..protocols.mixing import LOW_SHARE, mixed


def beam_variances(prepared: Prepared) -> torch.Tensor:
    """Variance of each image's noise by the engine, (n, 2, y, x), HU2."""
    size = prepared.signal.shape[-2:]
    variance = prepared.noise_hu.square().mean(dim=2)  # of directions that have about the same share each
    return F.interpolate(variance, size=size, mode="bilinear", align_corners=False)


def mixed_sd_hu(variances: torch.Tensor) -> torch.Tensor:
    """Standard deviation of the mixed image's noise, (n, y, x), from `beam_variances`."""
    low, high = variances[:, 0], variances[:, 1]
    return (LOW_SHARE**2 * low + (1 - LOW_SHARE) ** 2 * high).sqrt()


def with_mixed(drawn: torch.Tensor, wanted: torch.Tensor, variances: torch.Tensor) -> torch.Tensor:
    """Noise (n, 2, y, x) as if it had been drawn, and the mixed image's had turned out `wanted` (n, y, x).

    What is known of the sum of two independent normal fields says how much of it either has: in proportion to
    its variance. What the sum leaves open stays as it was drawn (conditional simulation).
    """
    shares = torch.tensor([LOW_SHARE, 1 - LOW_SHARE]).view(1, 2, 1, 1)
    own = shares * variances / (shares**2 * variances).sum(1, keepdim=True)
    return drawn + own * (wanted - mixed(drawn))[:, None]
