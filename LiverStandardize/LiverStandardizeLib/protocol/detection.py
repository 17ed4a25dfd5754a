"""The answer: which protocol, how sure, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .evidence import DESCRIPTION, MEANING_OF_LEVEL, Evidence
from .names import MEANINGS

DETECTED = "detected"
GUESSED = "guessed"
OTHER = "other"
UNCERTAIN = "uncertain"
UNKNOWN = "unknown"
GIVEN_BY_USER = "given"


@dataclass(frozen=True)
class ProtocolDetection:
    """Which protocol a CT is.

    Attributes:
        protocol: One of PROTOCOLS, or None where it is none of them or cannot be said.
        status: ``given`` by the user; ``detected``; ``guessed`` from HU alone; ``other``, a
            reconstruction that is known and none of the six; ``uncertain``, several are possible;
            ``unknown``, nothing was found.
        energy_kev: The energy of a monoenergetic image, also of one that is none of ours.
        strength: Strength of iteration, 1-5 on Siemens' scale, or None where none or another scale is stated.
        confidence: 0 to 1, one of the levels in ``evidence.py``; 0 where no protocol is named.
        candidates: What it can be; one entry where it was decided, none where nothing is known.
        evidence: All that was found, the strongest first.
        conflicts: The part of it that contradicts the answer or, where uncertain, itself.
        origin: What was read, such as ``DICOM headers``.
    """

    protocol: str | None
    status: str
    energy_kev: float | None = None
    strength: int | None = None
    confidence: float = 0.0
    candidates: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[Evidence, ...] = ()
    origin: str = "headers"

    @property
    def name(self) -> str:
        """The answer in a few words: ``IR, strength 3``, ``monoenergetic 70 keV, none of the six``."""
        if self.protocol is not None:
            strength = f", strength {self.strength}" if self.strength is not None else ""
            guess = " (guessed)" if self.status == GUESSED else ""
            return f"{self.protocol}{strength}{guess}"
        if self.status == OTHER:
            return f"{self.candidates[0]}, none of the six"
        if self.status == UNCERTAIN:
            perhaps = "perhaps " if len(self.candidates) == 1 else ""
            return f"uncertain: {perhaps}{' or '.join(self.candidates)}"
        return "unknown"

    @property
    def meaning(self) -> str:
        """The protocol spelt out; empty where there is none."""
        return MEANINGS.get(self.protocol or "", "")

    @property
    def confidence_meaning(self) -> str:
        """What the level of confidence stands for."""
        return MEANING_OF_LEVEL[self.confidence]

    @property
    def maps(self) -> tuple[Evidence, ...]:
        """What says that it is a map derived from a CT, where a protocol was stated all the same."""
        return tuple(one for one in self.conflicts if one.kind is None and one.confidence >= DESCRIPTION)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ProtocolDetection:
        """Return the answer of ``to_dict``'s data."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        for name in ("evidence", "conflicts"):
            values[name] = tuple(Evidence(**one) for one in values[name])
        return cls(**{**values, "candidates": tuple(values["candidates"])})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values, with ``name`` and ``confidence_meaning``."""
        return {
            "protocol": self.protocol,
            "name": self.name,
            "status": self.status,
            "energy_kev": self.energy_kev,
            "strength": self.strength,
            "confidence": self.confidence,
            "confidence_meaning": self.confidence_meaning,
            "candidates": list(self.candidates),
            "evidence": [one.to_dict() for one in self.evidence],
            "conflicts": [one.to_dict() for one in self.conflicts],
            "origin": self.origin,
        }
