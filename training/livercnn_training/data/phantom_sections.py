"""Sections of synthetic abdomens for a pack: every few millimetres through the upper abdomen."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.sections import PackedSections, encode_sections

TRAINING_SEEDS = 100_000
"""Seeds of phantoms that are trained on start here, far from those of demonstrations and tests."""
VALIDATION_SEEDS = 200_000

SIZE = 256
PIXEL_MM = 1.5
SLICE_MM = 4.0
EVERY = 3
"""Of the sections drawn, this many lie between those that are kept: neighbours are too much alike."""
DRAWN = 48
LIVER = 6
"""The phantom's code of the liver, see LiverStandardizeLib.simulation.tissues.LABELS."""


def phantom_sections(seed: int, split: str) -> PackedSections:
    """Draw phantom number `seed` and return its sections."""
    from LiverStandardizeLib.simulation.phantom_materials import make_materials

    body = make_materials(seed, size=(SIZE, SIZE, DRAWN), spacing_mm=(PIXEL_MM, PIXEL_MM, SLICE_MM))
    kept = slice(EVERY // 2, None, EVERY)
    maps = body.maps[:, kept].swapaxes(0, 1).astype(np.float16)
    liver = sitk.GetArrayViewFromImage(body.labels)[kept] == LIVER
    return PackedSections(f"phantom/{seed}", maps, liver, PIXEL_MM, SLICE_MM, split)


def encode_phantom(seed: int, split: str) -> dict[str, np.ndarray]:
    """Return a phantom's sections as the arrays of a pack (for a pool of processes)."""
    return encode_sections(phantom_sections(seed, split))
