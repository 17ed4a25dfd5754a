"""The synthetic abdomen as maps of water, calcium and iodine: what the engines scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from .contrast import Contrast, draw_contrast
from .phantom import TEXTURED_BELOW_HU, Triple, as_image, draw_abdomen, texture_hu


@dataclass(frozen=True)
class MaterialAbdomen:
    """maps: (3, z, y, x), float32, in the order of MATERIALS, without noise. labels: as in Abdomen."""

    maps: np.ndarray
    labels: sitk.Image
    contrast: Contrast


def make_materials(
    seed: int = 0,
    *,
    size: tuple[int, int, int] = (256, 256, 100),
    spacing_mm: Triple = (1.5, 1.5, 3.0),
    phase: str = "portal",
) -> MaterialAbdomen:
    """The anatomy that `make_abdomen` draws for the same arguments, with the same labels, as materials.

    Anatomy, contrast and texture each have random numbers of their own: another phase leaves the rest as it
    is. Raises ValueError for an impossible size, spacing or phase.
    """
    contrast = draw_contrast(seed, phase)
    canvas = draw_abdomen(np.random.default_rng(seed), size, spacing_mm, contrast)
    assert canvas.materials is not None
    maps = canvas.materials.maps
    texture = texture_hu(np.random.default_rng((seed, 2)), canvas.hu.shape, spacing_mm[::-1])
    maps[0] += np.where(np.abs(canvas.hu) < TEXTURED_BELOW_HU, texture / 1000, np.float32(0))
    return MaterialAbdomen(maps, as_image(canvas.labels, spacing_mm), contrast)
