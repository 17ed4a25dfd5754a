"""Trainer for whole-abdomen networks (unet3d): large augmented windows of scans."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from livercnn_training.augment_geometry import random_placement
from livercnn_training.augment_intensity import Dice, augment_hu
from livercnn_training.config import TrainConfig
from livercnn_training.data.pack import PackedCase, without_held_out
from livercnn_training.losses import dice_and_cross_entropy
from livercnn_training.normalise import normalise
from livercnn_training.scans import Scan, load_scans, sample
from livercnn_training.validate import validate
from LiverSegmentCNNLib.networks import build
from LiverSegmentCNNLib.networks.layers import channels_last

Batch = tuple[torch.Tensor, torch.Tensor]


class WindowLoss(nn.Module):
    """The loss of a batch: windows (B, 1, Z, Y, X) and liver fractions of the same shape."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.network = build(config.network, config.network_config)
        self.dice_weight = config.windows.dice_weight

    def forward(self, windows: torch.Tensor, liver: torch.Tensor) -> torch.Tensor:
        return dice_and_cross_entropy(self.network(windows), liver, self.dice_weight)


class WindowTrainer:
    """Draws augmented windows; every batch follows from (seed, step, rank) alone."""

    opponent: nn.Module | None = None

    def __init__(self, config: TrainConfig, cases: list[PackedCase], device: torch.device) -> None:
        self.config, self.device = config, device
        trained, self._held_out = without_held_out(cases, config.validation.cases)
        spacing_mm = config.input.spacing_mm
        self.scans = load_scans([case for case in trained if not case.is_copy], spacing_mm, device)
        self.copies = load_scans([case for case in trained if case.is_copy], spacing_mm, device)
        self.module: nn.Module = channels_last(WindowLoss(config)).to(device)

    def batch(self, step: int, rank: int) -> Batch:
        """Return the step's windows and targets on the device."""
        pairs = [
            self._window(Dice.for_step(self.device, self.config.seed, step, rank, number))
            for number in range(self.config.batch_size)
        ]
        windows = torch.stack([x for x, _ in pairs])[:, None]
        return windows, torch.stack([y for _, y in pairs])[:, None]

    def validate(self, average: dict[str, torch.Tensor]) -> dict[str, Any] | None:
        """Return Dice of the averaged network on the recipe's validation cases; None without any."""
        if self._held_out:
            return validate(self.config, average, self._held_out, self.device)
        return None

    def _window(self, dice: Dice) -> Batch:
        copied = self.copies and dice.chance(self.config.windows.copy_fraction)
        scans = self.copies if copied else self.scans
        scan = scans[dice.integer(len(scans))]
        settings, contract = self.config.augmentation, self.config.input
        size = self.config.windows.size_voxels
        centre_mm = self._centre(scan, dice)
        hu, liver = sample(scan, random_placement(size, contract.spacing_mm, centre_mm, settings, dice.cpu))
        hu = augment_hu(hu, liver, contract.spacing_mm, settings, dice)
        return normalise(hu, contract), liver

    def _centre(self, scan: Scan, dice: Dice) -> tuple[float, float, float]:
        """In-plane near the body's middle; in z near a liver voxel or anywhere."""
        extent = scan.extent_mm
        if dice.chance(self.config.windows.liver_fraction):
            z = float(scan.liver_points_mm[dice.integer(len(scan.liver_points_mm)), 0]) + dice.normal(0, 25)
        else:
            z = dice.uniform(0, extent[0])
        z = self._clear_of_ends(z, extent[0], dice)
        return z, extent[1] / 2 + dice.normal(0, 15), extent[2] / 2 + dice.normal(0, 15)

    def _clear_of_ends(self, z: float, extent: float, dice: Dice) -> float:
        """Mostly keep the window inside the scan, as a whole scan in use has no air beyond its ends."""
        half = self.config.windows.size_voxels[0] * self.config.input.spacing_mm / 2
        if 2 * half >= extent or dice.chance(0.15):
            return z
        return min(max(z, half), extent - half)
