"""Whether a mask is still the one that a result was made of."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from . import masks
from .masks import MaskCopy, MaskGrid

_SAME_PLACE_MM = 0.01  # a scene's file rounds


def of_copy(copy: MaskCopy) -> dict:
    """The fingerprint of a mask that was taken out of the scene; for a thread."""
    return fingerprint(copy.array(), 1, copy.grid)


def of_segment(node: Any, segment_id: str) -> dict:
    """The fingerprint of a segment as it is now. Raises UnreadableSegment."""
    grid = masks.grid_of_segment(node, segment_id)
    if grid is None:
        return {"voxels": 0}
    return fingerprint(*masks.values_of_segment(node, segment_id, grid), grid)


def of_label(volume: Any, label: int) -> dict:
    """The fingerprint of a label of a labelmap volume. Raises UnreadableSegment."""
    return fingerprint(masks.values_of_label(volume), label, masks.grid_of_label(volume))


def fingerprint(values: np.ndarray, value: int, grid: MaskGrid) -> dict:
    """Voxels (zyx) with a value: how many, a checksum of their box, and where its corners are in mm (LPS).

    Background around the voxels does not matter: Slicer adds and crops it as it likes. It goes as JSON.
    """
    found, shadow = np.zeros((2, *values.shape[1:]), dtype=bool)
    slices = []
    for number, one in enumerate(values):  # slice by slice: none of the memory is new
        np.equal(one, value, out=found)
        if found.any():
            slices.append(number)
            shadow |= found
    if not slices:
        return {"voxels": 0}
    rows, columns = (np.flatnonzero(shadow.any(axis=axis)).tolist() for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
    box = values[slices[0] : slices[-1] + 1, top : bottom + 1, left : right + 1] == value
    return {
        "voxels": int(np.count_nonzero(box)),
        "checksum": zlib.crc32(np.packbits(box).tobytes(), zlib.crc32(repr(box.shape).encode())),
        "from_mm": _place(grid, left, top, slices[0]),
        "to_mm": _place(grid, right, bottom, slices[-1]),
    }


def same_voxels(one: dict, other: dict) -> bool:
    """Whether two fingerprints are of the same voxels, wherever they lie."""
    return all(one.get(key) == other.get(key) for key in ("voxels", "checksum"))


def same(one: dict, other: dict) -> bool:
    """Whether two fingerprints are of the same voxels in the same place."""
    if not same_voxels(one, other):
        return False
    places = [[*each.get("from_mm", ()), *each.get("to_mm", ())] for each in (one, other)]
    return bool(np.allclose(*places, rtol=0, atol=_SAME_PLACE_MM))


def _place(grid: MaskGrid, x: int, y: int, z: int) -> list:
    place = grid.origin + grid.direction @ (grid.spacing_mm * (x, y, z))
    return [round(float(each), 3) for each in place]
