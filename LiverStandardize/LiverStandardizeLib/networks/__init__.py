"""Networks of standardization: built by name from a closed table, loaded strictly from bundles."""

from __future__ import annotations

from typing import Any

from LiverCoreLib.networks import UnknownNetwork, build_network, network_from_bundle

__all__ = ["UnknownNetwork", "build", "from_bundle", "verify_golden"]

_NETWORKS = {
    "standardizer": ("LiverStandardizeLib.networks.generator", "Generator", "GeneratorConfig"),
}


def build(architecture: str, config: dict[str, Any]) -> Any:
    """Return an untrained network (torch.nn.Module). Raises UnknownNetwork, see build_network."""
    return build_network(_NETWORKS, architecture, config)


def from_bundle(bundle: Any) -> Any:
    """Return the bundle's network in evaluation mode. Raises ModelError where card and weights do not fit."""
    return network_from_bundle(_NETWORKS, bundle)


def verify_golden(bundle: Any) -> float:
    """Return the largest absolute difference between the stored and the computed golden output.

    The golden file holds ``input`` and ``output``, sections (n, y, x), normalized as the card says, and
    ``codes`` (n,) where the network is told of protocols.
    """
    import numpy as np
    import torch

    network = from_bundle(bundle)
    sections = torch.from_numpy(np.ascontiguousarray(bundle.golden["input"], dtype=np.float32))
    codes = torch.from_numpy(bundle.golden["codes"].astype(np.int64)) if "codes" in bundle.golden else None
    with torch.inference_mode():
        computed = network(sections[:, None], codes)[:, 0].numpy()
    return float(np.abs(computed - bundle.golden["output"].astype(np.float32)).max())
