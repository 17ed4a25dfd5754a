"""A liver-like pair of masks, made the same way every time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

SHAPE = (300, 512, 512)
IMAGE_BYTES = math.prod(SHAPE)
SPACING_MM = (0.75, 0.75, 1.0)
VOXEL_DIAGONAL_MM = math.sqrt(sum(step**2 for step in SPACING_MM))

# The liver's box in voxels (z, y, x): first and size.
_CORNER, _SIZE = (60, 100, 70), (185, 250, 330)

# Ellipsoids in mm (x, y, z), centre and half axes: right, left and caudate lobe; then what is cut out.
_LOBES = (((135, 175, 150), (70, 70, 76)), ((210, 150, 170), (70, 40, 42)), ((180, 200, 165), (28, 25, 30)))
_CUTS = (((200, 235, 140), (45, 42, 60)), ((165, 130, 105), (22, 35, 25)))


def write_pair(folder: Path) -> None:
    """Write reference.nrrd and test.nrrd, uncompressed: a liver, and the same drawn by somebody else."""
    rng = np.random.default_rng(20)
    level = _signed_level() + 1.5 * _smooth_noise(rng, 12.0)
    # Hands differ on most of the surface by a voxel or two and at some places by a centimetre.
    disagreement = 1.2 * _smooth_noise(rng, 6.0) + 4.0 * np.maximum(_smooth_noise(rng, 14.0) - 1.8, 0)
    for name, mask in (("reference", level < 0), ("test", level + disagreement < 0)):
        voxels = np.zeros(SHAPE, dtype=np.uint8)
        voxels[tuple(slice(first, first + n) for first, n in zip(_CORNER, _SIZE))] = mask
        image = sitk.GetImageFromArray(voxels)
        image.SetSpacing(SPACING_MM)
        sitk.WriteImage(image, str(folder / f"{name}.nrrd"), False)


def _signed_level() -> np.ndarray:
    """About the distance from the liver's surface in mm, negative inside, over the liver's box."""
    axes = [
        ((np.arange(n, dtype=np.float32) + first) * np.float32(step))
        for first, n, step in zip(_CORNER, _SIZE, SPACING_MM[::-1])
    ]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)

    def ellipsoid(centre: tuple[float, ...], half: tuple[float, ...]) -> np.ndarray:
        squares = [((axis - c) / h) ** 2 for axis, c, h in zip((x, y, z), centre, half)]
        return (np.sqrt(squares[0] + squares[1] + squares[2]) - 1.0) * min(half)

    lobes = [ellipsoid(*lobe) for lobe in _LOBES]
    cuts = [-ellipsoid(*cut) for cut in _CUTS]
    return np.maximum.reduce([np.minimum.reduce(lobes), *cuts])


def _smooth_noise(rng: np.random.Generator, scale_mm: float) -> np.ndarray:
    """Noise of unit variance over the liver's box, smooth over a length: coarse values, interpolated."""
    coarse = rng.normal(size=[int(n * step / scale_mm) + 2 for n, step in zip(_SIZE, SPACING_MM[::-1])])
    zoom = [n / m for n, m in zip(_SIZE, coarse.shape)]
    fine = ndimage.zoom(coarse.astype(np.float32), zoom, order=1)
    return fine / fine.std()
