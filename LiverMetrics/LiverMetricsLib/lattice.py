"""Grids in patient space: which voxels of two images are the same place.

Two images lie on the same lattice when every voxel centre of one falls on a voxel centre of the
other (extended beyond its edges), whatever the order and direction of their axes and wherever they
were cropped. Masks on one lattice are compared exactly, by integer re-indexing; others are not.

Index triples and arrays here are in numpy order (z, y, x); positions are LPS millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import SimpleITK as sitk

TOLERANCE_VOXELS = 1e-3

Index = tuple[int, int, int]


@dataclass(frozen=True)
class Grid:
    """Voxel centres of an image: position = origin_lps + steps_mm @ (z, y, x).

    Attributes:
        shape: Number of voxels along (z, y, x).
        origin_lps: Centre of voxel (0, 0, 0), mm.
        steps_mm: 3 x 3; column i is the step along array axis i, mm.
    """

    shape: Index
    origin_lps: np.ndarray
    steps_mm: np.ndarray

    @classmethod
    def of(cls, image: sitk.Image) -> Grid:
        direction = np.array(image.GetDirection()).reshape(3, 3)
        steps = direction * np.array(image.GetSpacing())
        columns, rows, slices = image.GetSize()
        return cls((slices, rows, columns), np.array(image.GetOrigin()), steps[:, ::-1])

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel, mL."""
        return abs(float(np.linalg.det(self.steps_mm))) / 1000.0

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Lengths of the steps along (z, y, x), mm."""
        z, y, x = np.linalg.norm(self.steps_mm, axis=0)
        return float(z), float(y), float(x)

    def position_lps(self, index: np.ndarray) -> tuple[float, float, float]:
        """LPS position in mm of a (continuous) index (z, y, x); it may lie outside the image."""
        left, posterior, superior = self.origin_lps + self.steps_mm @ np.asarray(index, dtype=float)
        return float(left), float(posterior), float(superior)

    def corners(self) -> np.ndarray:
        """Indices of the eight corner voxels, 8 x 3."""
        return np.array(list(product(*[(0, n - 1) for n in self.shape])), dtype=float)

    def metric_steps(self) -> np.ndarray:
        """3 x 3 matrix M with ``|index @ M|`` the length of an index vector in mm.

        For perpendicular axes it is the diagonal of the spacing, so that distances do not depend on
        how the patient lay; for sheared axes it is the Cholesky factor of the Gram matrix.
        """
        gram = self.steps_mm.T @ self.steps_mm
        lengths = np.sqrt(np.diag(gram))
        cosines = gram / np.outer(lengths, lengths) - np.eye(3)
        if np.abs(cosines).max() < 1e-6:
            return np.diag(lengths)
        return np.linalg.cholesky(gram)


@dataclass(frozen=True)
class IndexMap:
    """Exact way from one grid to another of the same lattice.

    ``target[i] = signs[i] * source[axes[i]] + offsets[i]``
    """

    axes: Index
    signs: Index
    offsets: Index

    @property
    def is_identity(self) -> bool:
        return self.axes == (0, 1, 2) and self.signs == (1, 1, 1) and self.offsets == (0, 0, 0)

    def move(self, indices: np.ndarray) -> np.ndarray:
        """Target indices of source indices, n x 3."""
        return indices[:, self.axes] * np.array(self.signs) + np.array(self.offsets)

    def orient(self, voxels: np.ndarray) -> tuple[np.ndarray, Index]:
        """View of an array with the target's axes, and the target index of its first voxel."""
        oriented = voxels.transpose(self.axes)
        oriented = oriented[tuple(slice(None, None, sign) for sign in self.signs)]
        start = [
            offset if sign > 0 else offset - (length - 1)
            for offset, sign, length in zip(self.offsets, self.signs, oriented.shape)
        ]
        return oriented, (start[0], start[1], start[2])


def find_index_map(source: Grid, target: Grid) -> IndexMap | None:
    """The map from ``source`` to ``target`` indices, or None where they are on different lattices.

    The same lattice means that no corner of either grid is more than ``TOLERANCE_VOXELS`` off
    a voxel centre of the other.
    """
    matrix = np.linalg.solve(target.steps_mm, source.steps_mm)
    shift = np.linalg.solve(target.steps_mm, source.origin_lps - target.origin_lps)
    rounded = np.rint(matrix)
    is_signed_permutation = np.array_equal(np.abs(rounded) @ np.ones(3), np.ones(3)) and np.array_equal(
        np.ones(3) @ np.abs(rounded), np.ones(3)
    )
    if not is_signed_permutation:
        return None
    offsets = np.rint(shift)
    inverse = rounded.T
    places = np.vstack([source.corners(), (target.corners() - offsets) @ inverse.T])
    error = places @ (matrix - rounded).T + (shift - offsets)
    if np.abs(error).max() > TOLERANCE_VOXELS:
        return None
    axes = np.abs(rounded).argmax(axis=1)
    signs = rounded[np.arange(3), axes]
    return IndexMap(_index(axes), _index(signs), _index(offsets))


def grids_overlap(source: Grid, target: Grid) -> bool:
    """Whether the boxes of two grids, taken along the axes of ``target``, have a voxel in common."""
    corners = source.corners() @ source.steps_mm.T + (source.origin_lps - target.origin_lps)
    indices = np.linalg.solve(target.steps_mm, corners.T)
    last = np.array(target.shape) - 1
    return bool(np.all(indices.max(axis=1) > -0.5) and np.all(indices.min(axis=1) < last + 0.5))


def describe_difference(reference: Grid, test: Grid) -> str:
    """What keeps two grids from being one lattice, in plain words with the values found."""
    matrix = np.linalg.solve(reference.steps_mm, test.steps_mm)
    turn = _largest_turn_degrees(matrix, reference, test)
    if turn > 0.05:
        return f"its axes are turned by {turn:.2f} degrees"
    axes = np.abs(matrix).argmax(axis=0)
    reference_spacing = np.array(reference.spacing_mm)[axes]
    test_spacing = np.array(test.spacing_mm)
    if np.abs(reference_spacing - test_spacing).max() > 1e-6 * test_spacing.max():
        return f"its spacing is {_as_xyz(test.spacing_mm)} mm instead of {_as_xyz(reference.spacing_mm)} mm"
    shift = np.linalg.solve(reference.steps_mm, test.origin_lps - reference.origin_lps)
    fraction = shift - np.rint(shift)
    return f"its voxel centres are shifted by {_as_xyz(fraction)} of a voxel"


def _largest_turn_degrees(matrix: np.ndarray, reference: Grid, test: Grid) -> float:
    """Largest angle between an axis of the test and the nearest axis of the reference."""
    cosines = (matrix * np.array(reference.spacing_mm)[:, None]) / np.array(test.spacing_mm)[None, :]
    nearest = np.clip(np.abs(cosines).max(axis=0), 0.0, 1.0)
    return float(np.degrees(np.arccos(nearest)).max())


def _as_xyz(values: object) -> str:
    z, y, x = np.asarray(values, dtype=float)
    return f"{x:.6g} x {y:.6g} x {z:.6g}"


def _index(values: np.ndarray) -> Index:
    z, y, x = (int(value) for value in values)
    return z, y, x
