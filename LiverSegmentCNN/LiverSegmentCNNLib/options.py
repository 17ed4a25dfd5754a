"""How to segment: what command, worker and window have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SegmentOptions:
    """How to segment; see `segment_liver`.

    model: id or path, None is the default one. device: "auto", "cpu", "cuda" or "cuda:N". threads: None
    takes all. fast: a little less accurate. threshold: None takes the model's. postprocess: keep the largest
    connected liver.
    """

    model: str | None = None
    device: str = "auto"
    threads: int | None = None
    fast: bool = False
    threshold: float | None = None
    postprocess: bool = True
