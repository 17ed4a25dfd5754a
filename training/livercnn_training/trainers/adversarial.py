"""Trainer for the standardizer's second stage: L1, perceptual and adversarial loss (Lee 2023, equation 4).

The generator is taken over from the first stage (``--initial-weights``). In every step it learns first, then
the discriminator, from the same batch and from what the generator just made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from livercnn_training.config import TrainConfig
from livercnn_training.standardizer.features import make_features, perceptual_loss
from livercnn_training.trainers.protocols import ProtocolTrainer, StandardizerLoss
from LiverStandardizeLib.networks.discriminator import Discriminator, DiscriminatorConfig
from LiverStandardizeLib.networks.generator import channels_last


class DiscriminatorLoss(nn.Module):
    """How ill the discriminator tells targets from what the generator made last: both count the same."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.discriminator = Discriminator(DiscriminatorConfig(config.adversarial.discriminator_width))
        self.made: torch.Tensor | None = None

    def forward(self, inputs: torch.Tensor, targets: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        if self.made is None:
            raise RuntimeError("the generator makes its sections before the discriminator judges them")
        of_real = self.discriminator(targets).float()
        of_made = self.discriminator(self.made).float()
        self.made = None
        return 0.5 * (F.softplus(-of_real).mean() + F.softplus(of_made).mean())


class GeneratorLoss(StandardizerLoss):
    """L1, perceptual and adversarial loss (-log D: a generator that is seen through still learns)."""

    def __init__(
        self,
        config: TrainConfig,
        protocols: Sequence[str],
        opponent: DiscriminatorLoss,
        features: nn.Module | None,
    ) -> None:
        super().__init__(config, protocols)
        self.settings = config.adversarial
        # In a tuple: neither is a part of this module, whose weights are averaged and exported.
        self._others = (opponent, features)

    def forward(self, inputs: torch.Tensor, *targets: torch.Tensor) -> torch.Tensor:
        made, wanted, *others = self.made_and_wanted(inputs, *targets)
        opponent, features = self._others
        loss = self.settings.l1_weight * self.distance(made, wanted, *others)
        if features is not None:
            loss = loss + self.settings.perceptual_weight * perceptual_loss(features, made, wanted)
        opponent.made = made.detach()
        opponent.requires_grad_(False)
        judged = opponent.discriminator(made)
        opponent.requires_grad_(True)
        return loss + self.settings.gan_weight * F.softplus(-judged.float()).mean()


class AdversarialTrainer(ProtocolTrainer):
    """Batches and validation of the first stage; two networks that learn."""

    def __init__(self, config: TrainConfig, packed: Sequence[Any], device: torch.device) -> None:
        super().__init__(config, packed, device)
        opponent = DiscriminatorLoss(config).to(device)
        channels_last(opponent)
        features = None
        if config.adversarial.perceptual_weight > 0:
            features = make_features(config.adversarial, config.input, device)
        self.opponent = opponent
        loss = GeneratorLoss(config, self.source.protocols, opponent, features)
        self.module = channels_last(loss).to(device)
