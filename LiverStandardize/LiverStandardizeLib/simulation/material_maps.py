"""The picture under construction as basis materials: what a paint of so many HU is made of."""

from __future__ import annotations

import functools

import numpy as np

from .contrast import Contrast
from .mixtures import MIXED_KEV, Mixture
from .physics.attenuation import MATERIALS, iodine_hu_per_mg_ml, monoenergetic_hu
from .physics.tissues import tissue
from .tissues import Tissue

AIRY_MUSCLE = 0.6
"""Share of muscle in the mixture with air that stands between air and fat: lung, stool with gas."""

Box = tuple[slice, ...]


class MaterialMaps:
    """maps: (3, z, y, x), float32, in the order of MATERIALS. Painted through `Canvas.paint`."""

    def __init__(self, maps: np.ndarray, contrast: Contrast) -> None:
        self.maps = maps
        self.contrast = contrast

    @classmethod
    def blank(cls, shape: tuple[int, ...], contrast: Contrast) -> MaterialMaps:
        """Air everywhere."""
        maps = np.empty((len(MATERIALS), *shape), np.float32)
        maps[:] = np.array([*tissue("air"), 0.0], np.float32)[:, None, None, None]
        return cls(maps, contrast)

    def part(self, here: Box) -> MaterialMaps:
        """The same maps, seen through a box."""
        return MaterialMaps(self.maps[(slice(None), *here)], self.contrast)

    def paint(self, box: Box, coverage: np.ndarray, paint: float | np.ndarray) -> None:
        """Mix a paint into a box of the maps by its share of each voxel."""
        for material, amount in enumerate(self._amounts(paint)):
            picture = self.maps[material][box]
            picture += coverage * (amount - picture)

    def _amounts(self, paint: float | np.ndarray) -> tuple[np.float32 | np.ndarray, ...]:
        """Water, calcium and iodine of a tissue, or of what looks like so many HU without contrast."""
        if isinstance(paint, Mixture):
            iodine = paint.iodine_to_liver * self.contrast.iodine_mg_ml["liver"]
            return np.float32(paint.water), np.float32(paint.calcium_mg_ml), np.float32(iodine)
        if not isinstance(paint, Tissue):
            return (*_by_hu(paint), np.float32(0))
        water, calcium = tissue(paint.substance)
        iodine = self.contrast.iodine_mg_ml[paint.pool] if paint.pool else 0.0
        # Painted brighter or darker than it is: another concentration of contrast where there is some.
        if iodine:
            iodine = max(iodine + paint.offset_hu / iodine_hu_per_mg_ml(MIXED_KEV), 0.0)
        elif not paint.pool:
            water += paint.offset_hu / 1000
        return np.float32(water), np.float32(calcium), np.float32(iodine)


def _by_hu(hu: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Water and calcium of mixtures: air with muscle, fat with muscle, muscle with bone."""
    known_hu, water, calcium = _mixtures()
    return (
        np.interp(hu, known_hu, water).astype(np.float32),
        np.interp(hu, known_hu, calcium).astype(np.float32),
    )


@functools.cache
def _mixtures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """HU, water and calcium of the tissues that everything without contrast lies between, by rising HU."""
    air, muscle = np.array(tissue("air")), np.array(tissue("muscle"))
    airy = air + AIRY_MUSCLE * (muscle - air)
    parts = np.array([air, airy, tissue("adipose"), muscle, tissue("cortical_bone")])
    hu = np.array([monoenergetic_hu(water, calcium, 0.0, MIXED_KEV) for water, calcium in parts])
    return hu, parts[:, 0], parts[:, 1]
