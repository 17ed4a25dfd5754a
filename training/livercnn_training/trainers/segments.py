"""Trainer for deepmedic3: cubes of the output cut from augmented whole scans (Tang et al. 2020).

A few augmented scans are held in memory ("active"), each with its pyramid: full resolution, averaged over
5^3 and over 15^3, as dense inference computes them. The oldest is replaced in turn. An augmented scan's grid
starts anywhere, which randomises the phase of the 15^3 lattice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from livercnn_training.augment_geometry import random_placement
from livercnn_training.augment_intensity import Dice, augment_hu
from livercnn_training.config import TrainConfig
from livercnn_training.data.pack import PackedCase, without_held_out
from livercnn_training.losses import dice_and_cross_entropy
from livercnn_training.normalise import normalise
from livercnn_training.scans import load_scans, sample
from livercnn_training.validate import validate
from LiverSegmentCNNLib.networks import build
from LiverSegmentCNNLib.networks.deepmedic3 import CONTEXT, SCALES, input_sizes
from LiverSegmentCNNLib.networks.layers import channels_last

COARSEST = SCALES[-1]
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class SegmentLoss(nn.Module):
    """The loss of a batch: three inputs (B, 1, n, n, n) and liver fractions (B, 1, output^3)."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.network = build(config.network, config.network_config)
        self.settings = config.segments
        self.lattice = Lattice.of(config)
        if self.settings.coarse_frozen:
            for part in self._coarse_parts():
                part.requires_grad_(False)

    def _coarse_parts(self) -> list[nn.Module]:
        network = self.network
        return [network.p2, network.p3, network.join2, network.join3, network.coarse_head]

    def train(self, mode: bool = True) -> SegmentLoss:
        """Set the mode; frozen pathways keep their norms' statistics, too."""
        super().train(mode)
        if self.settings.coarse_frozen:
            for part in self._coarse_parts():
                part.eval()
        return self

    def forward(
        self, p1: torch.Tensor, p2: torch.Tensor, p3: torch.Tensor, liver: torch.Tensor
    ) -> torch.Tensor:
        dice_weight = self.settings.dice_weight
        coarse_target = F.avg_pool3d(liver, self.lattice.middle)
        if self.settings.coarse_only:
            coarse = self.network.coarse_logits(self.network.coarse_context(p2, p3))
            return dice_and_cross_entropy(coarse, coarse_target, dice_weight)
        logits, coarse = self.network.forward_both(p1, p2, p3)
        loss = dice_and_cross_entropy(logits, liver, dice_weight)
        if self.settings.coarse_frozen:
            return loss
        return loss + self.settings.coarse_weight * dice_and_cross_entropy(coarse, coarse_target, 0.0)


@dataclass(frozen=True)
class Lattice:
    """Edge of a P2 voxel and of a P3 voxel, in voxels of the sampled grid, and that grid's spacing.

    5, 15 and the network's spacing; where P1 does not run, 3, 9 and 5/3 of it: averages over the same
    millimetres from a fifth of the voxels.
    """

    middle: int
    coarsest: int
    spacing_mm: float

    @classmethod
    def of(cls, config: TrainConfig) -> Lattice:
        middle = 3 if config.segments.coarse_only else SCALES[1]
        return cls(middle, 3 * middle, config.input.spacing_mm * SCALES[1] / middle)


@dataclass(frozen=True)
class ActiveScan:
    """An augmented scan: its pyramid, padded by the pathways' context, and its liver.

    ``livered``, ``all_blocks``: corners (n, 3) of output cubes, in P3 voxels, with liver, and any.
    """

    pyramid: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    liver: torch.Tensor
    livered: torch.Tensor
    all_blocks: torch.Tensor


