"""Whether the host can run here: slicer-core and PySide6 are an optional test dependency."""

from __future__ import annotations

import importlib.util

PACKAGES = {"slicer_core": "slicer-core", "PySide6": "PySide6-Essentials"}
"""Import name to name on PyPI."""


def missing_packages() -> tuple[str, ...]:
    """Names on PyPI of the packages that are not installed; found without importing anything."""
    return tuple(package for name, package in PACKAGES.items() if importlib.util.find_spec(name) is None)


def reason_to_skip() -> str | None:
    """A sentence that says what to install, or None where the host can run."""
    missing = missing_packages()
    if not missing:
        return None
    return (
        f"NOT TESTED: the Slicer panels; not installed: {', '.join(missing)}; "
        'pip install "slicer-livercnn[slicerhost]"'
    )
