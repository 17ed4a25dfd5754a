"""How much iodine the phantom's organs hold in a phase, varied from patient to patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PHASES = ("portal", "unenhanced")

LIVER_MEAN_MG_ML, LIVER_SPREAD_MG_ML = 1.96, 0.59
SPLEEN_MEAN_MG_ML, SPLEEN_SPREAD_MG_ML = 2.45, 0.66
PANCREAS_MG_ML = 2.07
KIDNEY_MG_ML = 6.1
AORTA_RANGE_MG_ML = (3.5, 5.5)
LIVER_TO_AORTA = 0.5
"""Portal phase, mg/mL, by the design's list: mean and standard deviation between patients."""

WITHIN = 2.0
"""Standard deviations that a patient may be off the mean."""
SHARED = 0.8
"""Correlation of spleen and liver: the same dose of contrast reaches both."""

# Pools that no list was at hand for: shares of the aorta's iodine, by the HU that the portal phase shows.
_SHARE_OF_AORTA = {
    "portal_vein": 1.05,
    "hepatic_veins": 0.96,
    "vena_cava": 0.86,
    "myocardium": 0.50,
    "gut_wall": 0.38,
    "adrenals": 0.40,
    "muscle": 0.125,
    "skin": 0.09,
    "fat": 0.011,
}
_CORTEX_TO_KIDNEY, _MEDULLA_TO_KIDNEY = 1.06, 0.93

POOLS = (
    "liver",
    "spleen",
    "pancreas",
    "renal_cortex",
    "renal_medulla",
    "aorta",
    *_SHARE_OF_AORTA,
)


@dataclass(frozen=True)
class Contrast:
    """phase: one of PHASES. iodine_mg_ml: of every pool in POOLS."""

    phase: str
    iodine_mg_ml: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """Phase, and mg/mL rounded to what means something."""
        rounded = {name: round(value, 3) for name, value in self.iodine_mg_ml.items()}
        return {"phase": self.phase, "iodine_mg_ml": rounded}


def draw_contrast(seed: int, phase: str = "portal") -> Contrast:
    """The iodine of patient number `seed`. Raises ValueError for another phase."""
    if phase not in PHASES:
        raise ValueError(f"no phase {phase!r}; there are {', '.join(PHASES)}")
    if phase == "unenhanced":
        return Contrast(phase, dict.fromkeys(POOLS, 0.0))
    rng = np.random.default_rng((seed, 1))
    of_liver, own = rng.standard_normal(2).clip(-WITHIN, WITHIN)
    of_spleen = SHARED * of_liver + np.sqrt(1 - SHARED**2) * own
    of_kidney, of_pancreas, of_aorta = rng.uniform(0.9, 1.1, 3)
    liver = LIVER_MEAN_MG_ML + LIVER_SPREAD_MG_ML * float(of_liver)
    level = liver / LIVER_MEAN_MG_ML
    aorta = float(np.clip(liver / LIVER_TO_AORTA * of_aorta, *AORTA_RANGE_MG_ML))
    iodine = {
        "liver": liver,
        "spleen": SPLEEN_MEAN_MG_ML + SPLEEN_SPREAD_MG_ML * float(of_spleen),
        "pancreas": PANCREAS_MG_ML * float(of_pancreas) * level**0.5,
        "renal_cortex": KIDNEY_MG_ML * _CORTEX_TO_KIDNEY * float(of_kidney) * level**0.5,
        "renal_medulla": KIDNEY_MG_ML * _MEDULLA_TO_KIDNEY * float(of_kidney) * level**0.5,
        "aorta": aorta,
        **{name: share * aorta for name, share in _SHARE_OF_AORTA.items()},
    }
    return Contrast(phase, iodine)
