"""The phantom's tissues: HU in the portal venous phase at 120 kV, what they are made of, and organ codes.

Means follow what portal-phase abdominal CT shows (liver about 105, spleen 115, portal vein 165, renal cortex
180); unenhanced tissues are textbook values. Plain numbers are mixtures without contrast, made of what their
HU say.
"""

from __future__ import annotations

from typing import Any


class Tissue(float):
    """HU, and besides: which tissue of the physics tables it is, and which pool of contrast it takes from.

    ``RENAL_CORTEX + 10`` is the same tissue, painted 10 HU brighter; any other arithmetic gives a number.
    """

    substance: str
    pool: str
    offset_hu: float

    def __new__(cls, hu: float, substance: str, pool: str = "", offset_hu: float = 0.0) -> Tissue:
        self = super().__new__(cls, hu)
        self.substance = substance
        self.pool = pool
        self.offset_hu = offset_hu
        return self

    def __add__(self, hu: Any) -> Any:
        if not isinstance(hu, (int, float)):
            return NotImplemented
        return Tissue(float(self) + hu, self.substance, self.pool, self.offset_hu + hu)

    def __sub__(self, hu: Any) -> Any:
        return self + -hu if isinstance(hu, (int, float)) else NotImplemented


AIR = -1000.0
LUNG = -850.0
FAT = Tissue(-102.0, "adipose", "fat")
SKIN = Tissue(15.0, "skin", "skin")
MUSCLE = Tissue(60.0, "muscle", "muscle")
DIAPHRAGM = Tissue(65.0, "muscle", "muscle")
CARTILAGE = 100.0
CORTICAL_BONE = 620.0
SPONGIOSA = 190.0
DISC = 85.0
EPIDURAL_FAT = -20.0
SPINAL_CORD = 35.0
BLOOD_ARTERIAL = Tissue(158.0, "blood", "aorta")
BLOOD_PORTAL = Tissue(165.0, "blood", "portal_vein")
BLOOD_HEPATIC = Tissue(152.0, "blood", "hepatic_veins")
BLOOD_CAVAL = Tissue(140.0, "blood", "vena_cava")
MYOCARDIUM = Tissue(115.0, "muscle", "myocardium")
LIVER = Tissue(105.0, "liver", "liver")
SPLEEN = Tissue(115.0, "spleen", "spleen")
RENAL_CORTEX = Tissue(182.0, "kidney", "renal_cortex")
RENAL_MEDULLA = Tissue(158.0, "kidney", "renal_medulla")
RENAL_PELVIS = Tissue(15.0, "bile")
PANCREAS = Tissue(92.0, "pancreas", "pancreas")
ADRENAL = Tissue(75.0, "pancreas", "adrenals")
GALLBLADDER = Tissue(12.0, "bile")
GUT_WALL = Tissue(82.0, "bowel", "gut_wall")
GUT_FLUID = 18.0
STOOL = 10.0
TABLE_SHELL = 60.0
TABLE_FOAM = -960.0

LABELS = {
    "spleen": 1,
    "right_kidney": 2,
    "left_kidney": 3,
    "gallbladder": 4,
    "oesophagus": 5,
    "liver": 6,
    "stomach": 7,
    "aorta": 8,
    "inferior_vena_cava": 9,
    "portal_and_splenic_veins": 10,
    "pancreas": 11,
    "right_adrenal": 12,
    "left_adrenal": 13,
}
"""Organ codes of the BTCV abdomen challenge."""

DETAILS = {"hepatic_veins": 1, "intrahepatic_portal_veins": 2}
"""Codes of what lies inside the liver, in an image of its own; its vessels and lesions are liver, too."""
FIRST_LESION = 10
"""Lesion number n, counted from 0, is FIRST_LESION + n in the image of details."""
