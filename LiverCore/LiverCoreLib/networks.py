"""Networks by name from a closed table, and from bundles: what all libraries with networks share."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any

from LiverCoreLib.model_error import ModelError

# architecture -> module, its network class, its frozen config dataclass
NetworkTable = Mapping[str, "tuple[str, str, str]"]


class UnknownNetwork(ValueError):
    """An architecture name or a configuration key that this version does not know."""


def build_network(table: NetworkTable, architecture: str, config: Mapping[str, Any]) -> Any:
    """Return an untrained network (torch.nn.Module) of a library's table.

    Raises UnknownNetwork for a name outside the table, or a configuration key that the network's dataclass
    does not have: a card from a newer version must not half load.
    """
    if architecture not in table:
        raise UnknownNetwork(f"Network '{architecture}' is not one of {', '.join(sorted(table))}.")
    module_name, network_name, config_name = table[architecture]
    module = importlib.import_module(module_name)
    config_class = getattr(module, config_name)
    known = {field.name for field in dataclasses.fields(config_class)}
    unknown = sorted(set(config) - known)
    if unknown:
        raise UnknownNetwork(f"Network '{architecture}' has no setting {', '.join(map(repr, unknown))}.")
    settings = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    return getattr(module, network_name)(config_class(**settings))


def network_from_bundle(table: NetworkTable, bundle: Any) -> Any:
    """Return the bundle's network in evaluation mode, its weights loaded strictly.

    Raises ModelError (``weights-do-not-fit``) where card and weights do not describe the same network.
    """
    import torch

    try:
        network = build_network(table, bundle.card.architecture.name, bundle.card.architecture.config)
        weights = {name: torch.from_numpy(array) for name, array in bundle.weights.items()}
        network.load_state_dict(weights, strict=True)
    except (UnknownNetwork, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"Model '{bundle.card.id}': its weights do not fit its card ({reason}); install the bundle again "
            "from its source.",
            id="weights-do-not-fit",
        ) from error
    return network.eval()
