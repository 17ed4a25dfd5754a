"""What was found out about a CT, what was assumed, and what cannot be known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .limits import Clip


@dataclass(frozen=True)
class Findings:
    """noise_hu: standard deviation in soft tissue, HU, or None if it could not be measured.

    tube: ``mixed``, or its voltage. tube_from: ``stated`` or ``assumed``. phase: ``portal`` or
    ``unenhanced``. phase_from: ``stated``, ``labels`` or ``HU``. labelled: organs that labels named.
    warnings: sentences.
    """

    noise_hu: float | None
    tube: str
    tube_from: str
    phase: str
    phase_from: str
    clip: Clip
    labelled: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
