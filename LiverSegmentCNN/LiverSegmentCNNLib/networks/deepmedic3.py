"""deepmedic3: three pathways at 1x, 1/5 and 1/15 resolution (Tang et al. 2020, after DeepMedic).

Ten 3x3x3 valid convolutions a pathway, so a 15x15x15 output needs inputs of 35^3 (P1, full resolution),
23^3 (P2, averaged over 5^3) and 21^3 (P3, averaged over 15^3). Copy up-sampling, two 1x1x1 layers and a
classifier join them. The first 1x1x1 layer is linear up to its ReLU, so it is computed as
``W1 P1 + up5(W2 P2 + up3(W3 P3))`` without a full-resolution concatenation. Dense whole-volume inference
is in deepmedic3_dense.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import torch
import torch.nn.functional as F
from torch import nn

from LiverSegmentCNNLib.networks.layers import ConvNorm

SCALES = (1, 5, 15)  # a pathway's voxel, in voxels of the full resolution
LAYERS = 10
CONTEXT = LAYERS  # coarse voxels lost on either side of a pathway


@dataclass(frozen=True)
class DeepMedic3Config:
    """Channels a layer: ``narrow`` for the first five of a pathway, ``wide`` for the last five.

    The paper leaves the widths open. "std": P1 16/32, P2 and P3 32/64, joined by 64, 64 (the default).
    "paper": the authors' laboratory's 32/48 in every pathway, joined by 150, 150.
    """

    fine: tuple[int, int] = (16, 32)
    coarse: tuple[int, int] = (32, 64)
    joined: int = 64
    dropout: float = 0.5
    folded_norm: bool = False


STD = DeepMedic3Config()
PAPER = DeepMedic3Config(fine=(32, 48), coarse=(32, 48), joined=150)


def input_sizes(output_size: int) -> tuple[int, int, int]:
    """Return the edge lengths of the three inputs for a cubic output whose edge is a multiple of 15.

    >>> input_sizes(15)
    (35, 23, 21)
    """
    if output_size % SCALES[-1]:
        raise ValueError(f"The output's edge must be a multiple of {SCALES[-1]}, not {output_size}.")
    p1, p2, p3 = (output_size // scale + 2 * CONTEXT for scale in SCALES)
    return p1, p2, p3


def margins() -> tuple[int, int, int]:
    """Return how far each pathway's input reaches beyond the output, in full-resolution voxels."""
    m1, m2, m3 = (CONTEXT * scale for scale in SCALES)
    return m1, m2, m3


def segment_inputs(
    volume: torch.Tensor, corner: tuple[int, int, int], output_size: int = 15
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the inputs (1, 1, n, n, n) of the three pathways for the output cube at ``corner``.

    ``volume`` (Z, Y, X) holds normalised values and reaches at least 150 voxels beyond the cube.
    """
    inputs = []
    for scale, size in zip(SCALES, input_sizes(output_size)):
        start = [c - CONTEXT * scale for c in corner]
        if min(start) < 0 or any(s + size * scale > n for s, n in zip(start, volume.shape)):
            raise ValueError("The volume does not reach far enough around this cube: pad it by 150 voxels.")
        cube = volume[tuple(slice(s, s + size * scale) for s in start)][None, None]
        inputs.append(F.avg_pool3d(cube, scale) if scale > 1 else cube)
    return inputs[0], inputs[1], inputs[2]


def repeat_voxels(x: torch.Tensor, factor: int) -> torch.Tensor:
    """Copy up-sampling of (B, C, Z, Y, X)."""
    return F.interpolate(x, scale_factor=float(factor), mode="nearest")


class Pathway(nn.Sequential):
    """Ten valid 3x3x3 convolutions, each followed by ReLU."""

    def __init__(self, widths: tuple[int, int], folded: bool) -> None:
        channels = [1] + [widths[0]] * 5 + [widths[1]] * 5
        layers = []
        for a, b in zip(channels[:-1], channels[1:]):
            layers += [ConvNorm(a, b, folded=folded), nn.ReLU(inplace=True)]
        super().__init__(*layers)


class DeepMedic3(nn.Module):
    """Logits (B, 1, n, n, n) from the three pathways' inputs (see input_sizes)."""

    supports_fast = True

    def __init__(self, config: DeepMedic3Config) -> None:
        super().__init__()
        self.config = config
        joined, folded = config.joined, config.folded_norm
        self.p1 = Pathway(config.fine, folded)
        self.p2 = Pathway(config.coarse, folded)
        self.p3 = Pathway(config.coarse, folded)
        # The first joined layer, split by pathway; only one part needs the bias.
        self.join1 = nn.Conv3d(config.fine[1], joined, 1, bias=False)
        self.join2 = nn.Conv3d(config.coarse[1], joined, 1, bias=False)
        self.join3 = nn.Conv3d(config.coarse[1], joined, 1)
        self.second = nn.Conv3d(joined, joined, 1)
        self.classifier = nn.Conv3d(joined, 1, 1)
        # For --fast: what the two coarse pathways alone say of a 5x5x5 block.
        self.coarse_head = nn.Conv3d(joined, 1, 1)
        self.dropout = nn.Dropout(config.dropout)
        for layer in (self.join1, self.join2, self.join3, self.second):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def coarse_context(self, p2: torch.Tensor, p3: torch.Tensor) -> torch.Tensor:
        """Return W2 P2 + up3(W3 P3) + bias at 1/5 resolution."""
        return self.join2(self.p2(p2)) + repeat_voxels(self.join3(self.p3(p3)), 3)

    def join(self, fine: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """Return logits from P1's features and the coarse context repeated to full resolution."""
        x = F.relu(self.join1(fine) + context)
        x = F.relu(self.second(self.dropout(x)))
        return self.classifier(self.dropout(x))

    def coarse_logits(self, context: torch.Tensor) -> torch.Tensor:
        """Return the coarse head's logits at 1/5 resolution."""
        return self.coarse_head(F.relu(context))

    def forward(self, p1: torch.Tensor, p2: torch.Tensor, p3: torch.Tensor) -> torch.Tensor:
        return self.forward_both(p1, p2, p3)[0]

    def forward_both(
        self, p1: torch.Tensor, p2: torch.Tensor, p3: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits at full resolution and the coarse head's at 1/5 (for training)."""
        context = self.coarse_context(p2, p3)
        return self.join(self.p1(p1), repeat_voxels(context, 5)), self.coarse_logits(context)

    def probability(
        self,
        volume: torch.Tensor,
        *,
        pad_value: float,
        region: torch.Tensor | None = None,
        fast: bool = False,
        everywhere: bool = False,
        progress: Callable[[float, str], Any] | None = None,
    ) -> torch.Tensor:
        """Return the probability of liver (Z, Y, X), 0..1, of a normalised volume (Z, Y, X) of any size.

        Equals tiling by 15^3 segments to rounding where P1 runs, and is 0 elsewhere: P1 runs unless the
        coarse head all but excludes liver within 20 mm. ``region`` (bool, Z, Y, X): blocks without it are
        0, too.
        ``fast``: P1 runs only where the coarse head is undecided; elsewhere its verdict stands.
        ``everywhere``: P1 runs in the whole region.
        """
        from LiverSegmentCNNLib.networks.deepmedic3_dense import dense_probability

        return dense_probability(
            self,
            volume,
            pad_value=pad_value,
            region=region,
            fast=fast,
            everywhere=everywhere,
            progress=progress,
        )
