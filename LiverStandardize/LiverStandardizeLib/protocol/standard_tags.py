"""Evidence from attributes with a defined meaning.

Sources: DICOM PS3.3 2020a C.8.2.1.1.1 (Image Type value 4: VMI, MAT_SPECIFIC, ...; present where
Multi-energy CT Acquisition is YES), C.8.15.3.12 (Monoenergetic Energy Equivalent, keV; required for VMI,
and in MAT_REMOVED and MAT_MODIFIED images the energy of their source), PS3.17 JJJJ.3 (an ordinary image of
a multi-energy scan has no type of its own); Reconstruction Algorithm (0018,9315) with FILTER_BACK_PROJ and
ITERATIVE, which DCMTK maps to CID 10033 CT Reconstruction Algorithm. Iterative Reconstruction Method
(0018,9769) is an attribute of PET and is not read. GE's private ones: pydicom's dictionary
(GEHC_CT_ADVAPP_001) for iteration, and github.com/L49527/DICOM-ROI-Analyzer, which found
MonochromaticEnergy and KVP 140 side by side in 11 series of monochromatic images. Philips' iDose Level:
pydicom's dictionary (ELSCINT1).
"""

from __future__ import annotations

import math

from .attributes import Attributes, source_name, tokens
from .energies import HIGHEST_TUBE_KV, LOWEST_TUBE_KV, is_possible
from .evidence import (
    FILTERED,
    HINT,
    ITERATIVE,
    LOOSE,
    MONOENERGETIC,
    NONE,
    POLYCHROMATIC,
    STANDARD,
    VENDOR,
    Evidence,
)

_ALGORITHMS = {
    "FILTER_BACK_PROJ": (FILTERED, "filtered back projection"),
    "ITERATIVE": (ITERATIVE, "iterative, its strength not stated"),
}


def tag_evidence(attributes: Attributes) -> list[Evidence]:
    """What the defined attributes say."""
    return [
        *_image_type(attributes),
        *_energy(attributes, "MonoenergeticEnergyEquivalent", STANDARD),
        *_energy(attributes, "GEMonochromaticEnergy", VENDOR),
        *_multi_energy(attributes),
        *_algorithm(attributes),
        *_idose(attributes),
        *_tube_voltage(attributes),
    ]


def says_monoenergetic(attributes: Attributes) -> bool:
    """Whether an attribute made for it says that this is a monoenergetic image."""
    return bool(_image_type(attributes)) or any(
        one.kind == MONOENERGETIC
        for one in _energy(attributes, "MonoenergeticEnergyEquivalent", STANDARD)
        + _energy(attributes, "GEMonochromaticEnergy", VENDOR)
    )


def _image_type(attributes: Attributes) -> list[Evidence]:
    source = source_name("ImageType")
    return [
        Evidence(source, value, "a virtual monoenergetic image (VMI)", STANDARD, MONOENERGETIC)
        for value in attributes.get("ImageType", ())
        if "VMI" in [token.strip() for token in tokens(value)]
    ]


def _energy(attributes: Attributes, keyword: str, level: float) -> list[Evidence]:
    source = source_name(keyword)
    found = []
    for value in attributes.get(keyword, ()):
        energy = _number(value)
        if energy is None or not is_possible(energy):
            found.append(Evidence(source, value, "not an energy that a scanner offers"))
        else:
            says = f"monoenergetic {energy:g} keV"
            found.append(Evidence(source, value, says, level, MONOENERGETIC, energy))
    return found


def _multi_energy(attributes: Attributes) -> list[Evidence]:
    source = source_name("MultienergyCTAcquisition")
    found = []
    for value in attributes.get("MultienergyCTAcquisition", ()):
        if value.upper() != "YES":
            found.append(Evidence(source, value, "not a multi-energy scan"))
        elif says_monoenergetic(attributes):
            found.append(Evidence(source, value, "a multi-energy scan, as a monoenergetic image needs"))
        else:
            says = "a multi-energy scan; ImageType does not say VMI, as it should for a monoenergetic image"
            found.append(Evidence(source, value, says, HINT, POLYCHROMATIC))
    return found


def _algorithm(attributes: Attributes) -> list[Evidence]:
    source = source_name("ReconstructionAlgorithm")
    found = []
    for value in attributes.get("ReconstructionAlgorithm", ()):
        kind, says = _ALGORITHMS.get(value.upper(), (None, "not a term of the standard"))
        found.append(Evidence(source, value, says, NONE if kind is None else STANDARD, kind))
    return found


def _idose(attributes: Attributes) -> list[Evidence]:
    source = source_name("PhilipsIDoseLevel")
    found = []
    for value in attributes.get("PhilipsIDoseLevel", ()):
        level = _number(value)
        if level is None or level < 0:
            found.append(Evidence(source, value, "not a level"))
        elif level == 0:
            found.append(Evidence(source, value, "no iDose (meaning of 0 not verified)", LOOSE, FILTERED))
        else:
            says = f"iDose at level {level:g}, a scale of its own"
            found.append(Evidence(source, value, says, VENDOR, ITERATIVE))
    return found


def _tube_voltage(attributes: Attributes) -> list[Evidence]:
    """A tube voltage tells nothing: monoenergetic images carry one, too. Unless no tube runs at it."""
    source = source_name("KVP")
    found = []
    for value in attributes.get("KVP", ()):
        voltage = _number(value)
        if voltage is None or LOWEST_TUBE_KV <= voltage <= HIGHEST_TUBE_KV or not is_possible(voltage):
            found.append(Evidence(source, value, "the tube voltage, which every kind of image can carry"))
        else:
            says = f"no CT tube runs at {voltage:g} kV: perhaps an energy in keV"
            found.append(Evidence(source, value, says, HINT, MONOENERGETIC, voltage))
    return found


def _number(text: str) -> float | None:
    """A finite number, with or without ``keV`` behind it, or None."""
    try:
        value = float(text.casefold().removesuffix("kev"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
