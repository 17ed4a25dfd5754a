"""What the bundle of a standardizer holds: a golden test on a made-up body, its contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from livercnn_training.config import TrainConfig
from LiverStandardizeLib.networks import build

GOLDEN_SHAPE = (2, 46, 61)  # no multiples of 4: padding is tested too
GOLDEN_TOLERANCE = 0.005  # normalized; fp32 in another order of summation differs by less
TARGET_PROTOCOL = "M80"


def deployed_network(config: TrainConfig, averaged: dict[str, torch.Tensor]) -> Any:
    """Return the network as bundles hold it: averaged weights, in evaluation mode."""
    network = build(config.network, config.network_config)
    network.load_state_dict(averaged)
    return network.eval()


def make_golden(network: Any, config: TrainConfig) -> dict[str, np.ndarray]:
    """Return two sections of a body with a bright organ and noise, and the network's answer, normalized."""
    rng = np.random.default_rng(0)
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in GOLDEN_SHAPE[1:]), indexing="ij")
    hu = np.where(y**2 + x**2 < 0.9, 40.0, -1000.0) + 110.0 * ((y + 0.1) ** 2 + (x + 0.3) ** 2 < 0.25)
    hu = hu + rng.normal(0, 15, GOLDEN_SHAPE)
    contract = config.input
    sections = (np.clip(hu, *contract.hu_window) - contract.offset_hu) / contract.scale_hu
    sections = sections.astype(np.float32)
    codes = np.arange(len(sections)) % (len(network.config.protocols) + 1)
    with torch.inference_mode():
        output = network(torch.from_numpy(sections)[:, None], torch.from_numpy(codes))[:, 0].numpy()
    return {"input": sections, "output": output.astype(np.float32), "codes": codes}


def card_parts(config: TrainConfig, about: dict[str, Any]) -> dict[str, Any]:
    """Return what the card says of the task, the network, and what goes in and comes out.

    ``typical_spacing_mm`` of the texts: nothing is resampled; it says which pixels the network has seen.
    """
    contract = config.input
    return {
        "task": "standardize",
        "architecture": {"name": config.network, "config": dict(config.network_config)},
        "golden": {"tolerance": GOLDEN_TOLERANCE},
        "input": {
            "orientation": "LPS",
            "spacing_mm": [float(step) for step in about["typical_spacing_mm"]],
            "hu_window": list(contract.hu_window),
            "offset_hu": contract.offset_hu,
            "scale_hu": contract.scale_hu,
            "median_filter_voxels": contract.median_filter_voxels,
            "pad_value_hu": -1000,
            "crop": "none",
        },
        "output": {"kind": "hu", "target_protocol": TARGET_PROTOCOL},
    }
