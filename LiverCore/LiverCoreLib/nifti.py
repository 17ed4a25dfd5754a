"""What a NIfTI header says of position and size, and whether ITK's reading of it can be trusted.

NIfTI stores the position twice (qform and sform) and the voxel size up to three times. ITK, and so
3D Slicer, picks one without a word; a mask must lie where Slicer shows the scan, so ITK's choice is
kept and every contradiction is reported. Source: nifti1.h and nifti2.h, https://nifti.nimh.nih.gov.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .image_checks import UnsupportedImage

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_MM_PER_UNIT = {1: 1000.0, 3: 0.001}  # xyzt_units: 1 metre, 2 mm, 3 micron; anything else counts as mm
_FLOAT_TYPES = {16: "f4", 64: "f8"}
_MAX_SIZE_DISAGREEMENT = 0.01
_MAX_SHIFT_VOXELS = 0.5
_PERMISSIVE_VARIABLE = "ITK_NIFTI_SFORM_PERMISSIVE"


@dataclass(frozen=True)
class NiftiHeader:
    """The fields of a NIfTI-1 or NIfTI-2 header that decide size and position.

    Attributes:
        size: Voxels along each stored axis; trailing axes of length 1 are left out beyond the third.
        spacing_mm: Voxel size of the first three axes (pixdim), mm.
        data_offset: Where the voxels start in the (unpacked) file, bytes.
        data_bytes: How many bytes of voxels there must be.
        float_type: numpy's name of the stored type, with its byte order; None for integers and others.
        qform_code, sform_code: 0 means that this form is absent.
        qform_lps, sform_lps: 4 x 4 matrices from voxel index to patient position (LPS, mm), or None.
    """

    size: tuple[int, ...]
    spacing_mm: tuple[float, float, float]
    data_offset: int
    data_bytes: int
    float_type: str | None
    qform_code: int
    sform_code: int
    qform_lps: np.ndarray | None
    sform_lps: np.ndarray | None


def read_nifti_header(path: Path) -> NiftiHeader:
    """Read and check the header of a .nii or .nii.gz file.

    Raises:
        UnsupportedImage: ``unreadable-image`` if the file is not NIfTI, whatever its name;
            ``damaged-file`` if it cannot be unpacked.
        OSError: If the file cannot be read.
    """
    block = _first_bytes(path, 540)
    for endian in "<>":
        if (
            len(block) >= 348
            and struct.unpack_from(endian + "i", block)[0] == 348
            and block[344:347] == b"n+1"
        ):
            return _parse_nifti1(block, endian)
        if len(block) >= 540 and struct.unpack_from(endian + "i", block)[0] == 540 and block[4:7] == b"n+2":
            return _parse_nifti2(block, endian)
    raise UnsupportedImage(
        f"{path} is not a NIfTI image, although its name says so; the file is damaged or of another kind.",
        id="unreadable-image",
        path=str(path),
    )


def shear_in_voxels(header: NiftiHeader) -> float:
    """How far, in voxels, a corner moves when the sform is replaced by the nearest right-angled grid.

    0 for a rectangular grid; infinite where the sform holds no volume at all.
    """
    if header.sform_lps is None:
        return 0.0
    axes = header.sform_lps[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not np.isfinite(axes).all() or (lengths == 0).any():
        return float("inf")
    left, _, right = np.linalg.svd(axes / lengths)
    difference = (left @ right) * lengths - axes
    extent = np.asarray(header.size[:3], dtype=float) - 1
    return float(np.abs(difference * extent).sum(axis=1).max() / lengths.min())


@contextlib.contextmanager
def permissive_sform() -> Iterator[None]:
    """Let ITK replace a slightly sheared sform by the nearest right-angled grid, for the body only.

    ITK offers this by an environment variable alone. Use it inside ``quiet_itk``, whose lock keeps
    other threads from reading at the same time, and only where :func:`shear_in_voxels` is small.
    """
    before = os.environ.get(_PERMISSIVE_VARIABLE)
    os.environ[_PERMISSIVE_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_PERMISSIVE_VARIABLE]
        else:
            os.environ[_PERMISSIVE_VARIABLE] = before


def geometry_warnings(header: NiftiHeader, voxel_to_lps: np.ndarray, name: str) -> list[str]:
    """Compare ITK's grid with the header.

    Args:
        header: The header as stored.
        voxel_to_lps: The 4 x 4 matrix ITK made of it.
        name: How to call the file in messages.

    Returns:
        Plain warnings; empty if the header is unambiguous.

    Raises:
        UnsupportedImage: ``contradictory-spacing`` if the header gives two voxel sizes, since every
            volume in mL would depend on which is right.
    """
    if header.qform_code <= 0 and header.sform_code <= 0:
        return [
            f"{name} states no orientation (qform and sform codes are 0): left, right, front and back are "
            "assumed, check them before using the result."
        ]
    if header.sform_lps is None:
        return []
    used_mm = np.linalg.norm(voxel_to_lps[:3, :3], axis=0)
    sform_mm = np.linalg.norm(header.sform_lps[:3, :3], axis=0)
    if np.isfinite(sform_mm).all() and (np.abs(sform_mm - used_mm) > _MAX_SIZE_DISAGREEMENT * used_mm).any():
        raise UnsupportedImage(
            f"{name} gives two voxel sizes: {_mm(used_mm)} mm (pixdim) and {_mm(sform_mm)} mm (sform); "
            "convert it "
            "again from the original DICOM.",
            id="contradictory-spacing",
            pixdim_mm=tuple(used_mm),
            sform_mm=tuple(sform_mm),
        )
    if header.qform_lps is None:
        return []
    between_forms = _largest_shift_voxels(header.qform_lps, header.sform_lps, header)
    if between_forms < _MAX_SHIFT_VOXELS:
        return []
    from_sform = _largest_shift_voxels(voxel_to_lps, header.sform_lps, header)
    used = "sform" if from_sform < _MAX_SHIFT_VOXELS else "qform"
    return [
        f"{name} gives two positions: qform and sform differ by up to {between_forms:.1f} voxels; the {used} "
        "is used, "
        "as in 3D Slicer."
    ]


def _largest_shift_voxels(one: np.ndarray, other: np.ndarray, header: NiftiHeader) -> float:
    """The largest distance between the corners of two grids, in units of the smallest voxel side."""
    last = np.asarray(header.size[:3]) - 1
    corners = np.array(
        [[x, y, z, 1] for x in (0, last[0]) for y in (0, last[1]) for z in (0, last[2])], float
    )
    moved_mm = np.linalg.norm((corners @ (one - other).T)[:, :3], axis=1).max()
    return float(moved_mm / np.linalg.norm(one[:3, :3], axis=0).min())


def _first_bytes(path: Path, count: int) -> bytes:
    with open(path, "rb") as stream:
        start = stream.read(2)
        stream.seek(0)
        if start != b"\x1f\x8b":
            return stream.read(count)
        try:
            with gzip.open(stream) as unpacked:
                return unpacked.read(count)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnsupportedImage(
                f"{path} is damaged or incomplete (its compressed data are wrong); "
                "copy or download it again.",
                id="damaged-file",
                path=str(path),
            ) from error


def _parse_nifti1(block: bytes, endian: str) -> NiftiHeader:
    datatype, bits = struct.unpack_from(endian + "2h", block, 70)
    (offset,) = struct.unpack_from(endian + "f", block, 108)
    return _header(
        dim=struct.unpack_from(endian + "8h", block, 40),
        bits=bits,
        float_type=endian + _FLOAT_TYPES[datatype] if datatype in _FLOAT_TYPES else None,
        pixdim=struct.unpack_from(endian + "8f", block, 76),
        offset=offset,
        codes=struct.unpack_from(endian + "2h", block, 252),
        quaternion=struct.unpack_from(endian + "3f", block, 256),
        shift=struct.unpack_from(endian + "3f", block, 268),
        rows=struct.unpack_from(endian + "12f", block, 280),
        units=block[123],
    )


def _parse_nifti2(block: bytes, endian: str) -> NiftiHeader:
    datatype, bits = struct.unpack_from(endian + "2h", block, 12)
    (offset,) = struct.unpack_from(endian + "q", block, 168)
    (units,) = struct.unpack_from(endian + "i", block, 500)
    return _header(
        dim=struct.unpack_from(endian + "8q", block, 16),
        bits=bits,
        float_type=endian + _FLOAT_TYPES[datatype] if datatype in _FLOAT_TYPES else None,
        pixdim=struct.unpack_from(endian + "8d", block, 104),
        offset=offset,
        codes=struct.unpack_from(endian + "2i", block, 344),
        quaternion=struct.unpack_from(endian + "3d", block, 352),
        shift=struct.unpack_from(endian + "3d", block, 376),
        rows=struct.unpack_from(endian + "12d", block, 400),
        units=units,
    )


def _header(
    *,
    dim: Sequence[int],
    bits: int,
    float_type: str | None,
    pixdim: Sequence[float],
    offset: float,
    codes: Sequence[int],
    quaternion: Sequence[float],
    shift: Sequence[float],
    rows: Sequence[float],
    units: int,
) -> NiftiHeader:
    mm = _MM_PER_UNIT.get(units & 7, 1.0)
    size = [max(int(n), 1) for n in dim[1 : 1 + min(max(dim[0], 1), 7)]]
    while len(size) > 3 and size[-1] == 1:
        size.pop()
    spacing_mm = np.abs(pixdim[1:4]) * mm
    sform = qform = None
    if codes[1] > 0:
        sform = np.vstack([np.reshape(rows, (3, 4)), [0, 0, 0, 1]]).astype(np.float64)
        sform[:3] *= mm
    if codes[0] > 0:
        qform = np.eye(4)
        handedness = -1.0 if pixdim[0] < 0 else 1.0
        qform[:3, :3] = _rotation(*quaternion) * spacing_mm * [1, 1, handedness]
        qform[:3, 3] = np.asarray(shift) * mm
    return NiftiHeader(
        size=tuple(size),
        spacing_mm=tuple(spacing_mm),
        data_offset=int(offset) if np.isfinite(offset) else 0,
        data_bytes=int(np.prod(size, dtype=np.float64)) * bits // 8,
        float_type=float_type,
        qform_code=codes[0],
        sform_code=codes[1],
        qform_lps=None if qform is None else _RAS_TO_LPS @ qform,
        sform_lps=None if sform is None else _RAS_TO_LPS @ sform,
    )


def _rotation(b: float, c: float, d: float) -> np.ndarray:
    """The 3 x 3 rotation of a unit quaternion whose first part is implied (nifti1.h, method 2)."""
    squared = b * b + c * c + d * d
    if squared > 1.0:  # half turns stored in float32 may exceed 1 by rounding
        b, c, d = (value / np.sqrt(squared) for value in (b, c, d))
    a = np.sqrt(max(0.0, 1.0 - squared))
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )


def _mm(values: np.ndarray) -> str:
    return " x ".join(f"{value:.4g}" for value in values)
