"""Full segmentation of held-out cases on the network's grid, during training."""

from __future__ import annotations

from typing import Any

import torch

from livercnn_training.config import TrainConfig
from livercnn_training.data.pack import PackedCase
from livercnn_training.normalise import normalise
from livercnn_training.scans import load_scan, sample, whole_placement
from LiverSegmentCNNLib.networks import build
from LiverSegmentCNNLib.networks.layers import fold_network


def averaged_network(config: TrainConfig, average: dict[str, torch.Tensor], device: torch.device) -> Any:
    """Return the averaged network, norms folded, in evaluation mode."""
    network = build(config.network, config.network_config).to(device)
    prefix = "network."
    network.load_state_dict({n[len(prefix) :]: v for n, v in average.items() if n.startswith(prefix)})
    return fold_network(network)


def validate(
    config: TrainConfig, average: dict[str, torch.Tensor], cases: list[PackedCase], device: torch.device
) -> dict[str, Any]:
    """Return Dice of the averaged network on held-out cases (threshold .5, as predicted)."""
    network = averaged_network(config, average, device)
    dice = {}
    for case in cases:
        scan = load_scan(case, config.input.spacing_mm, device)
        hu, liver = sample(scan, whole_placement(scan, config.input.spacing_mm))
        predicted = network.probability(normalise(hu, config.input), pad_value=config.input.pad_value) > 0.5
        truth = liver > 0.5
        dice[case.name] = float(2 * (predicted & truth).sum() / (predicted.sum() + truth.sum()))
    return {"mean_dice": sum(dice.values()) / len(dice), "dice": dice}
