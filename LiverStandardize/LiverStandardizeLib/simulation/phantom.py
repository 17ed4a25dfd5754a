"""A synthetic abdomen: portal-phase CT and its exact organ labels, from a seed.

For demonstrations, tests and training: a person of some age, sex and build, drawn as implicit shapes with
partial-volume edges, texture and scanner noise. It shows the neighbours that a segmentation has to tell from
the liver. It is not meant for dosimetry or for measuring a scanner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from . import tissues
from .body import CENTRE_MM, Body, Triple, body_of, fitting_spacing_mm
from .canvas import Canvas
from .contrast import Contrast
from .material_maps import MaterialMaps
from .noise import scanner_noise, smooth_field
from .organs import build_organs
from .people import Person, draw_adult
from .shapes import Grid
from .trunk import build_trunk

Progress = Optional[Callable[[float, str], None]]

WARP_MM = 2.8
WARP_CORRELATION_MM = 70.0
NOISE_HU = 12.0
BLUR_MM = 0.7
TEXTURED_BELOW_HU = 300.0


@dataclass(frozen=True)
class Abdomen:
    """image: int16 HU. labels: uint8, same grid, organ codes as in tissues.LABELS (liver 6), 0 elsewhere."""

    image: sitk.Image
    labels: sitk.Image
    person: Person


@dataclass(frozen=True)
class Stand:
    """Who is drawn on which voxels. size, spacing_mm: along x, y, z."""

    body: Body
    size: tuple[int, int, int]
    spacing_mm: Triple

    @property
    def origin_mm(self) -> Triple:
        """The first voxel, in mm of the scanner: the liver amid the slices."""
        x, y, z = (
            middle * scale - (count - 1) / 2 * step
            for middle, scale, count, step in zip(CENTRE_MM, self.body.scale, self.size, self.spacing_mm)
        )
        return x, y, z

    def as_image(self, array: np.ndarray) -> sitk.Image:
        """Voxels (z, y, x) where the phantom stands."""
        image = sitk.GetImageFromArray(array)
        image.SetSpacing([float(step) for step in self.spacing_mm])
        image.SetOrigin([float(start) for start in self.origin_mm])
        return image


def stand_of(
    seed: int, size: tuple[int, int, int], spacing_mm: Triple | None = None, person: Person | None = None
) -> Stand:
    """Person number `seed`, or a given one, in a volume that fits unless a spacing is given.

    Raises ValueError for a size below 16 or a spacing that is not positive.
    """
    person = person or draw_adult(seed)
    spacing_mm = spacing_mm or fitting_spacing_mm(person, size)
    if min(size) < 16 or min(spacing_mm) <= 0:
        raise ValueError(f"size {size} must be 16 or more and spacing {spacing_mm} positive along each axis")
    return Stand(body_of(person, seed), size, spacing_mm)


def make_abdomen(
    seed: int = 0,
    *,
    size: tuple[int, int, int] = (256, 256, 100),
    spacing_mm: Triple | None = None,
    person: Person | None = None,
    progress: Progress = None,
) -> Abdomen:
    """Draw the abdomen of person number `seed`; the same arguments give the same voxels.

    Args:
        seed: What differs between people of the same measures.
        size: Voxels along x, y, z.
        spacing_mm: Along x, y, z; by default what fits the person. The grid is axis-aligned LPS, centred on
            the body; a grid smaller than the body shows a part of it, as a small field of view does.
        person: Age, sex, height and weight; by default an adult drawn from the seed.
        progress: ``progress(fraction, message)``; raising ``Cancelled`` stops.

    Raises:
        ValueError: For a size below 16 or a spacing that is not positive.
    """
    stand = stand_of(seed, size, spacing_mm, person)
    rng = np.random.default_rng(seed)
    canvas = draw_abdomen(rng, stand, progress=progress)
    hu = _scan(canvas, rng, stand.spacing_mm)
    return Abdomen(stand.as_image(hu), stand.as_image(canvas.labels), stand.body.person)


def draw_abdomen(
    rng: np.random.Generator, stand: Stand, contrast: Contrast | None = None, progress: Progress = None
) -> Canvas:
    """Anatomy without texture and scanner; with material maps if `contrast` is given."""
    del progress
    materials = None if contrast is None else MaterialMaps.blank(stand.size[::-1], contrast)
    canvas = Canvas.blank(_patient_grid(rng, stand), tissues.AIR, materials)
    trunk = build_trunk(canvas, rng)
    build_organs(canvas, trunk, rng)
    return canvas


def _patient_grid(rng: np.random.Generator, stand: Stand) -> Grid:
    """Coordinates of the voxels in the frame: this person's scale, and a smooth warp that no two share."""
    shape = stand.size[::-1]
    axes = [
        (start + np.arange(count) * step) / scale
        for start, count, step, scale in zip(stand.origin_mm, stand.size, stand.spacing_mm, stand.body.scale)
    ]
    warp = [WARP_MM * smooth_field(rng, shape, stand.spacing_mm[::-1], WARP_CORRELATION_MM) for _ in range(3)]
    x = axes[0][None, None, :] + warp[0]
    y = axes[1][None, :, None] + warp[1]
    z = axes[2][:, None, None] + warp[2]
    return Grid(
        x.astype(np.float32),
        y.astype(np.float32),
        z.astype(np.float32),
        (axes[0], axes[1], axes[2]),
        2.5 * WARP_MM,
        (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2])),
    )


def _scan(canvas: Canvas, rng: np.random.Generator, spacing_mm: Triple) -> np.ndarray:
    """Tissue texture, the scanner's blur, and noise that grows towards the middle of the body. int16 HU."""
    hu = canvas.hu
    pitch = spacing_mm[::-1]
    hu += np.where(np.abs(hu) < TEXTURED_BELOW_HU, texture_hu(rng, hu.shape, pitch), np.float32(0))
    for index in range(hu.shape[0]):
        ndimage.gaussian_filter(hu[index], (BLUR_MM / pitch[1], BLUR_MM / pitch[2]), output=hu[index])
    radius = np.hypot(canvas.grid.x / 165, canvas.grid.y / 115)
    hu += NOISE_HU * (1.15 - 0.45 * np.clip(radius, 0, 1)) * scanner_noise(rng, hu.shape, spacing_mm[0])
    return np.clip(np.rint(hu), -1024, 3071).astype(np.int16)


def texture_hu(rng: np.random.Generator, shape: tuple[int, ...], pitch_mm: Triple) -> np.ndarray:
    """How uneven tissue is by itself, (z, y, x)."""
    return 3.0 * smooth_field(rng, shape, pitch_mm, 9.0) + 2.0 * smooth_field(rng, shape, pitch_mm, 30.0)
