"""Where an image lies in the patient, and reading it along the patient's axes.

Patient axes are LPS: x grows to the left, y to the back, z to the head. Arrays are (z, y, x).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

OFF_AXIS_LIMIT_DEGREES = 1.0
Triple = tuple[float, float, float]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Lattice:
    """The voxel grid of a SimpleITK image: index axes (i, j, k), lengths in mm, points in LPS."""

    size: Shape
    spacing: Triple
    origin: Triple
    direction: tuple[float, ...]

    @classmethod
    def of(cls, image: sitk.Image) -> Lattice:
        """The grid of a 3-D image."""
        return cls(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())

    @property
    def directions(self) -> np.ndarray:
        """(3, 3): column i is the unit vector, in LPS, along index axis i."""
        return np.asarray(self.direction, float).reshape(3, 3)

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel in mL; right for sheared grids too."""
        return float(np.prod(self.spacing) * abs(np.linalg.det(self.directions)) / 1000.0)

    def point(self, index: np.ndarray) -> np.ndarray:
        """Points (..., 3) in LPS mm of continuous indices (..., 3) given as (i, j, k)."""
        return np.asarray(self.origin) + (np.asarray(index) * self.spacing) @ self.directions.T

    def apply_to(self, image: sitk.Image) -> sitk.Image:
        """Give `image`, which has this grid's size, its place in the patient; returns the same image."""
        image.SetSpacing(self.spacing)
        image.SetOrigin(self.origin)
        image.SetDirection(self.direction)
        return image

    def part(self, start: Shape, size: Shape) -> Lattice:
        """The grid of a box of this one: `start` and `size` as (i, j, k)."""
        origin = self.point(np.asarray(start, float))
        return Lattice(size, self.spacing, _triple(origin), self.direction)


@dataclass(frozen=True)
class PatientGrid:
    """A grid parallel to the patient's axes on which an image is read.

    `shape` and `spacing_mm` are (z, y, x); `origin_lps` is the centre of voxel (0, 0, 0) as (x, y, z). For
    an image whose axes lie within 1 degree of the patient's, `axes` are the array axes (of the (k, j, i)
    array) that run along z, y, x and `flips` says which run backwards; the voxels are the image's own.
    Otherwise `axes` is None and the grid is a new one around the image.
    """

    shape: Shape
    spacing_mm: Triple
    origin_lps: Triple
    axes: Shape | None = None
    flips: tuple[bool, bool, bool] = (False, False, False)

    @property
    def is_oblique(self) -> bool:
        """Whether the image has to be interpolated onto this grid."""
        return self.axes is None

    def view(self, array: np.ndarray) -> np.ndarray:
        """The native array (k, j, i) seen along the patient's axes (z, y, x), without a copy."""
        if self.axes is None:
            raise ValueError("an oblique grid shares no voxels with its image")
        steps = tuple(slice(None, None, -1 if flip else 1) for flip in self.flips)
        return array.transpose(self.axes)[steps]

    def native_box(self, box: tuple[slice, slice, slice]) -> tuple[slice, slice, slice]:
        """A box on this grid (slices for z, y, x) as slices of the native array (k, j, i)."""
        if self.axes is None:
            raise ValueError("an oblique grid shares no voxels with its image")
        native = [slice(0)] * 3
        for part, axis, flip, length in zip(box, self.axes, self.flips, self.shape):
            native[axis] = slice(length - part.stop, length - part.start) if flip else part
        return native[0], native[1], native[2]


def patient_grid(lattice: Lattice, target_spacing_mm: Triple) -> PatientGrid:
    """The grid along the patient's axes on which to read an image.

    An image up to 1 degree off the axes is taken as it is. For one further off, a grid around it: fine enough
    to keep what the image resolves along each patient axis, not coarser than `target_spacing_mm` (z, y, x).
    """
    if off_axis_degrees(lattice) > OFF_AXIS_LIMIT_DEGREES:
        return _grid_around(lattice, target_spacing_mm)
    return nearest_grid(lattice)


def nearest_grid(lattice: Lattice) -> PatientGrid:
    """An image's own voxels, with its axes in the order and direction that come closest to the patient's."""
    order = _axis_order(lattice.directions)
    flips = lattice.directions[[0, 1, 2], order] < 0
    to_middle = (np.asarray(lattice.size) - 1) / 2
    origin = (
        lattice.point(to_middle) - (to_middle * lattice.spacing)[order]
    )  # of a slight turn, keep the middle
    x, y, z = order
    return PatientGrid(
        shape=(lattice.size[z], lattice.size[y], lattice.size[x]),
        spacing_mm=(lattice.spacing[z], lattice.spacing[y], lattice.spacing[x]),
        origin_lps=_triple(origin),
        axes=(2 - z, 2 - y, 2 - x),
        flips=(bool(flips[2]), bool(flips[1]), bool(flips[0])),
    )


