"""A synthetic abdomen: portal-phase CT and its exact organ labels, from a seed.

A first phantom for demonstrations and tests: one adult habitus with random variation, drawn as implicit
shapes with partial-volume edges, texture and scanner noise. It shows the neighbours that a segmentation has
to tell from the liver. It is not meant for dosimetry or for measuring a scanner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from . import tissues
from .canvas import Canvas
from .contrast import Contrast
from .material_maps import MaterialMaps
from .noise import scanner_noise, smooth_field
from .organs import build_organs
from .shapes import Grid
from .trunk import build_trunk

Triple = tuple[float, float, float]

CENTRE_MM: Triple = (0.0, 8.0, -90.0)
"""Middle of the volume in the anatomical frame (see trunk): the liver amid the slices, the table in view."""

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


def make_abdomen(
    seed: int = 0, *, size: tuple[int, int, int] = (256, 256, 100), spacing_mm: Triple = (1.5, 1.5, 3.0)
) -> Abdomen:
    """Draw the abdomen of adult number `seed`; the same arguments give the same voxels.

    size: voxels along x, y, z. spacing_mm: along x, y, z. The grid is axis-aligned LPS, centred on the body;
    a grid smaller than the body shows a part of it, as a small field of view does.
    Raises ValueError for a size below 16 or a spacing that is not positive.
    """
    rng = np.random.default_rng(seed)
    canvas = draw_abdomen(rng, size, spacing_mm)
    hu = _scan(canvas, rng, spacing_mm)
    return Abdomen(as_image(hu, spacing_mm), as_image(canvas.labels, spacing_mm))


def draw_abdomen(
    rng: np.random.Generator,
    size: tuple[int, int, int],
    spacing_mm: Triple,
    contrast: Contrast | None = None,
) -> Canvas:
    """Anatomy without texture and scanner; with material maps if `contrast` is given."""
    if min(size) < 16 or min(spacing_mm) <= 0:
        raise ValueError(f"size {size} must be 16 or more and spacing {spacing_mm} positive along each axis")
    materials = None if contrast is None else MaterialMaps.blank(size[::-1], contrast)
    canvas = Canvas.blank(_patient_grid(rng, size, spacing_mm), tissues.AIR, materials)
    trunk = build_trunk(canvas, rng)
    build_organs(canvas, trunk, rng)
    return canvas


def _patient_grid(rng: np.random.Generator, size: tuple[int, int, int], spacing_mm: Triple) -> Grid:
    """Anatomical coordinates of the voxels: this patient's stature, and a smooth warp that no two share."""
    stature = rng.normal(1.0, (0.04, 0.04, 0.03)).clip(0.92, 1.08)
    shape = size[::-1]
    origin = _origin_mm(size, spacing_mm)
    axes = [
        (start + np.arange(count) * step) / scale
        for start, count, step, scale in zip(origin, size, spacing_mm, stature)
    ]
    warp = [WARP_MM * smooth_field(rng, shape, spacing_mm[::-1], WARP_CORRELATION_MM) for _ in range(3)]
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


def _origin_mm(size: tuple[int, ...], spacing_mm: Triple) -> list[float]:
    return [middle - (count - 1) / 2 * step for middle, count, step in zip(CENTRE_MM, size, spacing_mm)]


def as_image(array: np.ndarray, spacing_mm: Triple) -> sitk.Image:
    """Voxels (z, y, x) where the phantom stands."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(step) for step in spacing_mm])
    image.SetOrigin(_origin_mm(image.GetSize(), spacing_mm))
    return image
