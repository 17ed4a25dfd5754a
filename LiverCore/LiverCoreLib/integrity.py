"""SHA-256 of an input and proof that it is whole, read once, beside ITK's own reading.

ITK reads a cut-off .nii or .nii.gz without a word and leaves the rest of the volume at zero, and a
damaged .mha as well. The compressed part is therefore unpacked here a second time, into nothing:
its own checksum (CRC-32 or Adler-32) and length decide. Both readings run at the same time, since
zlib, hashlib and SimpleITK release Python's lock.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .image_checks import UnsupportedImage

_CHUNK_BYTES = 1 << 20
_ANY_ZLIB_OR_GZIP_HEADER = 47  # zlib's wbits: 15 + 32, the header says which


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class InputFile:
    """One file of an input.

    Attributes:
        path: The file.
        packed_from: Offset of a gzip or zlib stream that runs to the end of the file, or None.
        unpacked_bytes: Fewest bytes that this stream (or, if None packed, the file) must hold; 0 if unknown.
    """

    path: Path
    packed_from: int | None = None
    unpacked_bytes: int = 0


def digest_whole_files(files: Iterable[InputFile]) -> str:
    """Return the SHA-256 (hex) of the files in the given order, as if they were one.

    Raises:
        UnsupportedImage: ``damaged-file`` if a file is cut off or its checksum is wrong.
        OSError: If a file cannot be read.
    """
    digest = hashlib.sha256()
    for file in files:
        if file.packed_from is None:
            _digest_plain(file, digest)
        else:
            _digest_packed(file, digest)
    return digest.hexdigest()


def _digest_plain(file: InputFile, digest: _Digest) -> None:
    length = 0
    with open(file.path, "rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            digest.update(chunk)
            length += len(chunk)
    if length < file.unpacked_bytes:
        raise _damaged(
            file.path, f"it holds {length:,} bytes where its header asks for {file.unpacked_bytes:,}"
        )


def _digest_packed(file: InputFile, digest: _Digest) -> None:
    unpacked = 0
    unpacker = zlib.decompressobj(_ANY_ZLIB_OR_GZIP_HEADER)
    with open(file.path, "rb") as stream:
        digest.update(stream.read(file.packed_from or 0))
        for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            digest.update(chunk)
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
        raise _damaged(
            file.path, f"it holds {unpacked:,} bytes where its header asks for {file.unpacked_bytes:,}"
        )


def _damaged(path: Path, reason: str) -> UnsupportedImage:
    return UnsupportedImage(
        f"{path} is damaged or incomplete ({reason}); copy or download it again.",
        id="damaged-file",
        path=str(path),
    )
