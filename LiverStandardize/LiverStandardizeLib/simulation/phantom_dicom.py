"""The scanned phantom as DICOM: one classic CT series per protocol, all in one study of nobody.

Slices are numbered from the head down, as they are scanned. UIDs are made from what is in the files, so that
the same phantom has the same UIDs and nothing else has them. Modules: PS3.3 A.3 (CT Image IOD), C.8.2.1,
C.8.2.2 for multi-energy; Quality Control Subject and Image are how the standard says that this is a phantom.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Callable

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.dicom_encoding import CT_IMAGE_STORAGE, PrivateElement, dicom_file, uid_from

from .phantom_scan import PhantomScan
from .phantom_tags import protocol_tags
from .protocol_picture import LEVEL_HU, WIDTH_HU
from .protocols.six import PROTOCOLS, Settings
from .wordings import STANDARD

INTERCEPT_HU = -1024
HIGHEST_STORED = 4095
"""Twelve bits from -1024 HU on, as scanners store them."""
SLICE_SUFFIX = ".dcm"
_KVP_OF_THE_SECOND_TUBE = 150.0
"""Of the two voltages the one that a SOMATOM states for both tubes' images."""

# Our name for a private attribute (protocol/attributes.py) -> whose, group, last byte of the tag, type.
_PRIVATE = {
    "GEMonochromaticEnergy": ("GEHC_CT_ADVAPP_001", 0x0053, 0x75, "SH"),
    "PhilipsIDoseLevel": ("ELSCINT1", 0x01F7, 0x9B, "SH"),
    "CanonFilter": ("TOSHIBA_MEC_CT3", 0x7005, 0x0B, "SH"),
}


def write_series(
    scan: PhantomScan,
    protocol: str,
    folder: Path,
    name: str,
    *,
    settings: Settings | None = None,
    wording: str = STANDARD,
    progress: Callable[[float, str], None] | None = None,
) -> list[Path]:
    """Write the slices of one protocol into a folder, which is made; gives their paths.

    Args:
        scan: The phantom.
        protocol: Which of its images.
        folder: For ``0001.dcm`` and so on.
        name: The phantom's: goes into description and identification, never a person's.
        settings: As it was reconstructed.
        wording: One of WORDINGS: how headers name the reconstruction.
        progress: Called before each slice; raising ``Cancelled`` stops and leaves what was written.

    Raises:
        NoSuchReconstruction: The vendor of that wording does not have this protocol.
        ValueError: For an image that twelve bits from -1024 HU do not hold.
    """
    folder.mkdir()
    image = scan.images[protocol]
    hu = sitk.GetArrayViewFromImage(image)
    stored = hu.astype(np.int32) - INTERCEPT_HU
    if stored.min() < 0 or stored.max() > HIGHEST_STORED:
        raise ValueError(f"{protocol} has HU from {hu.min()} to {hu.max()}")
    common, private = _series_tags(scan, protocol, name, settings or Settings(), wording)
    paths = []
    for number, index in enumerate(reversed(range(len(hu))), start=1):
        if progress is not None:
            progress((number - 1) / len(hu), f"Writing {protocol}")
        place = _slice_tags(image, index, number)
        uid = uid_from(f"{common['SeriesInstanceUID']}/{number}")
        pixels = np.ascontiguousarray(stored[index], "<u2").tobytes()
        data = {**common, **place, "SOPInstanceUID": uid, "PixelData": pixels}
        paths.append(folder / f"{number:04d}{SLICE_SUFFIX}")
        paths[-1].write_bytes(dicom_file(data, private))
    return paths


