"""Separable resampling of volumes by banded matrices, in both directions.

A volume is never held as a float copy: slabs of slices are read, resampled in the plane and added into the
output along z. Training builds its data with the same functions, so that a network sees one arithmetic.
Arrays are (z, y, x). Positions along an axis are in mm from the outer edge of the first input voxel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Callable

import numpy as np

from LiverCoreLib.stages import Progress

if TYPE_CHECKING:
    import torch

ReadSlab = Callable[[int, int], np.ndarray]

SLAB_VOXELS = 4_000_000  # 16 MB of float32: large enough for BLAS, small beside the image itself
ROWS_PER_BAND = 32  # fewer rows skip more of a matrix's zeros, more rows make better matrix products
KERNEL_REACH_SIGMAS = 4.0


def smoothing_sigma_mm(spacing_in: float, spacing_out: float) -> float:
    """Standard deviation (mm) of the Gaussian that makes samples at `spacing_in` fit for `spacing_out`.

    0.5 sqrt((out / in)^2 - 1) in input voxels: the width a voxel twice as large has in excess of its own; 0
    when sampling gets finer.
    """
    return 0.5 * math.sqrt(max(0.0, (spacing_out / spacing_in) ** 2 - 1.0)) * spacing_in


def output_count(n_in: int, spacing_in: float, spacing_out: float) -> int:
    """How many voxels of `spacing_out` cover `n_in` voxels of `spacing_in` (at least 1)."""
    return max(1, math.ceil(n_in * spacing_in / spacing_out - 1e-6))


def axis_matrix(
    n_in: int,
    spacing_in: float,
    n_out: int,
    spacing_out: float,
    offset: float = 0.0,
    *,
    antialias: bool = True,
) -> np.ndarray:
    """Weights (n_out, n_in), float32, that resample one axis; every row sums to 1.

    Output voxel i has its centre at offset + (i + 0.5) * spacing_out mm from the outer edge of input voxel
    0. Its value is the linear interpolation of the input, smoothed first by `smoothing_sigma_mm` when
    `antialias`. Beyond its ends the input goes on with its outermost voxel.
    """
    positions = (offset + (np.arange(n_out) + 0.5) * spacing_out) / spacing_in - 0.5
    left = np.floor(positions).astype(np.int64)
    fraction = positions - left
    sigma = smoothing_sigma_mm(spacing_in, spacing_out) / spacing_in if antialias else 0.0
    reach = math.ceil(KERNEL_REACH_SIGMAS * sigma)
    taps = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (taps / sigma) ** 2) if sigma > 0 else np.ones(1)
    kernel /= kernel.sum()
    matrix = np.zeros((n_out, n_in))
    rows = np.broadcast_to(np.arange(n_out)[:, None], (n_out, len(taps)))
    for neighbour, weight in ((left, 1.0 - fraction), (left + 1, fraction)):
        columns = np.clip(neighbour[:, None] + taps, 0, n_in - 1)
        np.add.at(matrix, (rows, columns), weight[:, None] * kernel)
    return matrix.astype(np.float32)


def resample_slabs(
    read_slab: ReadSlab,
    matrices: Sequence[np.ndarray],
    progress: Progress = None,
    message: str = "resampling",
) -> np.ndarray:
    """Resample a volume that is read slab by slab; gives float32 (z, y, x).

    `read_slab(z0, z1)` returns float32 (z1 - z0, y, x); `matrices` are those of `axis_matrix` for z, y, x.
    """
    along_z = matrices[0]
    in_plane = InPlane(matrices[1], matrices[2])
    output = np.zeros((along_z.shape[0], matrices[1].shape[0], matrices[2].shape[0]), np.float32)
    slices = along_z.shape[1]
    for start, stop in slab_ranges(slices, matrices[1].shape[1] * matrices[2].shape[1]):
        slab = in_plane(read_slab(start, stop))
        used = np.flatnonzero(along_z[:, start:stop].any(axis=1))
        if used.size:
            rows = slice(used[0], used[-1] + 1)
            output[rows] += multiply_first_axis(along_z[rows, start:stop], slab)
        if progress is not None:
            progress(stop / slices, message)
    return output


class InPlane:
    """Resamples slabs (k, y, x) along y and x with the two matrices it was made with."""

    def __init__(self, along_y: np.ndarray, along_x: np.ndarray) -> None:
        self._bands_y = list(_bands(along_y))
        self._bands_x = list(_bands(along_x))
        self._shape = (along_y.shape[0], along_x.shape[0])

    def __call__(self, slab: np.ndarray) -> np.ndarray:
        """Resample float32 (k, y, x) to float32 (k, y', x')."""
        import torch

        values = torch.from_numpy(slab)
        rows, columns = self._shape
        narrow = torch.empty((slab.shape[0], slab.shape[1], columns))
        for outputs, inputs, weights in self._bands_x:
            narrow[:, :, outputs] = values[:, :, inputs] @ weights.T
        result = torch.empty((slab.shape[0], rows, columns))
        for outputs, inputs, weights in self._bands_y:
            result[:, outputs] = weights @ narrow[:, inputs]
        return result.numpy()


def multiply_first_axis(matrix: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Apply `matrix` (m, z) along the first axis of `volume` (z, y, x); gives float32 (m, y, x)."""
    import torch

    flat = torch.from_numpy(np.ascontiguousarray(volume)).reshape(volume.shape[0], -1)
    product = torch.from_numpy(np.ascontiguousarray(matrix)) @ flat
    return product.numpy().reshape((matrix.shape[0],) + volume.shape[1:])


def slab_ranges(slices: int, voxels_per_slice: int) -> Iterator[tuple[int, int]]:
    """(first, last + 1) of successive slabs of at most SLAB_VOXELS voxels (at least one slice each)."""
    step = max(1, SLAB_VOXELS // max(1, voxels_per_slice))
    for start in range(0, slices, step):
        yield start, min(slices, start + step)


def _bands(matrix: np.ndarray) -> Iterator[tuple[slice, slice, torch.Tensor]]:
    """Groups of rows of a banded matrix with the only columns they use: (rows, columns, weights)."""
    import torch

    for start in range(0, matrix.shape[0], ROWS_PER_BAND):
        rows = slice(start, min(matrix.shape[0], start + ROWS_PER_BAND))
        used = np.flatnonzero(matrix[rows].any(axis=0))
        columns = slice(int(used[0]), int(used[-1]) + 1)
        yield rows, columns, torch.from_numpy(np.ascontiguousarray(matrix[rows, columns]))
