"""The Python packages that Slicer lacks until the user has them installed."""

from __future__ import annotations

import importlib.util

PACKAGES = {"torch": "PyTorch", "safetensors": "safetensors", "jsonschema": "jsonschema"}
"""Import name to the name that people know: what a worker needs beyond what Slicer brings."""


def missing_packages() -> tuple:
    """Names of the packages that are not installed; nothing is imported to find out."""
    return tuple(known for name, known in PACKAGES.items() if importlib.util.find_spec(name) is None)
