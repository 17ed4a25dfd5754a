"""The picture under construction: HU, organ labels, and what is already taken."""

from __future__ import annotations

from typing import Union

import numpy as np

from .material_maps import MaterialMaps
from .mixtures import enhanced_less
from .shapes import FAR_MM, Grid, Point

HU = Union[float, np.ndarray]


class Canvas:
    """Arrays (z, y, x) that shapes are painted into, the last paint on top.

    hu: float32. labels: uint8, 0 where there is no labelled organ. taken: float32, the nearest organ's signed
    value (see shapes); `add_organ` cuts each new organ back from it, so organs cannot overlap. materials: the
    same picture as basis materials, if they are wanted, too. details: uint8, what lies inside an organ, as in
    tissues.DETAILS. enhancement: share of the usual iodine that `hu` shows.
    """

    def __init__(
        self,
        grid: Grid,
        hu: np.ndarray,
        labels: np.ndarray,
        taken: np.ndarray,
        materials: MaterialMaps | None = None,
        details: np.ndarray | None = None,
        enhancement: float = 1.0,
    ) -> None:
        self.grid = grid
        self.hu = hu
        self.labels = labels
        self.taken = taken
        self.materials = materials
        self.details = np.zeros(grid.shape, np.uint8) if details is None else details
        self.enhancement = enhancement

    @classmethod
    def blank(
        cls,
        grid: Grid,
        background_hu: float,
        materials: MaterialMaps | None = None,
        enhancement: float = 1.0,
    ) -> Canvas:
        return cls(
            grid,
            np.full(grid.shape, background_hu, np.float32),
            np.zeros(grid.shape, np.uint8),
            np.full(grid.shape, FAR_MM, np.float32),
            materials,
            enhancement=enhancement,
        )

    def around(self, low: Point, high: Point, margin_mm: float = FAR_MM) -> Canvas:
        """The part of this canvas about the box from `low` to `high`; painting there paints here."""
        part = self.grid.around(low, high, margin_mm).tightened()
        here = self.grid.local(part)
        materials = None if self.materials is None else self.materials.part(here)
        return Canvas(
            part,
            self.hu[here],
            self.labels[here],
            self.taken[here],
            materials,
            self.details[here],
            self.enhancement,
        )

    def cut(self, part: Canvas, array: np.ndarray) -> np.ndarray:
        """The values of `array`, which has this canvas's shape, on a part of it."""
        return array[self.grid.local(part.grid)]

    def embed(self, part: Canvas, shape: np.ndarray) -> np.ndarray:
        """A shape drawn on a part of this canvas as an array of this canvas's shape, FAR_MM elsewhere."""
        whole = np.full(self.grid.shape, FAR_MM, np.float32)
        whole[self.grid.local(part.grid)] = np.minimum(shape, FAR_MM)
        return whole

    def paint(self, shape: np.ndarray, hu: HU, *, detail: int = 0) -> None:
        """Mix `hu` (a number or an array) into the voxels inside `shape`, edge voxels by their share.

        detail: code for what is drawn inside an organ; 0 leaves the details as they are.
        """
        box = _box_near(shape)
        if box is None:
            return
        picture = self.hu[box]
        paint = hu if self.enhancement == 1 else enhanced_less(hu, self.enhancement)
        value = paint[box] if isinstance(paint, np.ndarray) else np.float32(paint)
        share = coverage(shape[box])
        picture += share * (value - picture)
        if self.materials is not None:
            self.materials.paint(box, share, hu[box] if isinstance(hu, np.ndarray) else hu)
        if detail:
            self.details[box][shape[box] < 0] = detail

    def add_organ(self, shape: np.ndarray, hu: HU, *, label: int = 0, gap_mm: float = 1.5) -> np.ndarray:
        """Paint an organ that keeps `gap_mm` from those there; returns what is left."""
        shape = np.maximum(shape, np.float32(gap_mm) - self.taken)
        self.paint(shape, hu)
        self.labels[shape < 0] = label
        np.minimum(self.taken, shape, out=self.taken)
        return shape


def _box_near(shape: np.ndarray) -> tuple[slice, slice, slice] | None:
    """The box of all voxels that the surface can touch, or None if there are none."""
    near = shape < 4.0
    slices = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(near.any(axis=others))
        if found.size == 0:
            return None
        slices.append(slice(max(int(found[0]) - 1, 0), int(found[-1]) + 2))
    return slices[0], slices[1], slices[2]


def coverage(shape: np.ndarray) -> np.ndarray:
    """Share of each voxel that is inside: 0.5 on the surface, with a ramp one voxel wide in its direction.

    The width is taken from the shape's own change from voxel to voxel, so thick slices blur a surface along z
    as they do in a scanner.
    """
    square = np.zeros_like(shape)
    for axis in range(3):
        if shape.shape[axis] > 1:
            square += np.gradient(shape, axis=axis) ** 2
    return np.clip(0.5 - shape / np.maximum(np.sqrt(square), 0.05), 0, 1)
