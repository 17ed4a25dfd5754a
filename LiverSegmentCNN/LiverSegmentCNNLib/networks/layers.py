"""Pieces that the networks share."""

from __future__ import annotations

import copy

import torch
from torch import nn


def fold_batch_norm(convolution: nn.Conv3d, norm: nn.BatchNorm3d) -> nn.Conv3d:
    """Return one convolution with bias that equals ``norm(convolution(x))`` in evaluation mode."""
    folded = copy.deepcopy(convolution)
    folded.bias = nn.Parameter(torch.zeros(convolution.out_channels))
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise ValueError("Only a batch normalization that keeps running statistics can be folded.")
    scale = norm.weight / torch.sqrt(variance + norm.eps)
    bias = convolution.bias if convolution.bias is not None else torch.zeros_like(norm.bias)
    with torch.no_grad():
        folded.weight.copy_(convolution.weight * scale[:, None, None, None, None])
        folded.bias.copy_((bias - mean) * scale + norm.bias)
    return folded


class ConvNorm(nn.Module):
    """A 3D convolution and, while training, its batch normalization.

    ``folded=True`` builds the convolution with bias alone: what a bundle stores. Batch normalization's
    statistics are fixed after training, so a prediction does not depend on the field of view.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 3,
        stride: int = 1,
        padding: int = 0,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv3d(channels_in, channels_out, kernel, stride, padding, bias=folded)
        self.norm = None if folded else nn.BatchNorm3d(channels_out, momentum=0.05)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        return x if self.norm is None else self.norm(x)


def channels_last(module: nn.Module) -> nn.Module:
    """Lay a network's weights out channels last, which CPUs and GPUs compute fastest; returns the network."""
    return module.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]


def fold_network(network: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode in which every ConvNorm is one convolution with bias."""
    folded = copy.deepcopy(network).eval()
    for module in folded.modules():
        if isinstance(module, ConvNorm) and module.norm is not None:
            module.conv = fold_batch_norm(module.conv, module.norm)
            module.norm = None
    return folded
