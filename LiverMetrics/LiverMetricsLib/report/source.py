"""Where a report comes from: versions of the software, and the checksum of what it read."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

from ..provenance import versions

_CHUNK = 1 << 20


def software_versions() -> dict[str, str]:
    """Versions by name, as a report shows them."""
    found = versions()
    shown = {"LiverCNN": found.pop("livercnn") or "from a checkout", "definitions": found.pop("definitions")}
    libraries = {"matplotlib": metadata.version("matplotlib"), "Jinja2": metadata.version("jinja2")}
    return {name: str(text) for name, text in {**shown, **found, **libraries}.items()}


def input_checksum(source: str) -> str | None:
    """SHA-256 of the table that the cohort was read from; None if it did not come from a file."""
    path = Path(source)
    if not path.is_file():
        return None
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()
