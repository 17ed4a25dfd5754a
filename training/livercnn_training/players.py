"""Who learns in a run: a network with the loss that it lowers, its optimizer, and how a step is taken.

Most runs have one player. Adversarial training has two, that learn in turn from the same batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from livercnn_training.config import ConfigError, TrainConfig


@dataclass
class Player:
    """prefix: of its tensors in a checkpoint. module: the loss of a batch. wrapped: it, or its DDP."""

    prefix: str
    module: nn.Module
    wrapped: nn.Module
    optimizer: torch.optim.Optimizer


def make_players(config: TrainConfig, trainer: Any, device: torch.device) -> list[Player]:
    """Return the player that is averaged, validated and exported, and its opponent where there is one.

    Raises ConfigError where the recipe names a part that the network has not.
    """
    _hold_still(trainer.module.network, config.learns)
    modules = {"": trainer.module}
    if trainer.opponent is not None:
        modules["opponent."] = trainer.opponent
    some_unused = config.segments.coarse_only
    return [
        Player(prefix, module, _wrap(module, device, some_unused), make_optimizer(config, module))
        for prefix, module in modules.items()
    ]


def _hold_still(network: nn.Module, learns: Sequence[str]) -> None:
    """Let nothing learn but the named parts; without names, everything."""
    parts = dict(network.named_children())
    unknown = [name for name in learns if name not in parts]
    if unknown:
        raise ConfigError(f"Recipe: 'learns' names '{unknown[0]}'; the network has {', '.join(parts)}.")
    if learns:
        network.requires_grad_(False)
        for name in learns:
            parts[name].requires_grad_(True)


def make_optimizer(config: TrainConfig, module: nn.Module) -> torch.optim.Optimizer:
    """Return the optimizer; weight decay leaves biases and norms alone."""
    settings = config.optimizer
    decayed = [p for p in module.parameters() if p.ndim > 1]
    free = [p for p in module.parameters() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    if settings.name == "sgd":
        return torch.optim.SGD(
            groups, settings.learning_rate, momentum=settings.momentum, nesterov=settings.momentum > 0
        )
    kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
    return kind(groups, settings.learning_rate, betas=settings.betas)


def set_training_mode(module: nn.Module, norms_frozen: bool) -> None:
    """Training mode; with ``norms_frozen`` batch normalization uses the statistics it will have in use.

    Small batches of large windows make a window's own statistics differ from the average that inference
    uses; the last part of a run closes that gap.
    """
    module.train()
    if norms_frozen:
        for part in module.modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                part.eval()


def learn(
    player: Player,
    batch: tuple[torch.Tensor, ...],
    learning_rate: float,
    largest_gradient_norm: float,
    dtype: torch.dtype,
    scaler: Any,
) -> torch.Tensor:
    """Take one step and return the loss before it. Whoever calls updates the scaler after all players."""
    for group in player.optimizer.param_groups:
        group["lr"] = learning_rate
    device_type = next(player.module.parameters()).device.type
    with torch.autocast(device_type, dtype, enabled=dtype != torch.float32):
        loss = player.wrapped(*batch)
    player.optimizer.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    scaler.unscale_(player.optimizer)
    torch.nn.utils.clip_grad_norm_(player.module.parameters(), largest_gradient_norm)
    scaler.step(player.optimizer)
    return loss.detach()


def _wrap(module: nn.Module, device: torch.device, some_unused: bool) -> nn.Module:
    if not dist.is_initialized():
        return module
    ids = [device.index] if device.type == "cuda" else None
    return nn.parallel.DistributedDataParallel(module, device_ids=ids, find_unused_parameters=some_unused)
