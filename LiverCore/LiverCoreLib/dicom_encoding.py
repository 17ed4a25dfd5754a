"""Bytes of a DICOM file: explicit types, little endian, not compressed.

GDCM, through SimpleITK, writes neither sequences nor private elements and none of the attributes of
multi-energy CT, and it leaves out the types. Encoding: DICOM PS3.5 7.1 and 7.8 (private blocks), PS3.10 7.1
(meta information); tags and types: PS3.6, checked against pydicom 3's dictionary.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
IMPLEMENTATION = "2.25.193876654299410875426848788105408278632"
"""Of this software's writing (PS3.7 D.3.3.2), by PS3.5 B.2: a UUID that was drawn once."""

_DICTIONARY = {
    "SpecificCharacterSet": (0x0008, 0x0005, "CS"),
    "ImageType": (0x0008, 0x0008, "CS"),
    "SOPClassUID": (0x0008, 0x0016, "UI"),
    "SOPInstanceUID": (0x0008, 0x0018, "UI"),
    "StudyDate": (0x0008, 0x0020, "DA"),
    "StudyTime": (0x0008, 0x0030, "TM"),
    "AccessionNumber": (0x0008, 0x0050, "SH"),
    "Modality": (0x0008, 0x0060, "CS"),
    "Manufacturer": (0x0008, 0x0070, "LO"),
    "ReferringPhysicianName": (0x0008, 0x0090, "PN"),
    "StudyDescription": (0x0008, 0x1030, "LO"),
    "SeriesDescription": (0x0008, 0x103E, "LO"),
    "ManufacturerModelName": (0x0008, 0x1090, "LO"),
    "PatientName": (0x0010, 0x0010, "PN"),
    "PatientID": (0x0010, 0x0020, "LO"),
    "PatientBirthDate": (0x0010, 0x0030, "DA"),
    "PatientSex": (0x0010, 0x0040, "CS"),
    "QualityControlSubject": (0x0010, 0x0200, "CS"),
    "PatientAge": (0x0010, 0x1010, "AS"),
    "PatientSize": (0x0010, 0x1020, "DS"),
    "PatientWeight": (0x0010, 0x1030, "DS"),
    "PatientIdentityRemoved": (0x0012, 0x0062, "CS"),
    "DeidentificationMethod": (0x0012, 0x0063, "LO"),
    "ContrastBolusAgent": (0x0018, 0x0010, "LO"),
    "BodyPartExamined": (0x0018, 0x0015, "CS"),
    "SliceThickness": (0x0018, 0x0050, "DS"),
    "KVP": (0x0018, 0x0060, "DS"),
    "SpacingBetweenSlices": (0x0018, 0x0088, "DS"),
    "SoftwareVersions": (0x0018, 0x1020, "LO"),
    "ProtocolName": (0x0018, 0x1030, "LO"),
    "ReconstructionDiameter": (0x0018, 0x1100, "DS"),
    "GantryDetectorTilt": (0x0018, 0x1120, "DS"),
    "ConvolutionKernel": (0x0018, 0x1210, "SH"),
    "PatientPosition": (0x0018, 0x5100, "CS"),
    "ReconstructionAlgorithm": (0x0018, 0x9315, "CS"),
    "MultienergyCTAcquisition": (0x0018, 0x9361, "CS"),
    "MultienergyCTAcquisitionSequence": (0x0018, 0x9362, "SQ"),
    "MultienergyCTCharacteristicsSequence": (0x0018, 0x9364, "SQ"),
    "MonoenergeticEnergyEquivalent": (0x0018, 0x937C, "FD"),
    "StudyInstanceUID": (0x0020, 0x000D, "UI"),
    "SeriesInstanceUID": (0x0020, 0x000E, "UI"),
    "StudyID": (0x0020, 0x0010, "SH"),
    "SeriesNumber": (0x0020, 0x0011, "IS"),
    "AcquisitionNumber": (0x0020, 0x0012, "IS"),
    "InstanceNumber": (0x0020, 0x0013, "IS"),
    "ImagePositionPatient": (0x0020, 0x0032, "DS"),
    "ImageOrientationPatient": (0x0020, 0x0037, "DS"),
    "FrameOfReferenceUID": (0x0020, 0x0052, "UI"),
    "PositionReferenceIndicator": (0x0020, 0x1040, "LO"),
    "SliceLocation": (0x0020, 0x1041, "DS"),
    "ImageComments": (0x0020, 0x4000, "LT"),
    "SamplesPerPixel": (0x0028, 0x0002, "US"),
    "PhotometricInterpretation": (0x0028, 0x0004, "CS"),
    "Rows": (0x0028, 0x0010, "US"),
    "Columns": (0x0028, 0x0011, "US"),
    "PixelSpacing": (0x0028, 0x0030, "DS"),
    "BitsAllocated": (0x0028, 0x0100, "US"),
    "BitsStored": (0x0028, 0x0101, "US"),
    "HighBit": (0x0028, 0x0102, "US"),
    "PixelRepresentation": (0x0028, 0x0103, "US"),
    "QualityControlImage": (0x0028, 0x0300, "CS"),
    "BurnedInAnnotation": (0x0028, 0x0301, "CS"),
    "WindowCenter": (0x0028, 0x1050, "DS"),
    "WindowWidth": (0x0028, 0x1051, "DS"),
    "RescaleIntercept": (0x0028, 0x1052, "DS"),
    "RescaleSlope": (0x0028, 0x1053, "DS"),
    "RescaleType": (0x0028, 0x1054, "LO"),
    "PixelData": (0x7FE0, 0x0010, "OW"),
}

