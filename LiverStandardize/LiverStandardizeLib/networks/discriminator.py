"""The discriminator of the second training stage: a U-Net that judges every pixel (as in Real-ESRGAN).

Spectral normalization keeps the slope of its judgement bounded, so that the generator always has something
to follow (Miyato 2018). It is used in training alone and is in no bundle.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

LEVELS = 3
_SLOPE = 0.2


@dataclass(frozen=True)
class DiscriminatorConfig:
    """width: channels at full resolution; every one of the three levels below has twice as many."""

    width: int = 64


class Discriminator(nn.Module):
    """Logits (n, 1, y, x) that a section's pixels are real, of sections (n, 1, y, x) of 8 pixels or more."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.width * 2**level for level in range(LEVELS + 1)]
        self.stem = nn.Conv2d(1, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            [_normalized(fine, coarse, 4, stride=2) for fine, coarse in zip(widths, widths[1:])]
        )
        self.up = nn.ModuleList([_normalized(coarse, fine, 3) for fine, coarse in zip(widths, widths[1:])])
        self.last = nn.ModuleList([_normalized(widths[0], widths[0], 3) for _ in range(2)])
        self.head = nn.Conv2d(widths[0], 1, 3, padding=1)

    def forward(self, sections: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.stem(sections), _SLOPE)
        skips = []
        for layer in self.down:
            skips.append(x)
            x = F.leaky_relu(layer(x), _SLOPE)
        for layer in reversed(self.up):
            skip = skips.pop()
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            x = F.leaky_relu(layer(x), _SLOPE) + skip
        for layer in self.last:
            x = F.leaky_relu(layer(x), _SLOPE)
        return self.head(x)


def _normalized(channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> nn.Module:
    return spectral_norm(nn.Conv2d(channels_in, channels_out, kernel, stride, padding=1, bias=False))