def _series_tags(
    scan: PhantomScan, protocol: str, name: str, settings: Settings, wording: str
) -> tuple[dict[str, Any], list[PrivateElement]]:
    """What all slices of a series share, and the elements of vendors."""
    tags = protocol_tags(protocol, settings, name, scan, wording)
    own = tags.pop("SlicerLiverCNN")
    private = [PrivateElement(*_PRIVATE[keyword], tags.pop(keyword)) for keyword in set(tags) & set(_PRIVATE)]
    energy_kev = tags.pop("MonoenergeticEnergyEquivalent", None)
    study = _study_key(scan, name)
    series = f"{study}/{json.dumps([tags, own], sort_keys=True)}/{_digest(scan.images[protocol])}"
    data = {
        "SpecificCharacterSet": "ISO_IR 100",
        "SOPClassUID": CT_IMAGE_STORAGE,
        **_nobody(scan, name, study),
        **_study(name, study),
        "KVP": _KVP_OF_THE_SECOND_TUBE,
        **tags,
        "ManufacturerModelName": f"phantom, headers in the form: {wording}",
        "SoftwareVersions": "SlicerLiverCNN",
        "ProtocolName": "Phantom abdomen",
        "BodyPartExamined": "ABDOMEN",
        "PatientPosition": "HFS",
        "GantryDetectorTilt": 0.0,
        "SeriesInstanceUID": uid_from(series),
        "SeriesNumber": PROTOCOLS.index(protocol) + 1,
        "AcquisitionNumber": 1,
        "QualityControlImage": "YES",
        "BurnedInAnnotation": "NO",
        **_contrast(scan),
        **_pixel_tags(scan.images[protocol]),
    }
    if energy_kev is not None:
        characteristics = [{"MonoenergeticEnergyEquivalent": energy_kev}]
        data["MultienergyCTAcquisitionSequence"] = [{"MultienergyCTCharacteristicsSequence": characteristics}]
    return data, private


def _nobody(scan: PhantomScan, name: str, study: str) -> dict[str, Any]:
    short = hashlib.sha256(study.encode()).hexdigest()[:8]
    return {
        "PatientName": "SYNTHETIC^PHANTOM",
        "PatientID": f"SYNTHETIC-{name}-{short}",
        "PatientBirthDate": None,
        "QualityControlSubject": "YES",
        "PatientIdentityRemoved": "YES",
        "DeidentificationMethod": "Synthetic: there never was a patient",
    }


def _study(name: str, study: str) -> dict[str, Any]:
    return {
        "StudyInstanceUID": uid_from(study),
        "StudyDate": None,
        "StudyTime": None,
        "StudyID": None,
        "AccessionNumber": None,
        "ReferringPhysicianName": None,
        "StudyDescription": f"SYNTHETIC {name}, no patient",
        "FrameOfReferenceUID": uid_from(f"{study}/frame"),
        "PositionReferenceIndicator": None,
    }


def _contrast(scan: PhantomScan) -> dict[str, Any]:
    if scan.contrast.phase == "unenhanced":
        return {}
    return {"ContrastBolusAgent": f"Simulated iodine, {scan.contrast.phase} phase"}


def _pixel_tags(image: sitk.Image) -> dict[str, Any]:
    columns, rows, _ = image.GetSize()
    column_mm, row_mm, slice_mm = image.GetSpacing()
    row_direction, column_direction, _ = np.reshape(image.GetDirection(), (3, 3)).T
    return {
        "ImageOrientationPatient": [*map(float, (*row_direction, *column_direction))],
        "PixelSpacing": [row_mm, column_mm],
        "SpacingBetweenSlices": slice_mm,
        "ReconstructionDiameter": columns * column_mm,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "RescaleIntercept": INTERCEPT_HU,
        "RescaleSlope": 1,
        "RescaleType": "HU",
        "WindowCenter": LEVEL_HU,
        "WindowWidth": WIDTH_HU,
    }


def _slice_tags(image: sitk.Image, index: int, number: int) -> dict[str, Any]:
    position = image.TransformIndexToPhysicalPoint((0, 0, index))
    return {
        "InstanceNumber": number,
        "ImagePositionPatient": [*position],
        "SliceLocation": position[2],
    }


def _study_key(scan: PhantomScan, name: str) -> str:
    """What tells this patient's scan from any other: all protocols of a phantom share it."""
    what = json.dumps([scan.contrast.to_dict(), scan.challenges.to_dict()], sort_keys=True)
    return f"{name}/{what}/{_digest(scan.labels)}"


def _digest(image: sitk.Image) -> str:
    lattice = (image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    digest = hashlib.sha256(repr(lattice).encode())
    digest.update(sitk.GetArrayViewFromImage(image).tobytes())
    return digest.hexdigest()
