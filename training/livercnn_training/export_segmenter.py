"""What the bundle of a segmenter holds: norms folded, a golden test on a made-up liver, its contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from livercnn_training.config import TrainConfig
from LiverSegmentCNNLib.networks import build
from LiverSegmentCNNLib.networks.layers import fold_network

GOLDEN_SHAPE = (30, 42, 36)  # no multiple of 15 and even: padding is tested too
GOLDEN_TOLERANCE = 0.01


def deployed_network(config: TrainConfig, averaged: dict[str, torch.Tensor]) -> Any:
    """Return the network as bundles hold it: averaged weights, norms folded, in evaluation mode."""
    network = build(config.network, config.network_config)
    network.load_state_dict(averaged)
    return fold_network(network)


def make_golden(network: Any, config: TrainConfig) -> dict[str, np.ndarray]:
    """Return a tiny input (a bright ellipsoid in a body, with noise) and the network's probability of it."""
    rng = np.random.default_rng(0)
    z, y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in GOLDEN_SHAPE), indexing="ij")
    hu = np.where(y**2 + x**2 < 0.9, 40.0, -1000.0) + 70.0 * (z**2 + (y + 0.1) ** 2 + (x + 0.3) ** 2 < 0.25)
    hu += rng.normal(0, 15, hu.shape)
    contract = config.input
    volume = (np.clip(hu, *contract.hu_window) - contract.offset_hu) / contract.scale_hu
    volume = volume.astype(np.float32)
    with torch.inference_mode():
        output = network.probability(torch.from_numpy(volume), pad_value=float(volume.min())).numpy()
    return {"input": volume, "output": output.astype(np.float32)}


def card_parts(config: TrainConfig, about: dict[str, Any]) -> dict[str, Any]:
    """Return what the card says of the task, the network, and what goes in and comes out."""
    contract = config.input
    return {
        "task": "segment",
        "architecture": {"name": config.network, "config": _folded_config(config)},
        "golden": {"tolerance": GOLDEN_TOLERANCE},
        "input": {
            "orientation": "LPS",
            "spacing_mm": [contract.spacing_mm] * 3,
            "hu_window": list(contract.hu_window),
            "offset_hu": contract.offset_hu,
            "scale_hu": contract.scale_hu,
            "median_filter_voxels": contract.median_filter_voxels,
            "pad_value_hu": -1000,
            "crop": "body",
        },
        "output": {
            "kind": "probability",
            "threshold": 0.5,
            "postprocessing": {"erode_mm": float(about["erode_mm"]), "keep": "largest_component"},
        },
    }


def _folded_config(config: TrainConfig) -> dict[str, Any]:
    settings = {key: list(v) if isinstance(v, tuple) else v for key, v in config.network_config.items()}
    settings.pop("dropout", None)  # inference has none
    return {**settings, "folded_norm": True}
