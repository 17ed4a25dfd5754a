"""Real standardizer bundles for tests: written, loaded and run as trained ones are, without any training.

`write_near_identity_bundle` changes an image a little and differently everywhere, as a trained one does;
`write_shift_bundle` adds a known number of HU to every pixel, so that a test can say what must come out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from LiverCoreLib.bundles import Bundle, write_bundle
from LiverStandardizeLib.networks import build

HU_WINDOW = (-200.0, 600.0)
OFFSET_HU, SCALE_HU = 200.0, 400.0
SMALL_CONFIG = {"width": 8, "blocks": 1}


def card_data(**input_changes: Any) -> dict[str, Any]:
    """A complete card of a standardizer as plain data; `input_changes` replace parts of its "input"."""
    return {
        "schema_version": 1,
        "id": "standardizer-test",
        "name": "A standardizer for tests",
        "version": "1.0.0",
        "task": "standardize",
        "modality": "CT",
        "architecture": {"name": "standardizer", "config": dict(SMALL_CONFIG)},
        "golden": {"tolerance": 1e-3},
        "input": {
            "orientation": "LPS",
            "spacing_mm": [0.8, 0.8, 3.0],
            "hu_window": list(HU_WINDOW),
            "offset_hu": OFFSET_HU,
            "scale_hu": SCALE_HU,
            "median_filter_voxels": 1,
            "pad_value_hu": -1024,
            "crop": "none",
            **input_changes,
        },
        "output": {"kind": "hu", "target_protocol": "M80"},
        "training": {
            "data": [],
            "recipe": "none",
            "seed": 0,
            "commit": "none",
            "versions": {},
            "hardware": "none",
            "duration_s": 0,
            "steps": 0,
            "notes": "Not trained: weights are random or set by hand.",
        },
        "evaluation": [],
        "intended_use": "Tests of the software.",
        "out_of_scope_use": ["Everything else."],
        "failure_modes": ["It has learned nothing."],
        "weights_licence": "Apache-2.0",
        "citations": [],
    }


def write_near_identity_bundle(
    folder: Path,
    *,
    model_id: str = "standardizer-test",
    config: dict[str, Any] | None = None,
    change_hu: float = 10.0,
    **input_changes: Any,
) -> Bundle:
    """Write a network with random weights, always the same, as a bundle.

    Args:
        folder: Where to.
        model_id: For the card.
        config: Of the generator; small by default.
        change_hu: By about how much (standard deviation) it changes soft tissue with noise in it.
        input_changes: Parts of the card's "input".
    """
    card = card_data(**input_changes)
    card["id"] = model_id
    card["architecture"]["config"] = dict(config or SMALL_CONFIG)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build("standardizer", card["architecture"]["config"])
        torch.nn.init.normal_(network.head.weight, std=1.0)
        sections = torch.randn(1, 1, 64, 64) * 0.05 - 0.3  # soft tissue with 20 HU of noise
    with torch.no_grad():
        answer = network(sections) - sections
        network.head.weight *= change_hu / SCALE_HU / float(answer.std())
    return _write(folder, card, network)


def write_shift_bundle(
    folder: Path, *, model_id: str = "standardizer-shift", shift_hu: float = 20.0, **input_changes: Any
) -> Bundle:
    """Write a network that adds `shift_hu` to every pixel as a bundle."""
    card = card_data(**input_changes)
    card["id"] = model_id
    network = build("standardizer", card["architecture"]["config"])
    with torch.no_grad():
        torch.nn.init.zeros_(network.head.weight)
        network.head.bias.fill_(shift_hu / SCALE_HU)
    return _write(folder, card, network)


def _write(folder: Path, card: dict[str, Any], network: torch.nn.Module) -> Bundle:
    network = network.eval().half().float()  # as it comes back from the file
    weights = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    sample = np.linspace(-1, 1, 2 * 24 * 20, dtype=np.float32).reshape(2, 24, 20)
    with torch.inference_mode():
        answer = network(torch.from_numpy(sample)[:, None])[:, 0].numpy()
    return write_bundle(folder, card, weights, {"input": sample, "output": answer})
