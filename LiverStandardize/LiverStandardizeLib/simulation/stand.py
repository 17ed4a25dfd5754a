"""Who is drawn on which voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from .arms import FIELD_FACTOR
from .body import Body, Triple, body_of, centre_mm, fitting_spacing_mm
from .challenges import Challenges
from .people import Person, draw_adult


@dataclass(frozen=True)
class Stand:
    """size, spacing_mm: along x, y, z. The grid is axis-aligned LPS, centred on the body."""

    body: Body
    size: tuple[int, int, int]
    spacing_mm: Triple

    @property
    def origin_mm(self) -> Triple:
        """The first voxel, in mm of the scanner."""
        x, y, z = (
            middle - (count - 1) / 2 * step
            for middle, count, step in zip(centre_mm(self.body), self.size, self.spacing_mm)
        )
        return x, y, z

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of the voxels along x, y, z in the frame."""
        x, y, z = (
            (start + np.arange(count) * step) / scale
            for start, count, step, scale in zip(self.origin_mm, self.size, self.spacing_mm, self.body.scale)
        )
        return x, y, z

    def as_image(self, array: np.ndarray) -> sitk.Image:
        """Voxels (z, y, x) where the phantom stands."""
        image = sitk.GetImageFromArray(array)
        image.SetSpacing([float(step) for step in self.spacing_mm])
        image.SetOrigin([float(start) for start in self.origin_mm])
        return image


def stand_of(
    seed: int,
    size: tuple[int, int, int],
    spacing_mm: Triple | None = None,
    person: Person | None = None,
    challenges: Challenges | None = None,
) -> Stand:
    """Person number `seed`, or a given one, in a volume that fits unless a spacing is given.

    With arms down it is wider.

    Raises ValueError for a size below 16 or a spacing that is not positive.
    """
    person = person or draw_adult(seed)
    if spacing_mm is None:
        x, y, z = fitting_spacing_mm(person, size)
        wider = FIELD_FACTOR if challenges is not None and challenges.arms_down else 1.0
        spacing_mm = (wider * x, wider * y, z)
    if min(size) < 16 or min(spacing_mm) <= 0:
        raise ValueError(f"size {size} must be 16 or more and spacing {spacing_mm} positive along each axis")
    return Stand(body_of(person, seed), size, spacing_mm)
