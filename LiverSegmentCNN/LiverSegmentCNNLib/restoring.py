"""A network's probability brought back to the grid of the image it came from, one box of it.

Only the part of the volume where the probability is not negligible is computed; the mask is made slab by
slab, so that a float volume of the native grid exists only if somebody asked for it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Callable

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.geometry import Lattice
from LiverCoreLib.stages import Progress

from .morphology import bounding_box
from .preprocessing import Box, ModelGrid
from .resampling import InPlane, axis_matrix, multiply_first_axis, slab_ranges

NEGLIGIBLE_PROBABILITY = 0.05
MARGIN_MM = 6.0  # background around the liver, so that a box's side is never taken for the volume's
TakeSlab = Callable[[slice, np.ndarray], None]


@dataclass(frozen=True)
class NativeBox:
    """A part of the image's own grid: `mask` bool and, if it was wanted, `probability` float32, both (k, j,
    i) over `box` (slices of the native array); elsewhere there is no liver and the probability counts as
    0.
    """

    lattice: Lattice
    box: Box
    mask: np.ndarray
    probability: np.ndarray | None

    def image(self, array: np.ndarray) -> sitk.Image:
        """An array (k, j, i) over the box as an image on the whole native grid, 0 elsewhere."""
        pixels = array.view(np.uint8) if array.dtype == bool else array
        pixel_type = sitk.sitkUInt8 if pixels.dtype == np.uint8 else sitk.sitkFloat32
        image = self.lattice.apply_to(sitk.Image(self.lattice.size, pixel_type))
        if pixels.size:
            k, j, i = self.box
            image[i, j, k] = sitk.GetImageFromArray(pixels)
        return image


def restore(
    probability: np.ndarray,
    geometry: ModelGrid,
    threshold: float,
    *,
    keep_probability: bool = False,
    progress: Progress = None,
) -> NativeBox:
    """Interpolate `probability` (float32 zyx on the model's voxels) linearly and mark where it exceeds
    `threshold`.

    `threshold` lies in 0..1, both excluded.
    """
    relevant = probability > min(NEGLIGIBLE_PROBABILITY, threshold / 2)
    if not relevant.any():
        return _no_liver(geometry, keep_probability)
    part = bounding_box(relevant, (1, 1, 1))
    native = _native_box_oblique(part, geometry) if geometry.grid.is_oblique else _native_box(part, geometry)
    shape = tuple(side.stop - side.start for side in native)
    mask = np.zeros(shape, bool)
    values = np.zeros(shape, np.float32) if keep_probability else None

    if geometry.grid.is_oblique:
        mask_view, values_view = mask, values
    else:
        mask_view = geometry.grid.view(mask)
        values_view = None if values is None else geometry.grid.view(values)

    def take(slices: slice, slab: np.ndarray) -> None:
        np.greater(slab, threshold, out=mask_view[slices])
        if values_view is not None:
            values_view[slices] = slab
        if progress is not None:
            progress(slices.stop / mask_view.shape[0], "back to the image's grid")

    if geometry.grid.is_oblique:
        _interpolate_oblique(probability, part, native, geometry, take)
    else:
        _interpolate(probability, part, geometry, take)
    return NativeBox(geometry.lattice, native, mask, values)


def _no_liver(geometry: ModelGrid, keep_probability: bool) -> NativeBox:
    empty = (slice(0, 0), slice(0, 0), slice(0, 0))
    values = np.zeros((0, 0, 0), np.float32) if keep_probability else None
    return NativeBox(geometry.lattice, empty, np.zeros((0, 0, 0), bool), values)


def _grid_box(part: Box, geometry: ModelGrid) -> Box:
    """The voxels of the image's box (indices within it) that a box of model voxels reaches, and a margin."""
    sides = []
    for side, target, whole, spacing in zip(
        part, geometry.spacing_mm, geometry.box, geometry.grid.spacing_mm
    ):
        low = int(np.floor((side.start * target - MARGIN_MM) / spacing))
        high = int(np.ceil((side.stop * target + MARGIN_MM) / spacing))
        sides.append(slice(max(0, low), min(whole.stop - whole.start, high)))
    return sides[0], sides[1], sides[2]


def _native_box(part: Box, geometry: ModelGrid) -> Box:
    sides = [
        slice(whole.start + side.start, whole.start + side.stop)
        for side, whole in zip(_grid_box(part, geometry), geometry.box)
    ]
    return geometry.grid.native_box((sides[0], sides[1], sides[2]))


def _interpolate(probability: np.ndarray, part: Box, geometry: ModelGrid, take: TakeSlab) -> None:
    """Hand over slabs (k, y, x) along the patient's axes of the native box, from below upwards."""
    sides = _grid_box(part, geometry)
    along_z, along_y, along_x = (
        axis_matrix(
            source.stop - source.start,
            target,
            side.stop - side.start,
            spacing,
            side.start * spacing - source.start * target,
            antialias=False,
        )
        for source, side, target, spacing in zip(part, sides, geometry.spacing_mm, geometry.grid.spacing_mm)
    )
    source_part = np.ascontiguousarray(probability[part])
    in_plane = InPlane(along_y, along_x)
    for start, stop in slab_ranges(along_z.shape[0], along_y.shape[0] * along_x.shape[0]):
        take(slice(start, stop), in_plane(multiply_first_axis(along_z[start:stop], source_part)))


def _native_box_oblique(part: Box, geometry: ModelGrid) -> Box:
    """The native voxels (k, j, i) around the corners of a box of model voxels, and a margin."""
    corners = np.array(list(itertools.product(*((side.start - 0.5, side.stop - 0.5) for side in part))))
    points = np.asarray(geometry.origin_lps) + (corners * geometry.spacing_mm)[:, ::-1]
    lattice = geometry.lattice
    indices = (points - lattice.origin) @ np.linalg.inv(lattice.directions * lattice.spacing).T
    margin = MARGIN_MM / np.asarray(lattice.spacing)
    low = np.clip(np.floor(indices.min(axis=0) - margin), 0, np.asarray(lattice.size) - 1).astype(int)
    high = np.clip(np.ceil(indices.max(axis=0) + margin) + 1, 1, lattice.size).astype(int)
    i, j, k = (slice(int(start), int(stop)) for start, stop in zip(low, high))
    return k, j, i


def _interpolate_oblique(
    probability: np.ndarray, part: Box, native: Box, geometry: ModelGrid, take: TakeSlab
) -> None:
    """Hand over slabs (k, j, i) of the native box in the image's own axes."""
    source = geometry.image(np.ascontiguousarray(probability[part]))
    start = np.array([side.start for side in part]) * geometry.spacing_mm
    source.SetOrigin((np.asarray(geometry.origin_lps) + start[::-1]).tolist())
    k, j, i = native
    for first, last in slab_ranges(k.stop - k.start, (j.stop - j.start) * (i.stop - i.start)):
        slab = geometry.lattice.part(
            (i.start, j.start, k.start + first), (i.stop - i.start, j.stop - j.start, last - first)
        )
        resampler = sitk.ResampleImageFilter()
        resampler.SetSize(slab.size)
        resampler.SetOutputSpacing(slab.spacing)
        resampler.SetOutputOrigin(slab.origin)
        resampler.SetOutputDirection(slab.direction)
        resampler.SetInterpolator(sitk.sitkLinear)
        take(slice(first, last), sitk.GetArrayFromImage(resampler.Execute(source)))
