"""Sections of real CTs as materials for a pack: through the liver and a little beyond."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import Case
from livercnn_training.data.sections import PackedSections, encode_sections

COUNT = 14
"""Sections of each CT."""
_MARGIN_MM = 40.0
"""So far beyond the liver's ends sections are taken, too."""


def ct_sections(case: Case, split: str) -> PackedSections:
    """Split a CT into materials and return some of its sections, evenly spaced."""
    from LiverStandardizeLib.simulation.real_ct import training_sections

    image, labels = sitk.ReadImage(str(case.image)), sitk.ReadImage(str(case.labels))
    made = training_sections(image, labels)
    assert made.labels is not None
    liver = np.isin(made.labels, case.liver_values)
    kept = _evenly(liver, made.slice_mm)
    maps = made.maps[kept].astype(np.float16)
    return PackedSections(case.name, maps, liver[kept], made.pixel_mm, made.slice_mm, split, blurred=True)


def _evenly(liver: np.ndarray, slice_mm: float) -> np.ndarray:
    """Return indices of sections from below to above the liver."""
    found = np.flatnonzero(liver.any(axis=(1, 2)))
    margin = _MARGIN_MM / slice_mm
    first, last = max(0.0, found[0] - margin), min(len(liver) - 1.0, found[-1] + margin)
    return np.unique(np.linspace(first, last, COUNT).round().astype(int))


def encode_ct(case: Case, split: str) -> dict[str, np.ndarray]:
    """Return a CT's sections as the arrays of a pack (for a pool of processes)."""
    return encode_sections(ct_sections(case, split))
