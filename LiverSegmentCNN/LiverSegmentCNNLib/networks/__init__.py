"""Segmentation networks: built by name from a closed table, loaded strictly from bundles.

Adding a network: one file here with a frozen config dataclass and a module that offers
``probability(volume, *, pad_value, region=None, fast=False, progress=None)`` and ``supports_fast``,
one row in ``_NETWORKS``, and the name in LiverCoreLib's architecture allow-list.
"""

from __future__ import annotations

from typing import Any

from LiverCoreLib.networks import UnknownNetwork, build_network, network_from_bundle

__all__ = ["UnknownNetwork", "build", "from_bundle", "verify_golden"]

_NETWORKS = {
    "unet3d": ("LiverSegmentCNNLib.networks.unet3d", "UNet3D", "UNet3DConfig"),
    "deepmedic3": ("LiverSegmentCNNLib.networks.deepmedic3", "DeepMedic3", "DeepMedic3Config"),
}


def build(architecture: str, config: dict[str, Any]) -> Any:
    """Return an untrained network (torch.nn.Module). Raises UnknownNetwork, see build_network."""
    return build_network(_NETWORKS, architecture, config)


def from_bundle(bundle: Any) -> Any:
    """Return the bundle's network in evaluation mode. Raises ModelError where card and weights do not fit."""
    return network_from_bundle(_NETWORKS, bundle)


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
