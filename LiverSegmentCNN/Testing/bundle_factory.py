"""Real model bundles for tests: written, loaded and run as trained ones are, without any training.

`write_bright_bundle` gives a unet3d whose weights are set by hand so that it calls liver what is brighter
than 70 HU, voxel by voxel: on the synthetic abdomens of synthetic_ct.py it segments the liver.
`write_random_bundle` gives any network with random weights, for what only needs a network that runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from synthetic_ct import BODY_HU, LIVER_HU, card_data

from LiverCoreLib.bundles import Bundle, write_bundle
from LiverSegmentCNNLib import networks

BRIGHT_CONFIG = {"widths": [8, 8], "folded_norm": True}
STEEPNESS_HU = 8.0


def write_bright_bundle(folder: Path, *, model_id: str = "bright-ct", **input_changes: Any) -> Bundle:
    """Write the hand-made unet3d as a bundle; `input_changes` replace parts of the card's "input"."""
    card = card_data(**input_changes)
    card["id"] = model_id
    card["architecture"] = {"name": "unet3d", "config": BRIGHT_CONFIG}
    network = bright_network(card["input"]["offset_hu"], card["input"]["scale_hu"])
    return _write(folder, card, network)


def write_random_bundle(
    folder: Path,
    architecture: str,
    config: dict[str, Any],
    *,
    model_id: str = "random-ct",
    **input_changes: Any,
) -> Bundle:
    """Write a network with random weights (always the same) as a bundle."""
    card = card_data(**input_changes)
    card["id"] = model_id
    card["architecture"] = {"name": architecture, "config": config}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = networks.build(architecture, config)
    return _write(folder, card, network.eval())


def bright_network(offset_hu: float, scale_hu: float) -> torch.nn.Module:
    """A unet3d whose logit is (HU - 70) / 8 in every voxel.

    The input's eight folded voxels pass through the first eight channels, shifted above 0 so that no ReLU
    cuts them; every other weight is 0, so that the deeper levels add nothing; the head scales them to
    logits.
    """
    network = networks.build("unet3d", BRIGHT_CONFIG)
    lift = 2.0
    middle = ((BODY_HU + LIVER_HU) / 2 - offset_hu) / scale_hu + lift
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.head.bias.fill_(-middle * scale_hu / STEEPNESS_HU)
        network.stem.conv.bias.fill_(lift)
        for channel in range(8):
            network.stem.conv.weight[channel, channel, 1, 1, 1] = 1.0
            network.head.weight[channel, channel, 1, 1, 1] = scale_hu / STEEPNESS_HU
    return network.eval()


def _write(folder: Path, card: dict[str, Any], network: torch.nn.Module) -> Bundle:
    card = {**card, "golden": {"file": "golden.npz", "size_bytes": 1, "sha256": "0" * 64, "tolerance": 0.02}}
    weights = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    sample = np.linspace(-1, 1, 16**3, dtype=np.float32).reshape(16, 16, 16)
    with torch.inference_mode():
        answer = network.probability(torch.from_numpy(sample), pad_value=-1.0).numpy()
    return write_bundle(folder, card, weights, {"input": sample, "output": answer})
