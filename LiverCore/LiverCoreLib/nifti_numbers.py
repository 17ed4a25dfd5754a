"""Refuses a NIfTI file in which no voxel is a number.

The NIfTI library that ITK reads with puts 0 in the place of NaN and infinity, without a word, so that such a
file looks like an empty image.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .image_checks import UnsupportedImage
from .nifti import NiftiHeader

_CHUNK_BYTES = 1 << 22  # a multiple of all sizes of numbers


def check_numbers(path: Path, header: NiftiHeader, voxels: np.ndarray) -> None:
    """Look into the file where all that was read from it is 0.

    Args:
        path: A file that is whole.
        header: Its header.
        voxels: What ITK read.

    Raises:
        UnsupportedImage: ``not-finite`` if no stored voxel is a number.
        OSError: If the file cannot be read.
    """
    if header.float_type is None or voxels.any():
        return
    if not any(np.isfinite(values).any() for values in _stored(path, header, header.float_type)):
        raise UnsupportedImage(
            f"No voxel of {path} holds a number (all are NaN or infinite); export the image again.",
            id="not-finite",
            path=str(path),
        )


def _stored(path: Path, header: NiftiHeader, float_type: str) -> Iterator[np.ndarray]:
    """The stored numbers, in pieces."""
    with open(path, "rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        with gzip.open(stream) if packed else stream as content:
            content.seek(header.data_offset)
            left = header.data_bytes
            while left > 0:
                piece = content.read(min(_CHUNK_BYTES, left))
                if not piece:
                    return
                left -= len(piece)
                yield np.frombuffer(piece, dtype=float_type)
