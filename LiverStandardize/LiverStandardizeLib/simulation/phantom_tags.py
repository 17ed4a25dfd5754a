"""What the headers of a simulated reconstruction state, in the standard's words or in a vendor's."""

from __future__ import annotations

from typing import Any

from .people import Person
from .phantom_scan import PhantomScan
from .protocols.six import ENERGIES_KEV, Settings
from .wordings import MANUFACTURER, STANDARD, reconstruction_tags


def protocol_tags(
    protocol: str, settings: Settings, name: str, scan: PhantomScan, wording: str = STANDARD
) -> dict[str, Any]:
    """What a scanner would state of this reconstruction, by DICOM keyword, and what only we know.

    Args:
        protocol: One of PROTOCOLS.
        settings: As the protocol was made.
        name: The phantom's.
        scan: For its person, slices and contrast.
        wording: One of WORDINGS.

    Raises:
        NoSuchReconstruction: That vendor does not have it.
    """
    tags = reconstruction_tags(protocol, wording, settings.ir_strength, ENERGIES_KEV.get(protocol))
    return {
        "Modality": "CT",
        "Manufacturer": MANUFACTURER,
        **_person_tags(scan.person),
        **tags,
        "SliceThickness": scan.labels.GetSpacing()[2],
        "ImageComments": f"Simulated: {name}, no patient",
        "SlicerLiverCNN": {
            "phantom": name,
            "protocol": protocol,
            "person": scan.person.to_dict(),
            **scan.contrast.to_dict(),
            "challenges": scan.challenges.to_dict(),
        },
    }


def age_text(years: float) -> str:
    """An age as DICOM writes it (PS3.5 6.2, AS): days in the first month, months below two years."""
    if years < 1 / 12:
        return f"{years * 365.25:03.0f}D"
    return f"{years * 12:03.0f}M" if years < 2 else f"{int(years):03d}Y"


def _person_tags(person: Person) -> dict[str, Any]:
    """Size in metres, weight in kg."""
    return {
        "PatientAge": age_text(person.age_years),
        "PatientSex": person.sex[0].upper(),
        "PatientSize": round(person.height_cm / 100, 3),
        "PatientWeight": round(person.weight_kg, 2),
    }
