"""Which files an image name stands for, and where their compressed part begins.

NRRD and MetaImage headers are lines of text; the few fields needed here are read from them
directly. Sources: https://teem.sourceforge.net/nrrd/format.html and the MetaIO documentation.
"""

from __future__ import annotations

import re
from pathlib import Path

from .image_checks import UnsupportedImage
from .integrity import InputFile
from .nifti import NiftiHeader

_HEADER_LIMIT_BYTES = 1 << 20


def nifti_layout(path: Path, header: NiftiHeader) -> list[InputFile]:
    """A .nii or .nii.gz is one file, as long as its header says."""
    with open(path, "rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return [
        InputFile(
            path,
            packed_from=0 if is_packed else None,
            voxels_from=header.data_offset,
            unpacked_bytes=header.data_offset + header.data_bytes,
        )
    ]


def nrrd_layout(path: Path) -> list[InputFile]:
    """A .nrrd holds its data behind the first blank line.

    Raises:
        UnsupportedImage: ``unreadable-image`` if this is no NRRD, ``detached-data`` if the voxels lie
            elsewhere.
    """
    start = _first_bytes(path)
    if not start.startswith(b"NRRD"):
        raise _not_what_it_says(path, "a NRRD")
    end = re.search(rb"\r?\n\r?\n", start)
    header = start[: end.start()] if end else start
    if re.search(rb"^data ?file:", header, re.MULTILINE | re.IGNORECASE) or not end:
        raise UnsupportedImage(
            f"{path} keeps its voxels in another file; save it as a single .nrrd file.",
            id="detached-data",
            path=str(path),
        )
    encoding = re.search(rb"^encoding:\s*(\w+)", header, re.MULTILINE | re.IGNORECASE)
    is_packed = encoding is not None and encoding.group(1).lower() in (b"gz", b"gzip")
    return [InputFile(path, packed_from=end.end() if is_packed else None)]


def metaimage_layout(path: Path) -> list[InputFile]:
    """A .mha is one file; a .mhd names a second one with the voxels.

    Raises:
        UnsupportedImage: ``unreadable-image`` if this is no MetaImage, ``detached-data`` if the data are
            spread over many files, ``file-not-found`` if the second file is missing.
    """
    fields, data_offset = _metaimage_fields(path)
    data_file = fields.get("elementdatafile", "")
    is_packed = fields.get("compresseddata", "").lower() == "true"
    if not data_file:
        raise _not_what_it_says(path, "a MetaImage")
    if data_file.upper() == "LOCAL":
        return [InputFile(path, packed_from=data_offset if is_packed else None)]
    if data_file.upper().startswith("LIST") or "%" in data_file:
        raise UnsupportedImage(
            f"{path} spreads its voxels over several files; save it as a single .mha file.",
            id="detached-data",
            path=str(path),
        )
    data_path = path.parent / data_file
    if not data_path.is_file():
        raise UnsupportedImage(
            f"{path} keeps its voxels in {data_file}, which is not beside it; copy both files together.",
            id="file-not-found",
            path=str(data_path),
        )
    return [InputFile(path), InputFile(data_path, packed_from=0 if is_packed else None)]


def _metaimage_fields(path: Path) -> tuple[dict, int]:
    """Return the header fields, names in lower case, and the offset behind the last of them."""
    start = _first_bytes(path)
    fields = {}
    offset = 0
    for line in start.splitlines(keepends=True):
        offset += len(line)
        name, equals, value = line.decode("latin-1").partition("=")
        if not equals:
            break
        fields[name.strip().lower()] = value.strip()
        if name.strip().lower() == "elementdatafile":
            break
    return fields, offset


def _first_bytes(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(_HEADER_LIMIT_BYTES)


def _not_what_it_says(path: Path, kind: str) -> UnsupportedImage:
    return UnsupportedImage(
        f"{path} is not {kind} image, although its name says so; the file is damaged or of another kind.",
        id="unreadable-image",
        path=str(path),
    )
