"""One figure and the range in which it should lie."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """subject: what was measured. engine: of which engine. reference: whose figure the range comes from."""

    subject: str
    engine: str
    measured: float
    lowest: float
    highest: float
    unit: str
    reference: str

    @property
    def passed(self) -> bool:
        """Whether the figure lies in its range; one that is not a number does not."""
        return self.lowest <= self.measured <= self.highest

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "passed": self.passed}


def around(
    subject: str, engine: str, measured: float, wanted: float, tolerance: float, unit: str, reference: str
) -> Check:
    """A figure that should be `wanted` within a tolerance."""
    return Check(subject, engine, measured, wanted - tolerance, wanted + tolerance, unit, reference)
