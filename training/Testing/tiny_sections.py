"""Small made-up sections for the tests of the standardizer's training."""

from __future__ import annotations

import numpy as np

from livercnn_training.data.sections import PackedSections

LIVER_IODINE_MG_ML = 2.0


def tiny_sections(name: str, split: str = "train", size: int = 64, pixel_mm: float = 5.0) -> PackedSections:
    """Two sections of a soft cylinder, 250 mm wide, with a liver that holds iodine and a bone."""
    y, x = (np.mgrid[:size, :size] - (size - 1) / 2) * pixel_mm
    maps = np.zeros((2, 3, size, size), np.float16)
    maps[:, 0] = np.where(np.hypot(x, y) < 125, 1.04, 0.001)
    liver = np.hypot(x + 50, y) < 50
    maps[:, 2] = liver * LIVER_IODINE_MG_ML
    maps[:, 1] = (np.hypot(x, y - 90) < 15) * 150
    return PackedSections(name, maps, np.stack([liver, liver]), pixel_mm, 4.0, split)