class SegmentTrainer:
    """Draws batches of segments; every batch follows from (seed, step, rank) alone."""

    opponent: nn.Module | None = None

    def __init__(self, config: TrainConfig, cases: list[PackedCase], device: torch.device) -> None:
        self.config, self.device = config, device
        self.lattice = Lattice.of(config)
        trained, self._held_out = without_held_out(cases, config.validation.cases)
        self.scans = load_scans(trained, self.lattice.spacing_mm, device)
        self.module: nn.Module = channels_last(SegmentLoss(config)).to(device)
        self._active: list[tuple[int, ActiveScan]] = []  # with the refresh that made it

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

    def validate(self, average: dict[str, torch.Tensor]) -> dict[str, Any] | None:
        """Return Dice of the averaged network on the recipe's validation cases; None without any."""
        if self._held_out and not self.config.segments.coarse_only:
            return validate(self.config, average, self._held_out, self.device)
        return None

    def _segment(self, dice: Dice) -> Batch:
        _, scan = self._active[dice.integer(len(self._active))]
        settings, coarsest = self.config.segments, self.lattice.coarsest
        with_liver = dice.chance(settings.liver_fraction) and len(scan.livered) > 0
        blocks = scan.livered if with_liver else scan.all_blocks
        corner = blocks[dice.integer(len(blocks))].tolist()
        inputs = []
        for volume, scale, size in zip(
            scan.pyramid, (1, self.lattice.middle, coarsest), input_sizes(settings.output_voxels)
        ):
            if scale == 1 and settings.coarse_only:
                inputs.append(volume[:0, :0, :0])
                continue
            start = [c * coarsest // scale for c in corner]
            inputs.append(volume[tuple(slice(s, s + size) for s in start)])
        edge = settings.output_voxels // COARSEST * coarsest
        liver = scan.liver[tuple(slice(c * coarsest, c * coarsest + edge) for c in corner)]
        return inputs[0], inputs[1], inputs[2], liver

    def _make_active(self, number: int, rank: int) -> ActiveScan:
        """Augment one whole scan and build its pyramid."""
        dice = Dice.for_step(self.device, self.config.seed, 7_000_000 + number, rank)
        scan = self.scans[dice.integer(len(self.scans))]
        spacing_mm, coarsest = self.lattice.spacing_mm, self.lattice.coarsest
        # Whole blocks of P3 voxels that cover the scan from a random phase on, enough for one output cube.
        blocks = self.config.segments.output_voxels // COARSEST
        size = [coarsest * max(blocks, int(e / spacing_mm) // coarsest + 1) for e in scan.extent_mm]
        jitter = [dice.uniform(-0.5, 0.5) * coarsest * spacing_mm for _ in size]
        centre = tuple(e / 2 + j for e, j in zip(scan.extent_mm, jitter))
        placement = random_placement(tuple(size), spacing_mm, centre, self.config.augmentation, dice.cpu)  # type: ignore[arg-type]
        hu, liver = sample(scan, placement)
        hu = augment_hu(hu, liver, spacing_mm, self.config.augmentation, dice)
        return make_active(normalise(hu, self.config.input), liver, self.config)


def make_active(volume: torch.Tensor, liver: torch.Tensor, config: TrainConfig) -> ActiveScan:
    """Build the pyramid and the lists of blocks of a normalised volume whose sizes are whole P3 voxels."""
    lattice = Lattice.of(config)
    blocks = config.segments.output_voxels // COARSEST
    pyramid = []
    for scale in (1, lattice.middle, lattice.coarsest):
        pooled = F.avg_pool3d(volume[None, None], scale)[0, 0] if scale > 1 else volume
        pyramid.append(F.pad(pooled, (CONTEXT,) * 6, value=config.input.pad_value))
    share = F.avg_pool3d(liver[None, None], lattice.coarsest)
    has_liver = F.max_pool3d(share, blocks, 1)[0, 0] > 0.02
    return ActiveScan(
        (pyramid[0], pyramid[1], pyramid[2]),
        liver,
        torch.nonzero(has_liver).cpu(),
        torch.nonzero(torch.ones_like(has_liver)).cpu(),
    )
