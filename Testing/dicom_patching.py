"""Elements that GDCM does not write: sequences and private ones, put into files that it wrote."""

from __future__ import annotations

import struct
from pathlib import Path

_LONG = {"SQ", "UN", "UT", "OB", "OW"}
_STUDY_UID = (0x0020, 0x000D)


def element(tag: tuple[int, int], vr: str, value: bytes | str | float, *, explicit: bool) -> bytes:
    """One element, little endian; text and bytes are padded to an even length, a float is written as FD."""
    if isinstance(value, float):
        value = struct.pack("<d", value)
    elif isinstance(value, str):
        value = value.encode("latin-1")
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "UN", "OB") else b" "
    head = struct.pack("<HH", *tag)
    if not explicit:
        return head + struct.pack("<I", len(value)) + value
    if vr in _LONG:
        return head + vr.encode() + struct.pack("<2xI", len(value)) + value
    return head + vr.encode() + struct.pack("<H", len(value)) + value


def sequence(tag: tuple[int, int], *items: bytes, explicit: bool, undefined_length: bool = False) -> bytes:
    """A sequence of items, each the bytes of its elements."""
    if not undefined_length:
        body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
        return element(tag, "SQ", body, explicit=explicit)
    end_of_item, end = struct.pack("<HHI", 0xFFFE, 0xE00D, 0), struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    start = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    head = struct.pack("<HH", *tag) + (b"SQ\0\0" if explicit else b"") + struct.pack("<I", 0xFFFFFFFF)
    return head + b"".join(start + item + end_of_item for item in items) + end


def insert(path: Path, elements: bytes, *, before: tuple[int, int] = _STUDY_UID) -> None:
    """Put elements into a file, before one that it has once."""
    content = path.read_bytes()
    marker = struct.pack("<HH", *before)
    where = content.index(marker, 132)
    path.write_bytes(content[:where] + elements + content[where:])


def monoenergetic(energy_kev: float, *, explicit: bool, undefined_length: bool = False) -> bytes:
    """Multi-energy acquisition as PS3.3 C.8.2.2 nests it: the energy lies two sequences deep."""
    options = {"explicit": explicit, "undefined_length": undefined_length}
    energy = element((0x0018, 0x937C), "FD", energy_kev, explicit=explicit)
    characteristics = sequence((0x0018, 0x9364), energy, **options)
    acquisition = sequence((0x0018, 0x9362), characteristics, **options)
    return element((0x0018, 0x9361), "CS", "YES", explicit=explicit) + acquisition


def private(creator: str, group: int, values: dict[int, str], *, explicit: bool, block: int = 0x10) -> bytes:
    """A private block: its creator and its elements, by the last byte of their tags."""
    head = element((group, block), "LO", creator, explicit=explicit)
    rest = [
        element((group, (block << 8) + number), "SH", value, explicit=explicit)
        for number, value in sorted(values.items())
    ]
    return head + b"".join(rest)
