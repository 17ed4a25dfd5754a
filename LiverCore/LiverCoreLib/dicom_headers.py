"""The attributes of DICOM files that decide which slices belong together and where they lie.

GDCM (inside SimpleITK) parses; half a millisecond a file. Tags are written ``gggg|eeee`` as
SimpleITK names them. Source of the meanings: DICOM PS3.3 (C.7.6.2 Image Plane, C.8.2.1 CT Image).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import SimpleITK as sitk

from .quiet import quiet_itk

CHARACTER_SET = "0008|0005"
IMAGE_TYPE = "0008|0008"
SOP_INSTANCE_UID = "0008|0018"
MODALITY = "0008|0060"
SERIES_DESCRIPTION = "0008|103e"
GANTRY_TILT = "0018|1120"
SERIES_UID = "0020|000e"
SERIES_NUMBER = "0020|0011"
POSITION = "0020|0032"
ORIENTATION = "0020|0037"
PIXEL_SPACING = "0028|0030"
RESCALE_INTERCEPT = "0028|1052"
RESCALE_TYPE = "0028|1054"

# Specific Character Set (PS3.3 C.12.1.1.2), its first value; what is not listed is read as Latin-1.
_ENCODINGS = {
    "ISO_IR 192": "utf-8",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 166": "tis-620",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
_NAMES_THAT_ARE_NO_IMAGES = {"DICOMDIR", "LOCKFILE", "VERSION"}


@dataclass(frozen=True)
class SliceHeader:
    """One DICOM file with an image.

    Attributes:
        path: The file.
        tags: Attribute values as text, by ``gggg|eeee``; blanks stripped; backslash between several values.
        columns, rows, frames: Size of the image; frames is 1 for a normal slice.
        components: Values a pixel; 3 means colour.
        position_mm: Centre of the first pixel (LPS), or None if absent or malformed.
        orientation: Direction cosines of a row, then of a column, or None.
        pixel_spacing_mm: Distance between rows, then between columns, or None.
    """

    path: Path
    tags: dict[str, str]
    columns: int
    rows: int
    frames: int
    components: int
    position_mm: tuple[float, ...] | None
    orientation: tuple[float, ...] | None
    pixel_spacing_mm: tuple[float, ...] | None

    def text(self, tag: str) -> str:
        """The value of a tag, or an empty string."""
        return self.tags.get(tag, "")


def is_dicom_file(path: Path) -> bool:
    """Tell a DICOM file from its first bytes: ``DICM`` at 128, or a bare data set of group 2 or 8."""
    with open(path, "rb") as stream:
        start = stream.read(132)
    if start[128:132] == b"DICM":
        return True
    return start[:4] in (b"\x02\x00\x00\x00", b"\x08\x00\x00\x00", b"\x08\x00\x05\x00", b"\x08\x00\x08\x00")


def dicom_files_under(folder: Path) -> list[Path]:
    """List the DICOM files of a folder and its subfolders, sorted by name, whatever their extension."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.startswith(".") or name.upper() in _NAMES_THAT_ARE_NO_IMAGES:
                continue
            path = Path(parent, name)
            if path.is_file() and is_dicom_file(path):
                found.append(path)
    return found


def dicom_files_beside(path: Path) -> list[Path]:
    """List the DICOM files in the folder of ``path``, sorted by name, ``path`` included."""
    candidates = sorted(entry for entry in path.parent.iterdir() if entry.is_file())
    return [entry for entry in candidates if is_dicom_file(entry)]


def read_slice_headers(
    paths: Iterable[Path], each: Callable[[int], None]
) -> tuple[list[SliceHeader], list[Path]]:
    """Read the headers of DICOM files.

    Args:
        paths: The files.
        each: Called with the number of files done so far; may raise to stop.

    Returns:
        The headers, and the files in which GDCM finds no image (reports, plans, damaged slices).
    """
    headers: list[SliceHeader] = []
    without_image: list[Path] = []
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    for index, path in enumerate(paths):
        each(index)
        reader.SetFileName(str(path))
        try:
            with quiet_itk():
                reader.ReadImageInformation()
        except RuntimeError:
            without_image.append(path)
            continue
        headers.append(_slice_header(path, reader))
    return headers, without_image


def _slice_header(path: Path, reader: sitk.ImageFileReader) -> SliceHeader:
    raw = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
    encoding = _ENCODINGS.get(raw.get(CHARACTER_SET, "").split("\\")[0].strip(), "latin-1")
    tags = {key: _decoded(value, encoding).strip(" \0\r\n\t") for key, value in raw.items()}
    size = reader.GetSize()
    return SliceHeader(
        path=path,
        tags=tags,
        columns=size[0],
        rows=size[1],
        frames=size[2] if len(size) > 2 else 1,
        components=reader.GetNumberOfComponents(),
        position_mm=_numbers(tags.get(POSITION), 3),
        orientation=_numbers(tags.get(ORIENTATION), 6),
        pixel_spacing_mm=_numbers(tags.get(PIXEL_SPACING), 2),
    )


def _decoded(text: str, encoding: str) -> str:
    """Give a text its letters: SimpleITK hands on bytes that are not UTF-8 as lone surrogates."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode(encoding, "replace")


def _numbers(text: str | None, count: int) -> tuple[float, ...] | None:
    try:
        values = tuple(float(part) for part in (text or "").split("\\"))
    except ValueError:
        return None
    return values if len(values) == count else None
