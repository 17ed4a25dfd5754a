"""HU of the phantom's tissues in the portal venous phase at 120 kV, and its organ codes.

Means follow what portal-phase abdominal CT shows (liver about 105, spleen 115, portal vein 165, renal cortex
180); unenhanced tissues are textbook values.
"""

from __future__ import annotations

AIR = -1000.0
LUNG = -850.0
FAT = -102.0
SKIN = 15.0
MUSCLE = 60.0
DIAPHRAGM = 65.0
CARTILAGE = 100.0
CORTICAL_BONE = 620.0
SPONGIOSA = 190.0
DISC = 85.0
EPIDURAL_FAT = -20.0
SPINAL_CORD = 35.0
BLOOD_ARTERIAL = 158.0
BLOOD_PORTAL = 165.0
BLOOD_HEPATIC = 152.0
BLOOD_CAVAL = 140.0
MYOCARDIUM = 115.0
LIVER = 105.0
SPLEEN = 115.0
RENAL_CORTEX = 182.0
RENAL_MEDULLA = 158.0
RENAL_PELVIS = 15.0
PANCREAS = 92.0
ADRENAL = 75.0
GALLBLADDER = 12.0
GUT_WALL = 82.0
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
