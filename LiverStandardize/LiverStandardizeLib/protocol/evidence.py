"""One thing that speaks for a protocol, and how much it counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# What evidence can speak for. The first three exclude one another, and so do the other three; a
# monoenergetic image is reconstructed with some kernel, too, so the two groups do not.
MONOENERGETIC = "monoenergetic"
OPTIMUM_CONTRAST = "optimum contrast"
POLYCHROMATIC = "ordinary spectrum"
SPECTRAL_KINDS = (MONOENERGETIC, OPTIMUM_CONTRAST, POLYCHROMATIC)

FILTERED = "FBP"
ITERATIVE = "IR"
DEEP_LEARNING = "deep learning"
RECONSTRUCTION_KINDS = (FILTERED, ITERATIVE, DEEP_LEARNING)

EITHER_RECONSTRUCTION = "FBP or IR"
"""A kernel that an image has whether or not it was reconstructed iteratively."""

# Levels of confidence. They rank evidence; they are not measured frequencies.
GIVEN = 1.0
STANDARD = 0.95
VENDOR = 0.9
DESCRIPTION = 0.8
LOOSE = 0.6
KERNEL = 0.55
HINT = 0.4
INTENSITY = 0.3
NONE = 0.0

DECIDES = 0.5
"""Evidence below this level can suggest a protocol and never decide on it."""

MEANING_OF_LEVEL = {
    GIVEN: "given by the user",
    STANDARD: "an attribute that the DICOM standard defines for this",
    VENDOR: "a vendor's attribute, or a kernel that carries its strength",
    DESCRIPTION: "a series description in a form that was seen in public data",
    LOOSE: "free text in an unverified form, or a guess at an abbreviation",
    KERNEL: "a kernel of filtered back projection without a strength of iteration",
    HINT: "a hint that cannot decide: the protocol's name, or a number that may be something else",
    INTENSITY: "HU alone",
    NONE: "nothing that can be relied on",
}


@dataclass(frozen=True)
class Evidence:
    """What one attribute, or the voxels, say.

    Attributes:
        source: Where it was found, such as ``ConvolutionKernel (0018,1210)``.
        value: What stands there.
        says: What that means, in words.
        confidence: One of the levels above; 0 for what is worth showing and speaks for nothing.
        kind: What it speaks for: one of the constants above, or None.
        energy_kev: The energy of a monoenergetic image, or None.
        strength: Strength of iteration, 1-5 on Siemens' scale, or None. Other vendors' scales are not
            converted.
    """

    source: str
    value: str
    says: str
    confidence: float = NONE
    kind: str | None = None
    energy_kev: float | None = None
    strength: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.source} = '{self.value}': {self.says}"


def strongest_first(evidence: Evidence) -> tuple[Any, ...]:
    """Sort key under which the order in which evidence was found does not matter."""
    energy = -1.0 if evidence.energy_kev is None else evidence.energy_kev
    kind = evidence.kind or ""
    return (-evidence.confidence, evidence.source, evidence.value, kind, energy, evidence.says)
