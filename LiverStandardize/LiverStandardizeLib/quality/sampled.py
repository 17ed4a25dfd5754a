"""The images of a report as axial sections, a few of many, all of the same places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.geometry import Lattice, nearest_grid

MOST_SECTIONS = 48
NO_NUMBER_HU = -1024.0


@dataclass(frozen=True)
class Sampled:
    """Sections (n, y, x) in HU, float32, or bool of the mask; those that were not given are None.

    Attributes:
        before, after: The image before and after standardization.
        target: The same scan as the target protocol shows it.
        liver: Where the liver is.
        pixel_mm: y, x.
        voxel_ml: Volume that one pixel of these sections stands for.
        indices: Which sections these are.
    """

    before: np.ndarray
    after: np.ndarray
    target: np.ndarray | None
    liver: np.ndarray | None
    pixel_mm: tuple[float, float]
    voxel_ml: float
    indices: np.ndarray

    @property
    def reference(self) -> np.ndarray:
        """Where tissues are told apart: the target, or else what was made to look like it."""
        return self.after if self.target is None else self.target


def sample(
    before: sitk.Image, after: sitk.Image, target: sitk.Image | None, liver: sitk.Image | None
) -> Sampled:
    """Up to 48 sections of images on the same voxels, as ``sample_arrays`` takes them."""
    return sample_arrays(
        Lattice.of(before),
        sitk.GetArrayViewFromImage(before),
        sitk.GetArrayViewFromImage(after),
        None if target is None else sitk.GetArrayViewFromImage(target),
        None if liver is None else sitk.GetArrayViewFromImage(liver),
    )


def sample_arrays(
    lattice: Lattice,
    before: np.ndarray,
    after: np.ndarray,
    target: np.ndarray | None = None,
    liver: np.ndarray | None = None,
    *,
    before_offset_hu: float = 0.0,
) -> Sampled:
    """Up to 48 sections, evenly spread; with a liver, of those that show it.

    Args:
        lattice: Where the voxels of the arrays are.
        before, after, target: HU, as SimpleITK gives arrays (z, y, x). What is not finite reads as -1024 HU.
        liver: Not 0 in the liver.
        before_offset_hu: What to add to `before` to make it HU.
    """
    grid = nearest_grid(lattice)
    mask = None if liver is None else grid.view(liver) != 0
    places = np.arange(grid.shape[0])
    if mask is not None and mask.any():
        places = np.flatnonzero(mask.any(axis=(1, 2)))
    step = -(-places.size // MOST_SECTIONS)
    used = places[::step]

    def sections(values: np.ndarray) -> np.ndarray:
        hu = np.array(grid.view(values)[used], np.float32, order="C")
        hu[~np.isfinite(hu)] = NO_NUMBER_HU
        return hu

    return Sampled(
        before=sections(before) + np.float32(before_offset_hu),
        after=sections(after),
        target=None if target is None else sections(target),
        liver=None if mask is None else np.ascontiguousarray(mask[used]),
        pixel_mm=grid.spacing_mm[1:],
        voxel_ml=lattice.voxel_ml * step,
        indices=used,
    )
