"""How to standardize: what command, worker and window have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StandardizeOptions:
    """How to standardize; see `standardize_volume`.

    model: id or path, None is the default one. protocol: "auto", or what the user knows it to be. device:
    "auto", "cpu", "cuda" or "cuda:N". threads: None takes all. force: also what would be passed through or
    refused.
    """

    model: str | None = None
    protocol: str = "auto"
    device: str = "auto"
    threads: int | None = None
    force: bool = False
