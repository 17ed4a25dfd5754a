"""The attributes of one DICOM file that GDCM, through SimpleITK, does not hand out.

In a standard multi-energy image Monoenergetic Energy Equivalent lies two sequences deep (PS3.3 C.8.2.2), and
vendors keep the method of reconstruction in private elements; SimpleITK gives neither sequences nor, by
default, private elements. This walks through a data set up to its pixels and picks out what ``_WANTED`` and
``_PRIVATE`` name. It understands the little- and big-endian, explicit and implicit encodings and the deflated
one (PS3.5 7.1-7.5, A.1-A.5), and where a file is damaged it gives what it has: whether the file can be read
as an image was decided before.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_WANTED = {
    (0x0018, 0x9315): "ReconstructionAlgorithm",
    (0x0018, 0x9361): "MultienergyCTAcquisition",
    (0x0018, 0x937C): "MonoenergeticEnergyEquivalent",
}
# The types that an implicit encoding leaves out, of these and of the sequences they can lie in: Multi-energy
# CT Acquisition and Characteristics, CT Reconstruction, Shared and Per-frame Functional Groups.
_VRS = {
    (0x0018, 0x937C): "FD",
    (0x0018, 0x9314): "SQ",
    (0x0018, 0x9362): "SQ",
    (0x0018, 0x9364): "SQ",
    (0x5200, 0x9229): "SQ",
    (0x5200, 0x9230): "SQ",
}

# (private creator, group, last byte of the element) -> our name for it; see standard_tags.py for the sources.
_PRIVATE = {
    ("GEHC_CT_ADVAPP_001", 0x0053, 0x40): "GEIterativeReconAnnotation",
    ("GEHC_CT_ADVAPP_001", 0x0053, 0x42): "GEIterativeReconConfiguration",
    ("GEHC_CT_ADVAPP_001", 0x0053, 0x43): "GEIterativeReconLevel",
    ("GEHC_CT_ADVAPP_001", 0x0053, 0x66): "GEImageBrowserAnnotation",
    ("GEHC_CT_ADVAPP_001", 0x0053, 0x75): "GEMonochromaticEnergy",
    ("ELSCINT1", 0x01F7, 0x9B): "PhilipsIDoseLevel",
    ("TOSHIBA_MEC_CT3", 0x7005, 0x0B): "CanonFilter",
}

_ITEM, _ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
_PIXELS = ((0x7FE0, 0x0008), (0x7FE0, 0x0009), (0x7FE0, 0x0010))
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_UNDEFINED = 0xFFFFFFFF
_LONG_VRS = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
_NUMBERS = {"FD": "d", "FL": "f", "US": "H", "SS": "h", "UL": "I", "SL": "i"}
_LONGEST_TEXT = 4096
_DEEPEST = 8


class _Encoding(NamedTuple):
    endian: str
    explicit: bool


class _Element(NamedTuple):
    tag: tuple[int, int]
    vr: str
    length: int


def hidden_attributes(path: Path) -> dict[str, str]:
    """Read what SimpleITK leaves out of one file.

    Returns:
        Values as text by the names of ``attributes.py``; the first of each. Empty where there are none.

    Raises:
        OSError: The file cannot be read.
    """
    found: dict[str, str] = {}
    with open(path, "rb") as stream:
        try:
            body, encoding = _data_set(stream)
            for name, value in _walk(body, encoding, None, 0):
                found.setdefault(name, value)
        except (struct.error, zlib.error, EOFError):
            pass  # damaged or cut short: what was found so far still stands
    return found


def _data_set(stream: BinaryIO) -> tuple[BinaryIO, _Encoding]:
    """Skip preamble and meta information; say how what follows is encoded."""
    if stream.read(132)[128:] != b"DICM":
        stream.seek(0)
        start = stream.read(6)
        stream.seek(0)
        return stream, _Encoding("<", start[4:6].isalpha() and start[4:6].isupper())
    syntax = ""
    explicit = _Encoding("<", True)
    while True:
        here = stream.tell()
        if stream.read(2) != b"\x02\x00":
            stream.seek(here)
            break
        stream.seek(here)
        element = _read_element(stream, explicit)
        value = stream.read(element.length)
        if element.tag == _TRANSFER_SYNTAX:
            syntax = value.decode("ascii", "replace").strip(" \0")
    if syntax == "1.2.840.10008.1.2.1.99":
        return io.BytesIO(zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream.read())), explicit
    endian = ">" if syntax == "1.2.840.10008.1.2.2" else "<"
    return stream, _Encoding(endian, syntax != "1.2.840.10008.1.2")


def _walk(stream: BinaryIO, encoding: _Encoding, end: int | None, depth: int) -> Iterator[tuple[str, str]]:
    """Go through the elements of a data set or item; enter sequences."""
    creators: dict[tuple[int, int], str] = {}
    while end is None or stream.tell() < end:
        element = _read_element(stream, encoding)
        if element.tag in _PIXELS or element.tag in (_ITEM_END, _SEQUENCE_END):
            return
        if element.vr == "SQ" or element.length == _UNDEFINED:
            if depth >= _DEEPEST:
                return
            yield from _walk_sequence(stream, encoding, element, depth)
            continue
        group, number = element.tag
        is_creator = group % 2 == 1 and 0x10 <= number <= 0xFF
        name = _WANTED.get(element.tag) or _private_name(element.tag, creators)
        if (name is None and not is_creator) or element.length > _LONGEST_TEXT:
            stream.seek(element.length, io.SEEK_CUR)
            continue
        value = _exactly(stream, element.length)
        if is_creator:
            creators[group, number] = value.decode("ascii", "replace").strip(" \0")
        elif name is not None:
            yield name, _text(value, element, encoding)


def _walk_sequence(
    stream: BinaryIO, encoding: _Encoding, sequence: _Element, depth: int
) -> Iterator[tuple[str, str]]:
    end = None if sequence.length == _UNDEFINED else stream.tell() + sequence.length
    # A sequence inside an element of unknown type is always implicit little endian (PS3.5 6.2.2).
    inner = _Encoding("<", False) if sequence.vr == "UN" else encoding
    while end is None or stream.tell() < end:
        item = _read_element(stream, inner)
        if item.tag != _ITEM:
            return
        item_end = None if item.length == _UNDEFINED else stream.tell() + item.length
        if sequence.vr in ("SQ", "UN", ""):
            yield from _walk(stream, inner, item_end, depth + 1)
        if item_end is not None:
            stream.seek(item_end)


def _read_element(stream: BinaryIO, encoding: _Encoding) -> _Element:
    """Read tag, type and length; leave the stream at the value."""
    endian = encoding.endian
    group, number = struct.unpack(endian + "HH", _exactly(stream, 4))
    if group == 0xFFFE or not encoding.explicit:
        (length,) = struct.unpack(endian + "I", _exactly(stream, 4))
        vr = _VRS.get((group, number), "")
        return _Element((group, number), vr, length)
    vr = _exactly(stream, 2).decode("ascii", "replace")
    if vr in _LONG_VRS:
        (length,) = struct.unpack(endian + "2xI", _exactly(stream, 6))
    else:
        (length,) = struct.unpack(endian + "H", _exactly(stream, 2))
    return _Element((group, number), vr, length)


def _private_name(tag: tuple[int, int], creators: dict[tuple[int, int], str]) -> str | None:
    group, number = tag
    creator = creators.get((group, number >> 8))
    return None if creator is None else _PRIVATE.get((creator, group, number & 0xFF))


def _text(value: bytes, element: _Element, encoding: _Encoding) -> str:
    vr = element.vr
    if vr == "UN":
        vr = _VRS.get(element.tag, "")
    number = _NUMBERS.get(vr)
    if number is not None and len(value) >= struct.calcsize(number):
        (first,) = struct.unpack_from(encoding.endian + number, value)
        return f"{first:g}"
    return value.decode("latin-1").strip(" \0")


def _exactly(stream: BinaryIO, count: int) -> bytes:
    value = stream.read(count)
    if len(value) < count:
        raise EOFError
    return value
