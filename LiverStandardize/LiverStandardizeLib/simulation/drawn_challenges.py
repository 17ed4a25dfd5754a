"""The challenges of one phantom as they were drawn for it: what is where, and by how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .arms import Arms, draw_arms
from .ascites import Fluid, draw_fluid
from .challenges import Challenges
from .chance import Chance
from .contrast import Contrast
from .left_lobe import Tongue, draw_tongue
from .lesions import PlacedLesion
from .metal import Metal, draw_metal
from .resection import Resection

LOW_DOSE_CHARGE = 0.15
"""Share of the charge: a CT for the attenuation correction of PET has a tenth to a fifth."""
LOW_CONTRAST_IODINE = 0.25
"""Share of the iodine: the liver is then hardly brighter than muscle, and as bright as the spleen."""


@dataclass(frozen=True)
class DrawnChallenges:
    """asked: what was wanted. The others: None where there is none; lesions lie in the liver."""

    asked: Challenges = Challenges()
    tongue: Tongue | None = None
    fluid: Fluid | None = None
    arms: Arms | None = None
    metal: Metal | None = None
    resection: Resection | None = None
    lesions: tuple[PlacedLesion, ...] = ()

    @property
    def charge(self) -> float:
        """Share of the usual charge of the tubes."""
        return LOW_DOSE_CHARGE if self.asked.low_dose else 1.0

    @property
    def enhancement(self) -> float:
        """Share of the usual iodine."""
        return LOW_CONTRAST_IODINE if self.asked.low_contrast else 1.0

    def contrast(self, contrast: Contrast) -> Contrast:
        """The contrast medium of the case."""
        if self.enhancement == 1.0:
            return contrast
        weaker = {name: self.enhancement * amount for name, amount in contrast.iodine_mg_ml.items()}
        return Contrast(contrast.phase, weaker)

    def to_dict(self) -> dict[str, Any]:
        """Names of the challenges, figures of those that have some, and every lesion."""
        told: dict[str, Any] = {"names": list(self.asked.names)}
        if self.asked.low_dose:
            told["charge_share"] = self.charge
        if self.asked.low_contrast:
            told["iodine_share"] = self.enhancement
        if self.resection is not None:
            told["resected"] = {"side": self.resection.side, "share": round(self.resection.share, 4)}
        for name, drawn in (("ascites", self.fluid), ("far_left_lobe", self.tongue), ("metal", self.metal)):
            if drawn is not None:
                told[name] = {key: _rounded(value) for key, value in asdict(drawn).items()}
        told["lesions"] = [lesion.to_dict() for lesion in self.lesions]
        return told


def draw_shapes(asked: Challenges, chance: Chance) -> DrawnChallenges:
    """What can be drawn before there is a liver: all but its resection and lesions."""
    return DrawnChallenges(
        asked,
        tongue=draw_tongue(chance) if asked.far_left_lobe else None,
        fluid=draw_fluid(chance) if asked.ascites else None,
        arms=draw_arms(chance) if asked.arms_down else None,
        metal=draw_metal(chance) if asked.metal else None,
    )


def _rounded(value: Any) -> Any:
    return [round(part, 2) for part in value] if isinstance(value, tuple) else round(value, 2)
