"""Segmentation networks: built by name from a closed table, loaded strictly from bundles.

Adding a network: one file here with a frozen config dataclass and a module that offers
``probability(volume, *, pad_value, region=None, fast=False, progress=None)`` and ``supports_fast``,
one row in ``_NETWORKS``, and the name in LiverCoreLib's architecture allow-list.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

_NETWORKS = {
    "unet3d": ("LiverSegmentCNNLib.networks.unet3d", "UNet3D", "UNet3DConfig"),
    "deepmedic3": ("LiverSegmentCNNLib.networks.deepmedic3", "DeepMedic3", "DeepMedic3Config"),
}


class UnknownNetwork(ValueError):
    """An architecture name or a configuration key that this version does not know."""


def build(architecture: str, config: dict[str, Any]) -> Any:
    """Return an untrained network (torch.nn.Module).

    Raises UnknownNetwork for a name outside the table, or a configuration key that the
    network's dataclass does not have: a card from a newer version must not half load.
    """
    if architecture not in _NETWORKS:
        raise UnknownNetwork(f"Network '{architecture}' is not one of {', '.join(sorted(_NETWORKS))}.")
    module_name, network_name, config_name = _NETWORKS[architecture]
    module = importlib.import_module(module_name)
    config_class = getattr(module, config_name)
    known = {field.name for field in dataclasses.fields(config_class)}
    unknown = sorted(set(config) - known)
    if unknown:
        raise UnknownNetwork(f"Network '{architecture}' has no setting {', '.join(map(repr, unknown))}.")
    settings = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    return getattr(module, network_name)(config_class(**settings))


def from_bundle(bundle: Any) -> Any:
    """Return the bundle's network in evaluation mode, its weights loaded strictly.

    Raises LiverCoreLib.bundles.ModelError where card and weights do not describe the same network.
    """
    import torch

    from LiverCoreLib.bundles import ModelError

    try:
        network = build(bundle.card.architecture.name, dict(bundle.card.architecture.config))
        weights = {name: torch.from_numpy(array) for name, array in bundle.weights.items()}
        network.load_state_dict(weights, strict=True)
    except (UnknownNetwork, RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"Model '{bundle.card.id}': its weights do not fit its card ({reason}); install the bundle again "
            "from its source.",
            id="weights-do-not-fit",
        ) from error
    return network.eval()


def verify_golden(bundle: Any) -> float:
    """Return the largest absolute difference between the stored and the computed golden output.

    The golden file holds ``input`` (Z, Y, X), normalised, and ``output`` (Z, Y, X), probabilities in 0..1.
    """
    import numpy as np
    import torch

    network = from_bundle(bundle)
    with torch.inference_mode():
        volume = torch.from_numpy(np.ascontiguousarray(bundle.golden["input"], dtype=np.float32))
        computed = network.probability(volume, pad_value=float(volume.min())).numpy()
    return float(np.abs(computed - bundle.golden["output"].astype(np.float32)).max())
