"""What was compared with which versions, for exports."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import SimpleITK as sitk

from LiverCoreLib.provenance import own_version

from .definitions import DEFINITIONS_VERSION


def provenance_of(reference: str, test: str) -> dict[str, Any]:
    """Paths and SHA-256 of the two files, and the versions that measured them."""
    return {
        "inputs": {role: _file(Path(path)) for role, path in (("reference", reference), ("test", test))},
        "versions": versions(),
    }


def versions() -> dict[str, str | None]:
    """Versions of the definitions, of this package (None where pip did not install it) and of libraries."""
    return {
        "definitions": DEFINITIONS_VERSION,
        "livercnn": own_version(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "SimpleITK": sitk.Version_VersionString(),
    }


def _file(path: Path) -> dict[str, str]:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return {"path": str(path), "sha256": digest.hexdigest()}
