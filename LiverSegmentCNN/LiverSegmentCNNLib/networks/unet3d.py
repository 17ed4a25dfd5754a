"""unet3d: one 3D U-Net over the whole abdomen, its input folded 2x2x2 into channels.

The fine grid (2 mm by default) is folded so that the first level works at twice its spacing and the
last layer unfolds eight outputs a coarse voxel: fine output at the cost of a coarse network, with the
whole abdomen as context in one pass, no cascade and no tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import torch
import torch.nn.functional as F
from torch import nn

from LiverSegmentCNNLib.networks.layers import ConvNorm, channels_last

FOLD = 2


@dataclass(frozen=True)
class UNet3DConfig:
    """Channels a level, finest first; each further level halves the resolution.

    ``folded_norm``: batch normalization is folded into the convolutions (what bundles hold).
    """

    widths: tuple[int, ...] = (32, 64, 96, 128, 160)
    folded_norm: bool = False


def fold(x: torch.Tensor) -> torch.Tensor:
    """(B, C, Z, Y, X) with even sizes -> (B, 8 C, Z/2, Y/2, X/2)."""
    b, c, z, y, x_size = x.shape
    x = x.view(b, c, z // FOLD, FOLD, y // FOLD, FOLD, x_size // FOLD, FOLD)
    return x.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(b, c * FOLD**3, z // FOLD, y // FOLD, x_size // FOLD)


def unfold(x: torch.Tensor) -> torch.Tensor:
    """The inverse of fold: (B, 8 C, Z, Y, X) -> (B, C, 2 Z, 2 Y, 2 X)."""
    b, c, z, y, x_size = x.shape
    x = x.view(b, c // FOLD**3, FOLD, FOLD, FOLD, z, y, x_size)
    x = x.permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(b, c // FOLD**3, z * FOLD, y * FOLD, x_size * FOLD)


class ResidualBlock(nn.Module):
    """Two 3x3x3 convolutions and a skip; the skip is a 1x1x1 convolution where shapes change."""

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1, folded: bool = False) -> None:
        super().__init__()
        self.first = ConvNorm(channels_in, channels_out, 3, stride, 1, folded)
        self.second = ConvNorm(channels_out, channels_out, 3, 1, 1, folded)
        same = channels_in == channels_out and stride == 1
        self.skip: nn.Module = nn.Identity() if same else nn.Conv3d(channels_in, channels_out, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.first(x), inplace=True)
        y = self.second(y)
        return F.relu(y + self.skip(x) if self.training else y.add_(self.skip(x)), inplace=True)


class UNet3D(nn.Module):
    """Logits (B, 1, Z, Y, X) from a normalised volume (B, 1, Z, Y, X) with even sizes."""

    supports_fast = False

    def __init__(self, config: UNet3DConfig) -> None:
        super().__init__()
        self.config = config
        widths, folded = config.widths, config.folded_norm
        self.stem = ConvNorm(FOLD**3, widths[0], 3, 1, 1, folded)
        down = [ResidualBlock(widths[0], widths[0], folded=folded)]
        down += [ResidualBlock(a, b, 2, folded) for a, b in zip(widths[:-1], widths[1:])]
        self.down = nn.ModuleList(down)
        self.up = nn.ModuleList([nn.Conv3d(b, a, 1) for a, b in zip(widths[:-1], widths[1:])])
        self.merge = nn.ModuleList([ResidualBlock(a, a, folded=folded) for a in widths[:-1]])
        self.head = nn.Conv3d(widths[0], FOLD**3, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return unfold(self._coarse_logits(fold(x)))

    def _coarse_logits(self, x: torch.Tensor, step: Callable[[float], None] | None = None) -> torch.Tensor:
        x = F.relu(self.stem(x), inplace=True)
        skips: list[torch.Tensor] = []
        for number, block in enumerate(self.down):
            x = block(x)
            skips.append(x)
            if step:
                step(0.45 if number == 0 else 0.6)
        skips.pop()
        for up, merge in zip(reversed(self.up), reversed(self.merge)):
            skip = skips.pop()
            # The 1x1x1 convolution commutes with interpolation and is cheaper before it.
            x = F.interpolate(up(x), scale_factor=2.0, mode="trilinear", align_corners=False)
            # Twice exactly, then cropped: stretching to an odd size would shift one end by half a voxel.
            z, y, x_size = skip.shape[2:]
            x = x[:, :, :z, :y, :x_size]
            x = merge(x + skip if self.training else x.add_(skip))
            del skip
            if step:
                step(0.95 if not skips else 0.7)
        return self.head(x)

    @torch.inference_mode()
    def probability(
        self,
        volume: torch.Tensor,
        *,
        pad_value: float,
        region: torch.Tensor | None = None,
        fast: bool = False,
        progress: Callable[[float, str], Any] | None = None,
    ) -> torch.Tensor:
        """Return the probability of liver (Z, Y, X), 0..1, of a normalised volume (Z, Y, X) of any size.

        ``region`` and ``fast`` are accepted for the common interface; one pass needs neither.
        ``progress`` may raise Cancelled, which leaves at the next level of the network.
        """
        del region, fast
        sizes = volume.shape
        padding = [p for size in reversed(sizes) for p in (0, size % FOLD)]
        x = F.pad(volume, padding, value=pad_value)[None, None] if any(padding) else volume[None, None]
        x = fold(x).contiguous(memory_format=torch.channels_last_3d)

        def step(fraction: float) -> None:
            if progress is not None:
                progress(fraction, "Running the network")

        channels_last(self)
        step(0.0)
        logits = unfold(self._coarse_logits(x, step))
        step(1.0)
        return torch.sigmoid_(logits[0, 0, : sizes[0], : sizes[1], : sizes[2]])
