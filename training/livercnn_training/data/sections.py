"""One compact file of material sections, from which scans of all protocols are made while training runs.

A pack of sections is a .npz like a pack of cases (pack.py): for each source (a phantom, a CT) its sections as
maps of water, calcium and iodine (float16, n, 3, y, x; order and units of the simulation's MATERIALS), the
liver as packed bits, both LZMA-compressed. Reading needs the standard library and numpy alone.
"""

from __future__ import annotations

import json
import lzma
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livercnn_training.data import pairs
from livercnn_training.data.cases import DataError
from livercnn_training.data.pack import read_encoded

_KEYS = ("header", "maps", "liver")


@dataclass(frozen=True)
class PackedSections:
    """Sections of one body. maps: float16 (n, 3, y, x), square. liver: bool (n, y, x).

    name: data set and number, such as ``phantom/00012``. pixel_mm: of the maps. slice_mm: thickness of a
    section. split: ``train``, or ``validation``, which is not trained on. blurred: by a scanner already, as
    sections of a CT are.
    """

    name: str
    maps: np.ndarray
    liver: np.ndarray
    pixel_mm: float
    slice_mm: float
    split: str
    blurred: bool = False

    @property
    def data_set(self) -> str:
        """The first part of the name."""
        return self.name.split("/")[0]


def encode_sections(sections: PackedSections) -> dict[str, np.ndarray]:
    """Return the arrays that hold one body's sections in a pack."""
    header = {
        "name": sections.name,
        "shape": sections.maps.shape,
        "pixel_mm": sections.pixel_mm,
        "slice_mm": sections.slice_mm,
        "split": sections.split,
        "blurred": sections.blurred,
    }
    # Material by material: what stands side by side is alike.
    maps = np.ascontiguousarray(sections.maps.swapaxes(0, 1), np.float16)
    return {
        "header": np.frombuffer(json.dumps(header).encode("ascii"), np.uint8),
        "maps": np.frombuffer(lzma.compress(maps.tobytes()), np.uint8),
        "liver": np.frombuffer(lzma.compress(np.packbits(sections.liver).tobytes()), np.uint8),
    }


def decode_sections(arrays: dict[str, np.ndarray]) -> PackedSections:
    """Return the sections that encode_sections wrote."""
    header = json.loads(arrays["header"].tobytes().decode("ascii"))
    n, materials, rows, columns = header["shape"]
    maps = np.frombuffer(lzma.decompress(arrays["maps"].tobytes()), np.float16)
    bits = np.frombuffer(lzma.decompress(arrays["liver"].tobytes()), np.uint8)
    liver = np.unpackbits(bits, count=n * rows * columns).astype(bool).reshape(n, rows, columns)
    return PackedSections(
        header["name"],
        maps.reshape(materials, n, rows, columns).swapaxes(0, 1).copy(),
        liver,
        header["pixel_mm"],
        header["slice_mm"],
        header["split"],
        header.get("blurred", False),  # packs of phantoms alone were written without
    )


def open_sections(path: Path) -> tuple[list[Any], dict[str, Any]]:
    """Return what a pack for the standardizer holds, and its description.

    PackedSections, or PackedPairs for a pack of one's own reconstructions. Raises DataError for a file that
    is no such pack.
    """
    try:
        _, about = read_encoded(path, ())
        if about.get("kind") == pairs.KIND:
            return [pairs.decode_pairs(arrays) for arrays in read_encoded(path, pairs.KEYS)[0]], about
        return [decode_sections(arrays) for arrays in read_encoded(path, _KEYS)[0]], about
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise DataError(
            f"'{path}' is not a pack of sections ({error}); make one with 'livercnn pack-sections' or "
            "'livercnn pack-pairs'."
        ) from error


def of_split(packed: Sequence[Any], split: str) -> list[Any]:
    """Return the bodies, or exams, of one split. Raises DataError where there are none."""
    chosen = [one for one in packed if one.split == split]
    if not chosen:
        raise DataError(f"The pack holds none of the split '{split}'; make another one.")
    return chosen
