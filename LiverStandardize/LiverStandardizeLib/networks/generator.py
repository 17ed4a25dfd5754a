"""standardizer: the generator that turns a section of any protocol into one of the target protocol.

Pixel-unshuffle by 4 (1 channel to 16), so that everything is computed at a quarter of the resolution and no
pixel is lost; hierarchical-feature-synthesis blocks; pixel-shuffle; and the input is added, so that the
network learns what to change (Lee 2023, figure 1; the block is that of Lee 2022, Invest. Radiol. 57:308).

Nothing looks at a whole image: no instance normalization, no global pooling. A tissue's HU must not depend
on how much of the body the field of view shows.

The paper's network is not told which protocol it is given: it has to see that in the image, in the HU of fat
perhaps, which may lie a hand's breadth from the middle of the liver, or outside a cropped image. Ours may be
told (``protocols``): each block then weights and shifts its channels by protocol, everywhere alike, and what
the network changes is added to a line of the input's HU that is the protocol's own. At 40 keV most of what
there is to do is to make everything weaker, which few channels do badly pixel by pixel. And protocols differ
by how much fine detail they have, noise and all: 40 keV has that of 80 keV, and only what is coarse is
several times stronger; iterative images lack it. So each protocol may weight bands of fine detail, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

FOLD = 4
"""Edge of the pixel blocks that become channels; sizes are padded to a multiple of it."""

UNITS = 4
"""Residual units in a block."""

_SPLINE = (0.375, 0.25, 0.0625)
"""A cubic B-spline at distances of 0, 1 and 2 steps: the smoothing between two bands."""

TOLD_GAIN = 10.0
"""How much faster those weights learn that hold what a protocol asks for: they have further to go."""


@dataclass(frozen=True)
class GeneratorConfig:
    """width: channels. blocks: of feature synthesis. The default has 0.74 M weights, 46 kMAC a pixel.

    protocols: names of those that the network can be told of; none for the paper's. bands: of fine detail
    that each protocol weights in its own way; only where it is told.
    """

    width: int = 48
    blocks: int = 4
    protocols: tuple[str, ...] = ()
    bands: int = 0

    def __post_init__(self) -> None:
        if self.width < 1 or self.blocks < 1:
            raise ValueError(f"width and blocks must be 1 or more, found {self.width} and {self.blocks}")
        if not 0 <= self.bands <= 5 or (self.bands and not self.protocols):
            raise ValueError(f"bands must be 0 to 5, and 0 without protocols, found {self.bands}")


class ResidualUnit(nn.Module):
    """The residual of two 3x3 convolutions; whoever calls adds it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(F.relu(self.first(x), inplace=True))


class FeatureSynthesis(nn.Module):
    """Four residual units in a row, their residuals side by side, mixed, weighted by place, and added.

    states: protocols that it can be told of, and one for not knowing; 0 for a block that is told nothing.
    """

    def __init__(self, width: int, states: int = 0) -> None:
        super().__init__()
        self.style = nn.Embedding(states, 2 * width) if states else None
        if self.style is not None:
            nn.init.zeros_(self.style.weight)
        self.units = nn.ModuleList([ResidualUnit(width) for _ in range(UNITS)])
        self.mix = nn.Conv2d(UNITS * width, width, 1)
        self.attention = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, x: torch.Tensor, codes: torch.Tensor | None = None) -> torch.Tensor:
        if self.style is not None and codes is not None:
            scale, shift = (TOLD_GAIN * self.style(codes))[:, :, None, None].chunk(2, dim=1)
            x = x * (1 + scale) + shift
        residuals, features = [], x
        for unit in self.units:
            residuals.append(unit(features))
            features = features + residuals[-1]
        mixed = self.mix(torch.cat(residuals, dim=1)) if self.training else self._mixed(residuals)
        return x + mixed * torch.sigmoid(self.attention(mixed))

    def _mixed(self, residuals: list[torch.Tensor]) -> torch.Tensor:
        """What `mix` gives, without laying the residuals side by side: a tenth of the time on a CPU."""
        n, width, rows, columns = residuals[0].shape
        weights = self.mix.weight.view(width, UNITS, width).unbind(dim=1)
        assert self.mix.bias is not None
        mixed: torch.Tensor = self.mix.bias
        for residual, weight in zip(residuals, weights):
            mixed = torch.addmm(mixed, residual.permute(0, 2, 3, 1).reshape(-1, width), weight.t())
        return mixed.view(n, rows, columns, width).permute(0, 3, 1, 2)