# Characters of one value (PS3.5 table 6.2-1).
_LONGEST = {
    "AS": 4,
    "CS": 16,
    "DA": 8,
    "DS": 16,
    "IS": 12,
    "LO": 64,
    "LT": 10240,
    "PN": 64,
    "SH": 16,
    "TM": 14,
    "UI": 64,
}
_NUMBERS = {"US": "<H", "FD": "<d"}
_LENGTH_OF_32_BITS = ("OW", "SQ")
_FIRST_PRIVATE_BLOCK = 0x10


class PrivateElement(NamedTuple):
    """An attribute of a vendor: whose, its group, the last byte of its tag, type and value."""

    creator: str
    group: int
    number: int
    vr: str
    value: Any


def dicom_file(data: Mapping[str, Any], private: Sequence[PrivateElement] = ()) -> bytes:
    """A whole file: preamble, meta information and `data_set`.

    `data` must hold SOPClassUID and SOPInstanceUID. Raises ValueError as `data_set` does.
    """
    meta = b"".join(
        _element(0x0002, number, vr, value)
        for number, vr, value in (
            (0x0001, "OB", b"\0\1"),
            (0x0002, "UI", _padded(data["SOPClassUID"], b"\0")),
            (0x0003, "UI", _padded(data["SOPInstanceUID"], b"\0")),
            (0x0010, "UI", _padded(EXPLICIT_LITTLE_ENDIAN, b"\0")),
            (0x0012, "UI", _padded(IMPLEMENTATION, b"\0")),
        )
    )
    length = _element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta)))
    return b"\0" * 128 + b"DICM" + length + meta + data_set(data, private)


def data_set(data: Mapping[str, Any], private: Sequence[PrivateElement] = ()) -> bytes:
    """The elements by rising tag.

    Args:
        data: Values by keyword: text, a number, bytes (pixels), a list of texts or numbers, or a list of such
            mappings for the items of a sequence; None for an attribute without a value.
        private: Elements of vendors; each creator gets a block of its own in its group.

    Raises:
        ValueError: For an unknown keyword, or a value that its type cannot hold: our own fault.
    """
    elements = []
    for keyword, value in data.items():
        if keyword not in _DICTIONARY:
            raise ValueError(f"no attribute {keyword!r} in the dictionary of this writer")
        group, number, vr = _DICTIONARY[keyword]
        elements.append((group, number, vr, _value(vr, value, keyword)))
    elements.extend(_private_blocks(private))
    return b"".join(_element(*one) for one in sorted(elements))


def uid_from(text: str) -> str:
    """The UID that belongs to a text: always the same, and no other text's (PS3.5 B.2: 2.25 and a UUID)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{IMPLEMENTATION}/{text}').int}"


def decimal_text(number: float) -> str:
    """A number in the 16 characters of a decimal string, as exact as they allow."""
    texts = (repr(float(number)), *(f"{number:.{digits}g}" for digits in range(15, 8, -1)))
    return next(text for text in texts if len(text) <= _LONGEST["DS"]).removesuffix(".0")


def _private_blocks(private: Sequence[PrivateElement]) -> Iterator[tuple[int, int, str, bytes]]:
    blocks: dict[tuple[int, str], int] = {}
    for group, creator in sorted({(one.group, one.creator) for one in private}):
        taken = sum(other == group for other, _ in blocks)
        blocks[group, creator] = _FIRST_PRIVATE_BLOCK + taken
        yield group, blocks[group, creator], "LO", _value("LO", creator, "private creator")
    for one in private:
        number = blocks[one.group, one.creator] << 8 | one.number
        yield one.group, number, one.vr, _value(one.vr, one.value, f"{one.creator} {one.number:#x}")


def _element(group: int, number: int, vr: str, value: bytes) -> bytes:
    head = struct.pack("<HH", group, number) + vr.encode("ascii")
    if vr in (*_LENGTH_OF_32_BITS, "OB"):
        return head + struct.pack("<2xI", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def _value(vr: str, value: Any, name: str) -> bytes:
    """A value as bytes of even length."""
    if value is None:
        return b""
    if vr == "OW":
        return bytes(value)
    if vr == "SQ":
        items = (data_set(item) for item in value)
        return b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
    several = value if isinstance(value, (list, tuple)) else [value]
    if vr in _NUMBERS:
        return b"".join(struct.pack(_NUMBERS[vr], one) for one in several)
    texts = [decimal_text(one) if vr == "DS" and not isinstance(one, str) else str(one) for one in several]
    for text in texts:
        if len(text) > _LONGEST[vr] or "\\" in text or (vr == "CS" and text != text.upper()):
            raise ValueError(f"{text!r} cannot be a value of {name}, which is {vr}")
    return _padded("\\".join(texts), b"\0" if vr == "UI" else b" ")


def _padded(text: str, with_what: bytes) -> bytes:
    encoded = text.encode("ascii")
    return encoded + with_what * (len(encoded) % 2)
