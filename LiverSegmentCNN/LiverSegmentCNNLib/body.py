"""Finding the body in a CT, coarsely: where the networks have to look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .morphology import bounding_box, dilate

BODY_ABOVE_HU = -300.0
CLIPPED_MARGIN_HU = 10.0
COARSE_STEP_MM = 4.0
MARGIN_MM = 10.0
TISSUE_ABOVE_HU = -70.0  # below: air, lung, most fat; the fattiest livers stay above -50
TISSUE_NEIGHBOURS = 6  # of 27: a sheet of one voxel has nine, noise in fat fewer
TISSUE_MARGIN_MM = 6.0
LEAST_PART = 0.2
Triple = tuple[float, float, float]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Body:
    """A body found on every `steps`-th voxel (z, y, x) of a grid of `shape`.

    `box` holds it with a margin of 10 mm in the plane and all slices; `near` is the coarse mask of everything
    within 6 mm of its tissue, which leaves out the lungs, large pockets of air and thick fat.
    """

    box: tuple[slice, slice, slice]
    near: np.ndarray
    steps: Shape

    def near_at(self, indices: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
        """`near` at the rows, columns and slices of continuous grid indices along z, y, x: bool (nz, ny,
        nx).
        """
        coarse = [
            np.clip(np.rint(index / step).astype(int), 0, length - 1)
            for index, step, length in zip(indices, self.steps, self.near.shape)
        ]
        return self.near[np.ix_(*coarse)]


def coarse_steps(spacing_mm: Triple) -> Shape:
    """Steps (z, y, x), in voxels, of a sample of about 4 mm."""
    z, y, x = (max(1, round(COARSE_STEP_MM / spacing)) for spacing in spacing_mm)
    return z, y, x


def find_body(sample: np.ndarray, steps: Shape, shape: Shape, spacing_mm: Triple) -> Body:
    """The body in `sample`, every `steps`-th voxel (HU, zyx) of a grid: what lies above -300 HU and hangs
    together.

    Further parts of a fifth of the largest one count too: empty slices may cut a body in two. In a CT whose
    low values were clipped away (air reads -125, say), "above" is 10 HU above the lowest value. Where
    nothing is, the whole grid is the body.
    """
    lowest = float(sample.min())
    above_air = lowest + CLIPPED_MARGIN_HU
    inside = sample > (BODY_ABOVE_HU if lowest <= BODY_ABOVE_HU else above_air)
    labels, count = ndimage.label(inside)
    if count == 0:
        whole = (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
        return Body(whole, np.ones(sample.shape, bool), steps)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    body = (sizes >= LEAST_PART * sizes.max())[labels]
    coarse_spacing = tuple(step * spacing for step, spacing in zip(steps, spacing_mm))
    tissue = _without_specks(body & (sample > max(TISSUE_ABOVE_HU, above_air)))
    near = dilate(tissue, TISSUE_MARGIN_MM, (coarse_spacing[0], coarse_spacing[1], coarse_spacing[2]))
    return Body(_box_in_plane(body, steps, shape, spacing_mm), near, steps)


def _without_specks(found: np.ndarray) -> np.ndarray:
    """What has enough of its kind around it; noise alone brings fat above the threshold here and there."""
    around = found.astype(np.uint8)
    for axis in range(3):
        around = ndimage.convolve1d(around, np.ones(3, np.uint8), axis=axis, mode="nearest")
    return found & (around >= TISSUE_NEIGHBOURS)


def _box_in_plane(
    body: np.ndarray, steps: Shape, shape: Shape, spacing_mm: Triple
) -> tuple[slice, slice, slice]:
    """All slices; rows and columns from the last empty sample before the body to the first after it, plus
    10 mm.
    """
    parts = [slice(0, shape[0])]
    for axis in (1, 2):
        coarse = bounding_box(body)[axis]
        margin = int(np.ceil(MARGIN_MM / spacing_mm[axis]))
        low = (coarse.start - 1) * steps[axis] + 1 - margin
        high = coarse.stop * steps[axis] + margin
        parts.append(slice(max(0, low), min(shape[axis], high)))
    return parts[0], parts[1], parts[2]