class Generator(nn.Module):
    """(n, 1, y, x) normalized to the same shape, normalized; any size from 1 pixel on.

    Normalization is that of the model card: x = (clip(HU, window) - offset) / scale. It starts as the
    identity: the last convolution is zero.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.stem = nn.Conv2d(FOLD**2, width, 3, padding=1)
        states = len(config.protocols) + 1 if config.protocols else 0
        self.blocks = nn.ModuleList([FeatureSynthesis(width, states) for _ in range(config.blocks)])
        self.line = nn.Embedding(states, 2) if states else None
        self.bands = nn.Embedding(states, config.bands) if config.bands else None
        for told in (self.line, self.bands):
            if told is not None:
                nn.init.zeros_(told.weight)
        self.join = nn.Conv2d(width, width, 3, padding=1)
        self.head = nn.Conv2d(width, FOLD**2, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        if self.head.bias is not None:
            nn.init.zeros_(self.head.bias)

    def code_of(self, protocol: str | None) -> int:
        """The code by which the network is told of a protocol; 0 for None, and for one it does not know."""
        return self.config.protocols.index(protocol) + 1 if protocol in self.config.protocols else 0

    def forward(self, sections: torch.Tensor, codes: torch.Tensor | None = None) -> torch.Tensor:
        """codes: (n,), whole numbers, `code_of` each section's protocol; None if nothing is known."""
        if codes is None:
            codes = torch.zeros(len(sections), dtype=torch.long, device=sections.device)
        rows, columns = sections.shape[-2:]
        padding = (0, -columns % FOLD, 0, -rows % FOLD)
        # Repeated edge pixels: what lies beyond is not known, and no constant is neutral in every scan.
        padded = F.pad(sections, padding, mode="replicate") if any(padding) else sections
        shallow = self.stem(F.pixel_unshuffle(padded, FOLD))
        features = shallow
        for block in self.blocks:
            features = block(features, codes)
        change = F.pixel_shuffle(self.head(self.join(features) + shallow), FOLD)
        return self._line(sections, codes) + change[..., :rows, :columns]

    def _line(self, sections: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        """The sections, each on the line of its protocol; as they are, if the network is told of none."""
        if self.line is None:
            return sections
        slope, shift = (TOLD_GAIN * self.line(codes))[:, :, None, None].chunk(2, dim=1)
        on_line = sections * (1 + slope) + shift
        if self.bands is None:
            return on_line
        gains = (TOLD_GAIN * self.bands(codes))[:, :, None, None]
        return on_line + (gains * fine_bands(sections, self.config.bands)).sum(1, keepdim=True)

    @property
    def reach_pixels(self) -> int:
        """A pixel of the output depends on no pixel of the input further away, along y or x."""
        # 3x3 convolutions in a row, each reaching one folded pixel: stem, units, attention, join, head.
        return FOLD * (1 + self.config.blocks * (2 * UNITS + 1) + 2) + FOLD - 1


def fine_bands(sections: torch.Tensor, count: int) -> torch.Tensor:
    """(n, 1, y, x) to (n, count, y, x): detail of about 1, 2, 4, ... pixels, each without what is finer.

    Differences of repeated smoothing with a B-spline, ever further apart (à trous; Starck 1998).
    """
    bands, smooth = [], sections
    for level in range(count):
        coarser = _smoothed(smooth, 2**level)
        bands.append(smooth - coarser)
        smooth = coarser
    return torch.cat(bands, dim=1)


def _smoothed(sections: torch.Tensor, step: int) -> torch.Tensor:
    for axis in (2, 3):
        padding = (0, 0, 2 * step, 2 * step) if axis == 2 else (2 * step, 2 * step, 0, 0)
        padded, size = F.pad(sections, padding, mode="replicate"), sections.shape[axis]
        parts = [padded.narrow(axis, number * step, size) for number in range(5)]
        near, far = parts[1] + parts[3], parts[0] + parts[4]
        sections = _SPLINE[0] * parts[2] + _SPLINE[1] * near + _SPLINE[2] * far
    return sections


def channels_last(network: nn.Module) -> nn.Module:
    """Lay the weights out channels last, which CPUs and GPUs compute fastest; returns the network."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
