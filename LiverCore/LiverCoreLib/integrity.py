"""SHA-256 of an input, and proof that it is whole.

ITK reads a cut-off .nii or .nii.gz without a word and leaves the rest of the volume at zero, and a
damaged .mha as well. Compressed data end in a checksum of what was packed (CRC-32 or Adler-32): it must
agree with the voxels that ITK read, which costs a twentieth of unpacking the file again. Only where it
does not, because the voxels were converted or because the file is damaged, the file is unpacked to tell.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .image_checks import UnsupportedImage

_CHUNK_BYTES = 1 << 20
_ANY_ZLIB_OR_GZIP_HEADER = 47  # zlib's wbits: 15 + 32, the header says which


@dataclass(frozen=True)
class InputFile:
    """One file of an input.

    Attributes:
        path: The file.
        packed_from: Offset of a gzip or zlib stream that runs to the end of the file, or None.
        voxels_from: Where the voxels start in the unpacked stream, bytes.
        unpacked_bytes: Fewest bytes that this stream (or, if None packed, the file) must hold; 0 if unknown.
    """

    path: Path
    packed_from: int | None = None
    voxels_from: int = 0
    unpacked_bytes: int = 0


def sha256_of(files: Iterable[InputFile]) -> str:
    """Return the SHA-256 (hex) of the files in the given order, as if they were one."""
    digest = hashlib.sha256()
    for file in files:
        with open(file.path, "rb") as stream:
            for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
                digest.update(chunk)
    return digest.hexdigest()


def check_whole(files: Iterable[InputFile], voxels: np.ndarray | None = None) -> None:
    """Prove that files hold all of their data, undamaged where they carry a checksum.

    Args:
        files: The files of one image.
        voxels: What was read from them, C-contiguous; spares the unpacking.

    Raises:
        UnsupportedImage: ``damaged-file`` if a file is cut off or its checksum is wrong.
        OSError: If a file cannot be read.
    """
    for file in files:
        if file.packed_from is None:
            length = file.path.stat().st_size
            if length < file.unpacked_bytes:
                raise _too_short(file, length)
        elif voxels is None or not _checksum_is_of(file, voxels):
            _unpack(file)


def _checksum_is_of(file: InputFile, voxels: np.ndarray) -> bool:
    """True if the checksum at the end of the stream is that of these voxels, stored as they are."""
    with open(file.path, "rb") as stream:
        stream.seek(file.packed_from or 0)
        is_gzip = stream.read(2) == b"\x1f\x8b"
        stream.seek(-8, 2)
        end = stream.read(8)
    if not is_gzip:
        return file.voxels_from == 0 and end[4:] == struct.pack(">I", zlib.adler32(voxels.data))
    before = b""
    if file.voxels_from:
        with open(file.path, "rb") as stream:
            stream.seek(file.packed_from or 0)
            try:
                before = gzip.GzipFile(fileobj=stream).read(file.voxels_from)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                return False
    length = (len(before) + voxels.nbytes) & 0xFFFFFFFF
    return end == struct.pack("<II", zlib.crc32(voxels.data, zlib.crc32(before)), length)


def _unpack(file: InputFile) -> None:
    """Unpack into nothing, which checks lengths and checksums of every member of the stream."""
    unpacked = 0
    unpacker = zlib.decompressobj(_ANY_ZLIB_OR_GZIP_HEADER)
    with open(file.path, "rb") as stream:
        stream.seek(file.packed_from or 0)
        for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            try:
                while chunk:
                    if unpacker.eof:
                        if chunk[:1] != b"\x1f":
                            break  # bytes after the data, which every reader ignores
                        unpacker = zlib.decompressobj(_ANY_ZLIB_OR_GZIP_HEADER)  # one more gzip member
                    unpacked += len(unpacker.decompress(chunk, 4 * _CHUNK_BYTES))
                    chunk = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            except zlib.error as error:
                raise _damaged(file.path, "its compressed data are wrong") from error
        if not unpacker.eof:
            unpacked += len(unpacker.flush())
    if not unpacker.eof:
        raise _damaged(file.path, "it ends too early")
    if unpacked < file.unpacked_bytes:
        raise _too_short(file, unpacked)


def _too_short(file: InputFile, length: int) -> UnsupportedImage:
    return _damaged(file.path, f"it holds {length:,} bytes where its header asks for {file.unpacked_bytes:,}")


def _damaged(path: Path, reason: str) -> UnsupportedImage:
    return UnsupportedImage(
        f"{path} is damaged or incomplete ({reason}); copy or download it again.",
        id="damaged-file",
        path=str(path),
    )
