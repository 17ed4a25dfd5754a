"""Sections of synthetic abdomens for a pack: every few millimetres through the upper abdomen."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.sections import PackedSections, encode_sections

TRAINING_SEEDS = 100_000
"""Seeds of phantoms that are trained on start here, far from those of demonstrations and tests."""
VALIDATION_SEEDS = 200_000

SIZE = 256
EVERY = 3
"""Of the sections drawn, this many lie between those that are kept: neighbours are too much alike."""
DRAWN = 48
LIVER = 6
"""The phantom's code of the liver, see LiverStandardizeLib.simulation.tissues.LABELS."""


def phantom_sections(seed: int, split: str) -> PackedSections:
    """Draw phantom number `seed` and return its sections: adults, and people of all ages by turns."""
    from LiverStandardizeLib.simulation.people import draw_person
    from LiverStandardizeLib.simulation.phantom_materials import make_materials

    person = draw_person(seed) if seed % 2 else None
    body = make_materials(seed, size=(SIZE, SIZE, DRAWN), person=person)
    pixel_mm, _, slice_mm = body.labels.GetSpacing()
    kept = slice(EVERY // 2, None, EVERY)
    maps = body.maps[:, kept].swapaxes(0, 1).astype(np.float16)
    liver = sitk.GetArrayViewFromImage(body.labels)[kept] == LIVER
    return PackedSections(f"phantom/{seed}", maps, liver, pixel_mm, slice_mm, split)


def encode_phantom(seed: int, split: str) -> dict[str, np.ndarray]:
    """Return a phantom's sections as the arrays of a pack (for a pool of processes)."""
    return encode_sections(phantom_sections(seed, split))
