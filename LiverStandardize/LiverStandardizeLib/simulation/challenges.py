"""What makes a liver hard to find: cases on which networks fail (Tang 2020), as options of the phantom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from LiverCoreLib.errors import LiverCNNError

SMALLEST_LESION_MM, LARGEST_LESION_MM = 5.0, 150.0


class ChallengeError(LiverCNNError):
    """A challenge that there is not, or that does not fit this phantom."""

    id = "impossible-challenge"


@dataclass(frozen=True)
class LesionContrast:
    """What a lesion is made of. Iodine is a share of the healthy liver's, so that it follows the phase.

    water: relative to 1 g/mL. calcium_mg_ml: the basis vector, as of tissues. rim_iodine_to_liver: of a rim
    RIM_SHARE of the diameter thick; None for none.
    """

    name: str
    water: float
    iodine_to_liver: float
    calcium_mg_ml: float = 0.0
    rim_iodine_to_liver: float | None = None

    def __post_init__(self) -> None:
        """Raise ChallengeError for amounts that no tissue has."""
        shares = (self.iodine_to_liver, self.rim_iodine_to_liver or 0.0)
        if not 0.5 <= self.water <= 1.5 or min(shares) < 0 or max(shares) > 10:
            raise ChallengeError(
                f"A lesion is made of 0.5 to 1.5 water and 0 to 10 times the liver's iodine, not {self}."
            )


METASTASIS = LesionContrast("metastasis", 1.030, 0.40, rim_iodine_to_liver=0.85)
CYST = LesionContrast("cyst", 1.005, 0.0)
HYPERVASCULAR = LesionContrast("hypervascular", 1.046, 1.5, calcium_mg_ml=2.0)
CONTRASTS = {one.name: one for one in (METASTASIS, CYST, HYPERVASCULAR)}
"""Portal phase: metastases of the bowel enhance less than the liver, with a rim; cysts do not at all."""

RIM_SHARE, RIM_MM = 0.1, (1.0, 4.0)
"""Thickness of a rim by the diameter, and between which mm it stays."""


@dataclass(frozen=True)
class Lesion:
    """A ball in the liver. centre_mm: where it is in the scanner (LPS, as the images say); None: drawn."""

    diameter_mm: float
    contrast: LesionContrast = METASTASIS
    centre_mm: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        """Raise ChallengeError for a diameter outside 5 to 150 mm."""
        if not SMALLEST_LESION_MM <= self.diameter_mm <= LARGEST_LESION_MM:
            raise ChallengeError(
                f"A lesion can be {SMALLEST_LESION_MM:g} to {LARGEST_LESION_MM:g} mm wide, "
                f"not {self.diameter_mm:g}.",
                diameter_mm=self.diameter_mm,
            )

    @property
    def rim_mm(self) -> float:
        """How thick the rim is; 0 without one."""
        if self.contrast.rim_iodine_to_liver is None:
            return 0.0
        return min(max(RIM_SHARE * self.diameter_mm, RIM_MM[0]), RIM_MM[1])


@dataclass(frozen=True)
class Challenges:
    """Which difficulties a phantom has; none by default. Each leaves alone what it does not concern.

    low_dose: a seventh of the charge. low_contrast: a quarter of the iodine. hypodense_lesions: three large
    ones. ascites: fluid about the liver and in the flanks. resected: a part of the liver is taken out.
    far_left_lobe: the left lobe reaches over the spleen. arms_down: arms beside the trunk; the volume is
    wider. metal: titanium screws and rods in the spine. lesions: more of them, as they are.
    """

    low_dose: bool = False
    low_contrast: bool = False
    hypodense_lesions: bool = False
    ascites: bool = False
    resected: bool = False
    far_left_lobe: bool = False
    arms_down: bool = False
    metal: bool = False
    lesions: tuple[Lesion, ...] = ()

    @classmethod
    def named(cls, names: Sequence[str] = (), lesions: Sequence[Lesion] = ()) -> Challenges:
        """Challenges by their NAMES ("low-dose", ...). Raises ChallengeError that names those there are."""
        unknown = [name for name in names if name not in NAMES]
        if unknown:
            raise ChallengeError(f"No challenge {unknown[0]!r}; there are {', '.join(NAMES)}.")
        return cls(lesions=tuple(lesions), **{name.replace("-", "_"): True for name in names})

    @property
    def names(self) -> tuple[str, ...]:
        """The NAMES of those that are on."""
        return tuple(name for name in NAMES if getattr(self, name.replace("-", "_")))

    def to_dict(self) -> dict[str, Any]:
        """Names, and the lesions asked for."""
        asked = [
            {"diameter_mm": one.diameter_mm, "kind": one.contrast.name, "centre_mm": one.centre_mm}
            for one in self.lesions
        ]
        return {"names": list(self.names), "lesions": asked}


NAMES = tuple(field.name.replace("_", "-") for field in fields(Challenges) if field.name != "lesions")
"""As the command calls them."""


def lesion_of(text: str) -> Lesion:
    """A lesion from ``20`` or ``20:cyst``: diameter in mm, and one of CONTRASTS (metastasis by default).

    Raises ChallengeError.
    """
    diameter, _, kind = text.partition(":")
    try:
        diameter_mm = float(diameter)
    except ValueError as error:
        raise ChallengeError(
            f"A lesion is told as its diameter in mm, or as 20:cyst, not {text!r}.", found=text
        ) from error
    if kind and kind not in CONTRASTS:
        raise ChallengeError(f"No lesion is a {kind!r}; there are {', '.join(CONTRASTS)}.", found=kind)
    return Lesion(diameter_mm, CONTRASTS[kind] if kind else METASTASIS)
