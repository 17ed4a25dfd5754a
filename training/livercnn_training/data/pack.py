"""One compact file of training cases for a machine that has torch and numpy and nothing else.

A pack is a .npz (numpy, never pickle): for each case the image at its native resolution, in LPS order
(z, y, x), cropped to the body in-plane, its HU quantized to a table of levels and LZMA-compressed, and
the liver as packed bits. Quantization steps are 10 HU where soft tissue lies and 20 elsewhere: far below
the noise, and three times smaller. Reading needs the standard library and numpy alone.
"""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

# Upper edges of the quantization bins, HU; a bin is restored as its centre, the outer ones as their edge.
LEVEL_EDGES_HU = np.array(
    [-160, -140, -120, -100, -80, -60, -40] + list(range(-20, 200, 10)) + [200, 220, 240, 260, 280],
    dtype=np.float32,
)
_LZMA = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 4, "lp": 0, "pb": 0}]


@dataclass(frozen=True)
class PackedCase:
    """A case as the trainers hold it in memory.

    ``levels``: uint8 (z, y, x), see level_values; ``liver``: bool, same shape; LPS order; ``spacing_mm`` in
    the same order.
    ``clip_hu``: the lowest and highest HU of the source, which may be clipped.
    """

    name: str
    levels: np.ndarray
    liver: np.ndarray
    spacing_mm: tuple[float, float, float]
    clip_hu: tuple[float, float]

    @property
    def scan(self) -> str:
        """The scan that it is, or is a simulated copy of (``SCAN/PROTOCOL``): the name's first two parts."""
        return "/".join(self.name.split("/")[:2])

    @property
    def is_copy(self) -> bool:
        """Whether it is a simulated copy."""
        return self.name != self.scan


def without_held_out(
    cases: Sequence[PackedCase], scans: Sequence[str]
) -> tuple[list[PackedCase], list[PackedCase]]:
    """Return the cases to train on and those held out: the scans named, with their simulated copies."""
    trained = [case for case in cases if case.scan not in scans]
    return trained, [case for case in cases if case.scan in scans]


def level_values() -> np.ndarray:
    """Return the HU (float32) that each quantization level stands for."""
    centres = (LEVEL_EDGES_HU[:-1] + LEVEL_EDGES_HU[1:]) / 2
    low, high = LEVEL_EDGES_HU[0] - 10, LEVEL_EDGES_HU[-1] + 10
    return np.concatenate([[low], centres, [high]]).astype(np.float32)


def quantize(hu: np.ndarray) -> np.ndarray:
    """Return each voxel's quantization level (uint8)."""
    return np.digitize(hu, LEVEL_EDGES_HU).astype(np.uint8)


def encode_case(case: PackedCase) -> dict[str, np.ndarray]:
    """Return the arrays that hold one case in a pack."""
    header = {
        "name": case.name,
        "shape": case.levels.shape,
        "spacing_mm": case.spacing_mm,
        "clip_hu": case.clip_hu,
    }
    image = lzma.compress(case.levels.tobytes(), format=lzma.FORMAT_XZ, filters=_LZMA)
    liver = lzma.compress(np.packbits(case.liver).tobytes())
    return {
        "header": np.frombuffer(json.dumps(header).encode("ascii"), np.uint8),
        "image": np.frombuffer(image, np.uint8),
        "liver": np.frombuffer(liver, np.uint8),
    }


def decode_case(arrays: dict[str, np.ndarray]) -> PackedCase:
    """Return the case that encode_case wrote."""
    header = json.loads(arrays["header"].tobytes().decode("ascii"))
    shape = tuple(header["shape"])
    levels = np.frombuffer(lzma.decompress(arrays["image"].tobytes()), np.uint8).reshape(shape)
    bits = np.frombuffer(lzma.decompress(arrays["liver"].tobytes()), np.uint8)
    liver = np.unpackbits(bits, count=int(np.prod(shape))).astype(bool).reshape(shape)
    return PackedCase(header["name"], levels, liver, tuple(header["spacing_mm"]), tuple(header["clip_hu"]))


def write_pack(path: Path, encoded: list[dict[str, np.ndarray]], about: dict[str, Any]) -> None:
    """Write encoded cases and a JSON description (sources, settings) as one file."""
    arrays = {
        f"{number:04d}.{key}": value for number, case in enumerate(encoded) for key, value in case.items()
    }
    arrays["about"] = np.frombuffer(json.dumps(about).encode("ascii"), np.uint8)
    with open(path, "wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]


def read_encoded(path: Path, keys: tuple[str, ...]) -> tuple[list[dict[str, np.ndarray]], dict[str, Any]]:
    """Return the arrays of each case in a pack, still encoded, and the pack's description."""
    # Opened here: np.load leaves a file open that it cannot read.
    with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as pack:
        about = json.loads(pack["about"].tobytes().decode("ascii"))
        numbers = sorted({key.split(".")[0] for key in pack.files if "." in key})
        return [{key: pack[f"{number}.{key}"] for key in keys} for number in numbers], about


def read_pack(path: Path, workers: int = 1) -> tuple[list[PackedCase], dict[str, Any]]:
    """Return the cases of a pack and its description."""
    from concurrent.futures import ThreadPoolExecutor

    encoded, about = read_encoded(path, ("header", "image", "liver"))
    with ThreadPoolExecutor(workers) as pool:  # lzma lets go of the interpreter lock
        return list(pool.map(decode_case, encoded)), about


def open_pack(path: Path) -> tuple[list[PackedCase], dict[str, Any]]:
    """read_pack with a plain DataError for a file that is missing or no pack."""
    import zipfile

    from livercnn_training.data.cases import DataError

    try:
        return read_pack(path, workers=os.cpu_count() or 1)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise DataError(
            f"'{path}' is not a pack of cases ({error}); make one with 'livercnn pack'."
        ) from error
