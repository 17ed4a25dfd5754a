"""Segmentation losses on logits and soft targets of equal shape."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def soft_dice_loss(logits: torch.Tensor, target: torch.Tensor, smooth: float = 100.0) -> torch.Tensor:
    """Return 1 - soft Dice, a sample each and then averaged: every scan counts the same."""
    probability = torch.sigmoid(logits.float()).flatten(1)
    target = target.flatten(1)
    overlap = 2 * (probability * target).sum(1) + smooth
    return (1 - overlap / (probability.sum(1) + target.sum(1) + smooth)).mean()


def dice_and_cross_entropy(logits: torch.Tensor, target: torch.Tensor, dice_weight: float) -> torch.Tensor:
    """Return binary cross entropy plus ``dice_weight`` times the soft Dice loss."""
    loss = F.binary_cross_entropy_with_logits(logits.float(), target)
    return loss + dice_weight * soft_dice_loss(logits, target) if dice_weight > 0 else loss
