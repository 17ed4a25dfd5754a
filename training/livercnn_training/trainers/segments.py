"""Trainer for deepmedic3: cubes of the output cut from augmented whole scans (Tang et al. 2020).

A few augmented scans are held in memory ("active"), each with its pyramid: full resolution, averaged over
5^3 and over 15^3, as dense inference computes them. The oldest is replaced in turn. An augmented scan's grid
starts anywhere, which randomises the phase of the 15^3 lattice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Tuple

import torch
import torch.nn.functional as F
from LiverSegmentCNNLib.networks import build
from LiverSegmentCNNLib.networks.deepmedic3 import CONTEXT, SCALES, input_sizes
from torch import nn

from livercnn_training.augment_geometry import random_placement
from livercnn_training.augment_intensity import Dice, augment_hu
from livercnn_training.config import TrainConfig
from livercnn_training.data.pack import PackedCase
from livercnn_training.losses import dice_and_cross_entropy
from livercnn_training.normalise import normalise
from livercnn_training.scans import load_scans, sample

COARSEST = SCALES[-1]
Batch = Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class SegmentLoss(nn.Module):
    """The loss of a batch: three inputs (B, 1, n, n, n) and liver fractions (B, 1, output^3)."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.network = build(config.network, config.network_config)
        self.dice_weight = config.segments.dice_weight
        self.coarse_weight = config.segments.coarse_weight

    def forward(self, p1: torch.Tensor, p2: torch.Tensor, p3: torch.Tensor, liver: torch.Tensor) -> torch.Tensor:
        logits, coarse = self.network.forward_both(p1, p2, p3)
        loss = dice_and_cross_entropy(logits, liver, self.dice_weight)
        coarse_target = F.avg_pool3d(liver, SCALES[1])
        return loss + self.coarse_weight * F.binary_cross_entropy_with_logits(coarse.float(), coarse_target)


@dataclass(frozen=True)
class ActiveScan:
    """An augmented scan: its pyramid, padded by the pathways' context, and its liver.

    ``livered``, ``all_blocks``: corners (n, 3) of output cubes, in units of 15 voxels, with liver, and any.
    """

    pyramid: Tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    liver: torch.Tensor
    livered: torch.Tensor
    all_blocks: torch.Tensor


class SegmentTrainer:
    """Draws batches of segments; every batch follows from (seed, step, rank) alone."""

    def __init__(self, config: TrainConfig, cases: List[PackedCase], device: torch.device) -> None:
        self.config, self.device = config, device
        held_out = set(config.validation.cases)
        self.scans = load_scans([c for c in cases if c.name not in held_out], config.input.spacing_mm, device)
        self.module: nn.Module = SegmentLoss(config).to(device, memory_format=torch.channels_last_3d)
        self._active: List[Tuple[int, ActiveScan]] = []  # with the refresh that made it

    def batch(self, step: int, rank: int) -> Batch:
        """Return the step's inputs and targets on the device."""
        settings = self.config.segments
        newest = step // settings.steps_per_refresh
        wanted = range(max(0, newest - settings.active_scans + 1), newest + 1)
        kept = {number: scan for number, scan in self._active if number in wanted}
        self._active = [(number, kept.get(number) or self._make_active(number, rank)) for number in wanted]
        dice = Dice.for_step(self.device, self.config.seed, step, rank)
        parts = [self._segment(dice) for _ in range(self.config.batch_size)]
        p1, p2, p3, liver = (torch.stack(tensors)[:, None].float() for tensors in zip(*parts))
        return p1, p2, p3, liver

    def _segment(self, dice: Dice) -> Batch:
        _, scan = self._active[dice.integer(len(self._active))]
        with_liver = dice.chance(self.config.segments.liver_fraction) and len(scan.livered) > 0
        blocks = scan.livered if with_liver else scan.all_blocks
        corner = blocks[dice.integer(len(blocks))].tolist()
        output = self.config.segments.output_voxels
        inputs = []
        for volume, scale, size in zip(scan.pyramid, SCALES, input_sizes(output)):
            start = [c * COARSEST // scale for c in corner]
            inputs.append(volume[tuple(slice(s, s + size) for s in start)])
        liver = scan.liver[tuple(slice(c * COARSEST, c * COARSEST + output) for c in corner)]
        return inputs[0], inputs[1], inputs[2], liver

    def _make_active(self, number: int, rank: int) -> ActiveScan:
        """Augment one whole scan and build its pyramid."""
        dice = Dice.for_step(self.device, self.config.seed, 7_000_000 + number, rank)
        scan = self.scans[dice.integer(len(self.scans))]
        spacing_mm = self.config.input.spacing_mm
        # Whole 15^3 blocks that cover the scan from a random phase on.
        size = [COARSEST * (int(e / spacing_mm) // COARSEST + 1) for e in scan.extent_mm]
        size = [max(n, self.config.segments.output_voxels) for n in size]
        jitter = [dice.uniform(-0.5, 0.5) * COARSEST * spacing_mm for _ in size]
        centre = tuple(e / 2 + j for e, j in zip(scan.extent_mm, jitter))
        placement = random_placement(tuple(size), spacing_mm, centre, self.config.augmentation, dice.cpu)  # type: ignore[arg-type]
        hu, liver = sample(scan, placement)
        hu = augment_hu(hu, liver, spacing_mm, self.config.augmentation, dice)
        return make_active(normalise(hu, self.config.input), liver, self.config)


def make_active(volume: torch.Tensor, liver: torch.Tensor, config: TrainConfig) -> ActiveScan:
    """Build the pyramid and the lists of blocks of a normalised volume whose sizes are multiples of 15."""
    blocks = config.segments.output_voxels // COARSEST
    pyramid = []
    for scale in SCALES:
        pooled = F.avg_pool3d(volume[None, None], scale)[0, 0] if scale > 1 else volume
        pyramid.append(F.pad(pooled, (CONTEXT,) * 6, value=config.input.pad_value))
    share = F.avg_pool3d(liver[None, None], COARSEST)
    has_liver = F.max_pool3d(share, blocks, 1)[0, 0] > 0.02
    return ActiveScan(
        (pyramid[0], pyramid[1], pyramid[2]), liver,
        torch.nonzero(has_liver).cpu(), torch.nonzero(torch.ones_like(has_liver)).cpu(),
    )  # fmt: skip
