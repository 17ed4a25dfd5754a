"""Erosion, dilation and boxes of binary volumes (z, y, x), by ellipsoids given in mm.

An ellipsoid is applied as runs along x shifted along y and z, on whole arrays: a radius of three voxels
over a liver's box takes tenths of a second where a generic structuring element takes many.
"""

from __future__ import annotations

import numpy as np

Triple = tuple[float, float, float]
Box = tuple[slice, slice, slice]


def erode(mask: np.ndarray, radius_mm: float, spacing_mm: Triple) -> np.ndarray:
    """Voxels whose every neighbour within `radius_mm` lies in the mask or outside the array.

    The array's edge does not erode: what is cut off by the volume is not a thin connection.
    """
    result = mask.copy()
    run = mask.copy()
    for reach, shifts in _runs(radius_mm, spacing_mm).items():
        if reach > 0:
            _combine(run, mask, (0, 0, reach), np.logical_and)
            _combine(run, mask, (0, 0, -reach), np.logical_and)
        for shift in shifts:
            _combine(result, run, shift, np.logical_and)
    return result


def dilate(mask: np.ndarray, radius_mm: float, spacing_mm: Triple) -> np.ndarray:
    """Voxels with a mask voxel within `radius_mm`; voxel centres count."""
    result = mask.copy()
    run = mask.copy()
    for reach, shifts in _runs(radius_mm, spacing_mm).items():
        if reach > 0:
            _combine(run, mask, (0, 0, reach), np.logical_or)
            _combine(run, mask, (0, 0, -reach), np.logical_or)
        for shift in shifts:
            _combine(result, run, shift, np.logical_or)
    return result


def bounding_box(mask: np.ndarray, margin: tuple[int, int, int] = (0, 0, 0)) -> Box:
    """The smallest box around a mask that is not empty, widened by `margin` voxels within the array."""
    parts: list[slice] = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        used = np.flatnonzero(mask.any(axis=others))
        low, high = int(used[0]) - margin[axis], int(used[-1]) + 1 + margin[axis]
        parts.append(slice(max(0, low), min(mask.shape[axis], high)))
    return parts[0], parts[1], parts[2]


def reach_voxels(radius_mm: float, spacing_mm: Triple) -> tuple[int, int, int]:
    """How many voxels a radius reaches along z, y, x."""
    z, y, x = (int(radius_mm / spacing + 1e-6) for spacing in spacing_mm)
    return z, y, x


def _runs(radius_mm: float, spacing_mm: Triple) -> dict[int, list[tuple[int, int, int]]]:
    """Half-length of the ellipsoid's runs along x -> (z, y, 0) shifts of the runs that long; all lengths,
    ascending.
    """
    depth, height, width = reach_voxels(radius_mm, spacing_mm)
    runs: dict[int, list[tuple[int, int, int]]] = {reach: [] for reach in range(width + 1)}
    for z in range(-depth, depth + 1):
        for y in range(-height, height + 1):
            rest = radius_mm**2 - (z * spacing_mm[0]) ** 2 - (y * spacing_mm[1]) ** 2
            if rest >= -1e-6:
                runs[int(max(0.0, rest) ** 0.5 / spacing_mm[2] + 1e-6)].append((z, y, 0))
    return runs


def _combine(
    target: np.ndarray, source: np.ndarray, shift: tuple[int, int, int], operation: np.ufunc
) -> None:
    """target[p] = operation(target[p], source[p + shift]) wherever p + shift is inside; in place."""
    if any(abs(step) >= length for step, length in zip(shift, target.shape)):
        return
    here = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(shift, target.shape))
    there = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(shift, target.shape))
    operation(target[here], source[there], out=target[here])
