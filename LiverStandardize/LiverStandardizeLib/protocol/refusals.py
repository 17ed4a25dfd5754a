"""What is no CT image of attenuation: maps that spectral CT derives, localizers, other modalities.

Sources: Image Type value 4 of multi-energy CT (DICOM PS3.3 2020a C.8.2.1.1.1 and PS3.17 JJJJ.3), Rescale Type
(PS3.3 C.11.1.1.2: MGML, Z_EFF, ED, EDW, HU_MOD, PCT); ``GSI MD`` as in GE's material density images, which
public code for quality control refuses as "not HU-based"; words of series descriptions: ``forms.py``.
"""

from __future__ import annotations

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.image_checks import UnsupportedImage

from .attributes import Attributes, source_name, tokens
from .evidence import DESCRIPTION, STANDARD, Evidence
from .forms import map_in_text

_MAPS_BY_IMAGE_TYPE = {
    "MAT_SPECIFIC": "map of one material, such as iodine",
    "MAT_REMOVED": "image with a material removed, such as a virtual non-contrast image",
    "MAT_FRACTIONAL": "map of fractions of materials",
    "MAT_MODIFIED": "image with a material highlighted or suppressed",
    "MAT_VALUE_BASED": "image that colours materials",
    "EFF_ATOMIC_NUM": "effective atomic number map",
    "ELECTRON_DENSITY": "electron density map",
    "GSI_MD": "material density map",
    "IODINE": "iodine map",
    "VNC": "virtual non-contrast image",
    "VUE": "virtual non-contrast image",
    "PERFUSION": "perfusion map",
}
_MAPS_BY_UNIT = {
    "MGML": "map of a concentration",
    "PCT": "map of percentages",
    "Z_EFF": "effective atomic number map",
    "ED": "electron density map",
    "EDW": "electron density map",
    "HU_MOD": "image with modified HU",
}
_LOCALIZERS = {"LOCALIZER", "SCOUT", "TOPOGRAM"}
_OTHER_MODALITIES = {"MR", "PT", "NM", "US", "XA", "CR", "DX", "MG", "RF", "SEG", "RTDOSE", "RTSTRUCT", "SR"}


class DerivedMap(LiverCNNError):
    """The series is a map computed from a CT, whose values are not attenuation."""

    id = "derived-map"


def map_evidence(attributes: Attributes) -> list[Evidence]:
    """What says that this is a map, if anything."""
    found = []
    for value in attributes.get("ImageType", ()):
        # Joined, since dcm2niix takes values apart at underscores.
        joined = f"_{'_'.join(token.strip() for token in tokens(value))}_".replace(" ", "_")
        names = [name for term, name in _MAPS_BY_IMAGE_TYPE.items() if f"_{term}_" in joined]
        found += [Evidence(source_name("ImageType"), value, name, STANDARD) for name in names]
    for value in attributes.get("RescaleType", ()):
        if value.upper() in _MAPS_BY_UNIT:
            says = _MAPS_BY_UNIT[value.upper()]
            found.append(Evidence(source_name("RescaleType"), value, says, STANDARD))
    for value in attributes.get("SeriesDescription", ()):
        name = map_in_text(value)
        if name is not None:
            found.append(Evidence(source_name("SeriesDescription"), value, name, DESCRIPTION))
    return found


def refuse_map(evidence: list[Evidence], name: str) -> None:
    """Raise for the strongest sign of a map, if there is one.

    Raises:
        DerivedMap: The series is one.
    """
    if not evidence:
        return
    strongest = max(evidence, key=lambda one: one.confidence)
    article = "an" if strongest.says[0] in "aeiou" else "a"
    raise DerivedMap(
        f"{name} is {article} {strongest.says}, as {strongest.source} says ('{strongest.value}'), and has no "
        "protocol; give the CT it was made from, or state the protocol if that is wrong.",
        evidence=tuple(one.to_dict() for one in evidence),
    )


def refuse_what_is_no_ct(attributes: Attributes, name: str) -> None:
    """Refuse localizers and other modalities.

    Raises:
        UnsupportedImage: ``localizer`` or ``not-ct``.
    """
    words = {token.strip() for value in attributes.get("ImageType", ()) for token in tokens(value)}
    if words & _LOCALIZERS:
        raise UnsupportedImage(
            f"{name} is a localizer (scout, topogram), not a scan; choose the series of axial slices.",
            id="localizer",
        )
    modalities = {value.upper().replace("MET_MOD_", "") for value in attributes.get("Modality", ())}
    other = sorted(modalities & _OTHER_MODALITIES)
    if other and "CT" not in modalities:
        raise UnsupportedImage(
            f"{name} is of modality {other[0]}; only CT has these protocols, so choose a CT.",
            id="not-ct",
            modality=other[0],
        )
