"""Voxels that lie in another program's memory, handed on to a file without a copy of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_NRRD_TYPES = {
    "int8": "int8",
    "uint8": "uint8",
    "int16": "int16",
    "uint16": "uint16",
    "int32": "int32",
    "uint32": "uint32",
    "int64": "int64",
    "uint64": "uint64",
    "float32": "float",
    "float64": "double",
}


@dataclass(frozen=True)
class VoxelView:
    """An image as an array that is only read, and where it is in the patient.

    values: scalars zyx, C-contiguous. axes_mm: the steps from voxel to voxel along x, y and z, in LPS.
    origin_mm: of the first voxel's centre, in LPS.
    """

    values: np.ndarray
    axes_mm: tuple[tuple[float, float, float], ...]
    origin_mm: tuple[float, float, float]

    def write_nrrd(self, path: Path) -> None:
        """Write without compression. Python's lock is let go while the voxels are written: a window lives on.

        Raises OSError.
        """
        header = (
            "NRRD0004",
            f"type: {_NRRD_TYPES[self.values.dtype.name]}",
            "dimension: 3",
            "space: left-posterior-superior",
            "sizes: {} {} {}".format(*reversed(self.values.shape)),
            "space directions: " + " ".join(_vector(axis) for axis in self.axes_mm),
            "kinds: domain domain domain",
            f"endian: {sys.byteorder}",
            "encoding: raw",
            f"space origin: {_vector(self.origin_mm)}",
        )
        with open(path, "wb", buffering=0) as stream:
            stream.write("\n".join([*header, "", ""]).encode("ascii"))
            left = np.ascontiguousarray(self.values).data.cast("B")
            while left:
                left = left[stream.write(left) :]


def _vector(parts: tuple[float, ...]) -> str:
    return "({})".format(",".join(repr(float(part)) for part in parts))
