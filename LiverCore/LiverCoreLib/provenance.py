"""How a result of a network came about, for its report."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import SimpleITK as sitk

if TYPE_CHECKING:
    from .card import Card
    from .devices import DeviceChoice


def network_provenance(
    card: Card, bundle_sha256: str, device: DeviceChoice, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Model, device, parameters and versions, as plain data."""
    import torch

    return {
        "model": {
            "id": card.id,
            "version": card.version,
            "architecture": card.architecture.name,
            "sha256": bundle_sha256,
            "weights_sha256": card.weights.sha256,
        },
        "device": device.to_dict(),
        "parameters": parameters,
        "versions": {
            "livercnn": own_version(),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "SimpleITK": sitk.Version_VersionString(),
        },
    }


def own_version() -> str | None:
    """The installed package's version; None where the library runs from a checkout or inside Slicer."""
    try:
        return metadata.version("slicer-livercnn")
    except metadata.PackageNotFoundError:
        return None
