"""One compact file of paired reconstructions. Reading needs the standard library and numpy alone."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass

import numpy as np

KEYS = ("header", "hu", "liver")
KIND = "pairs"
"""Of the pack, in its description."""


@dataclass(frozen=True)
class PackedPairs:
    """Slices of one exam. hu: int16 (n, protocols, y, x). liver: bool (n, y, x), or None where unknown.

    protocols: in the order of the second axis, the target among them. split: ``train`` or ``validation``.
    """

    name: str
    protocols: tuple[str, ...]
    hu: np.ndarray
    liver: np.ndarray | None
    pixel_mm: float
    split: str


def encode_pairs(pairs: PackedPairs) -> dict[str, np.ndarray]:
    """Return the arrays that hold one exam in a pack."""
    header = {
        "name": pairs.name,
        "protocols": pairs.protocols,
        "shape": pairs.hu.shape,
        "pixel_mm": pairs.pixel_mm,
        "split": pairs.split,
        "has_liver": pairs.liver is not None,
    }
    liver = np.zeros(0, bool) if pairs.liver is None else pairs.liver
    return {
        "header": np.frombuffer(json.dumps(header).encode("ascii"), np.uint8),
        "hu": np.frombuffer(lzma.compress(np.ascontiguousarray(pairs.hu).tobytes()), np.uint8),
        "liver": np.frombuffer(lzma.compress(np.packbits(liver).tobytes()), np.uint8),
    }


def decode_pairs(arrays: dict[str, np.ndarray]) -> PackedPairs:
    """Return the exam that encode_pairs wrote."""
    header = json.loads(arrays["header"].tobytes().decode("ascii"))
    n, protocols, rows, columns = header["shape"]
    hu = np.frombuffer(lzma.decompress(arrays["hu"].tobytes()), np.int16)
    liver = None
    if header["has_liver"]:
        bits = np.frombuffer(lzma.decompress(arrays["liver"].tobytes()), np.uint8)
        liver = np.unpackbits(bits, count=n * rows * columns).astype(bool).reshape(n, rows, columns)
    return PackedPairs(
        header["name"],
        tuple(header["protocols"]),
        hu.reshape(n, protocols, rows, columns).copy(),
        liver,
        header["pixel_mm"],
        header["split"],
    )