def off_axis_degrees(lattice: Lattice) -> float:
    """The largest angle between an index axis and the patient's axis that it runs closest to."""
    along = lattice.directions[[0, 1, 2], _axis_order(lattice.directions)]
    return math.degrees(math.acos(min(1.0, float(np.abs(along).min()))))


class PatientVolume:
    """Reads an image along the patient's axes in float32, piece by piece, in bounded memory.

    Values that are not finite, and places outside an oblique image, read as `fill`; then `offset` is added
    and the result clamped to `limits`.
    """

    def __init__(
        self, image: sitk.Image, grid: PatientGrid, *, fill: float, offset: float, limits: tuple[float, float]
    ) -> None:
        self.grid = grid
        self._image = image
        self._fill = fill
        self._offset = offset
        self._limits = limits
        self._view = None if grid.is_oblique else grid.view(sitk.GetArrayViewFromImage(image))
        self._may_hold_nan = "float" in image.GetPixelIDTypeAsString()

    def read(self, box: tuple[slice, slice, slice]) -> np.ndarray:
        """Float32 (z, y, x), C-contiguous, of a box (slices with start and stop) of the grid."""
        if self._view is not None:
            return self._clean(np.array(self._view[box], np.float32, order="C"))
        return self._interpolated(
            [part.start for part in box], [part.stop - part.start for part in box], (1, 1, 1)
        )

    def sample(self, steps: Shape) -> np.ndarray:
        """Float32 (z, y, x) of every `steps`-th voxel of the grid, from voxel (0, 0, 0) on."""
        if self._view is not None:
            return self._clean(
                np.array(self._view[:: steps[0], :: steps[1], :: steps[2]], np.float32, order="C")
            )
        counts = [-(-length // step) for length, step in zip(self.grid.shape, steps)]
        return self._interpolated([0, 0, 0], counts, steps)

    def _interpolated(self, start: Sequence[int], count: Sequence[int], steps: Shape) -> np.ndarray:
        """Linear interpolation of an oblique image on part of the grid; arguments are (z, y, x)."""
        spacing = np.asarray(self.grid.spacing_mm)
        first = np.asarray(self.grid.origin_lps) + (np.asarray(start) * spacing)[::-1]
        resampler = sitk.ResampleImageFilter()
        resampler.SetSize([int(n) for n in reversed(list(count))])
        resampler.SetOutputSpacing((spacing * steps)[::-1].tolist())
        resampler.SetOutputOrigin(first.tolist())
        resampler.SetOutputDirection(np.eye(3).ravel().tolist())
        resampler.SetInterpolator(sitk.sitkLinear)
        resampler.SetDefaultPixelValue(self._fill)
        resampler.SetOutputPixelType(sitk.sitkFloat32)
        return self._clean(sitk.GetArrayFromImage(resampler.Execute(self._image)))

    def _clean(self, values: np.ndarray) -> np.ndarray:
        if self._may_hold_nan:
            values[~np.isfinite(values)] = self._fill
        if self._offset:
            values += self._offset
        return np.clip(values, *self._limits, out=values)


def _axis_order(directions: np.ndarray) -> np.ndarray:
    """For x, y, z the index axis that runs closest along it, each used once."""
    orders = (list(order) for order in itertools.permutations(range(3)))
    return np.array(max(orders, key=lambda order: float(np.abs(directions[[0, 1, 2], order]).sum())))


def _grid_around(lattice: Lattice, target_spacing_mm: Triple) -> PatientGrid:
    """An axis-parallel grid whose voxels cover the whole of an oblique image."""
    corners = np.array(list(itertools.product(*((-0.5, size - 0.5) for size in lattice.size))))
    points = lattice.point(corners)
    low, high = points.min(axis=0), points.max(axis=0)
    resolved = 1.0 / (np.abs(lattice.directions) / np.asarray(lattice.spacing)).max(axis=1)
    spacing = np.minimum(resolved, np.asarray(target_spacing_mm)[::-1])
    count = np.maximum(1, np.ceil((high - low) / spacing - 1e-6)).astype(int)
    return PatientGrid(
        shape=(int(count[2]), int(count[1]), int(count[0])),
        spacing_mm=_triple(spacing[::-1]),
        origin_lps=_triple(low + spacing / 2),
    )


def _triple(values: np.ndarray) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])
