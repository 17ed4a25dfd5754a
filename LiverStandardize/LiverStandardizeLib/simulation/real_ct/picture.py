"""The same section of a CT in every simulated image, side by side."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

import numpy as np
import SimpleITK as sitk

from ...protocol.names import MEANINGS
from ..protocol_picture import Panel, draw_panels

LIVER_LIKE_HU = (40.0, 180.0)
"""Without a label, the section with most of this is shown."""


class Picture:
    """Sections of the images that are added, as radiologists look at them; nothing else is kept of them."""

    def __init__(self, image: sitk.Image, labels: sitk.Image | None, liver_codes: Collection[int]) -> None:
        upright = _upright(image)
        if labels is None:
            low, high = LIVER_LIKE_HU
            hu = sitk.GetArrayViewFromImage(upright)
            marked, liver = (hu > low) & (hu < high), np.zeros(hu.shape, bool)
        else:
            marked = liver = np.isin(sitk.GetArrayFromImage(_upright(labels)), list(liver_codes))
        self._index = int(marked.sum(axis=(1, 2)).argmax())
        self._liver = liver[self._index]
        self._aspect = upright.GetSpacing()[1] / upright.GetSpacing()[0]
        self._panels: list[Panel] = []

    def add(self, images: Mapping[str, sitk.Image], note: str = "") -> None:
        """Take a section out of each image; `note` says what it was put to, instead of what it is."""
        for name, image in images.items():
            meaning = note or MEANINGS.get(name, f"virtual monoenergetic, {name[1:]} keV")
            section = sitk.GetArrayViewFromImage(_upright(image))[self._index].copy()
            self._panels.append(Panel(name, meaning, section))

    def draw(self, phase: str, path: str | os.PathLike[str]) -> None:
        """Write the PNG. Raises OutputError."""
        caption = f"{phase} phase    simulated from one CT    section {self._index}"
        draw_panels(self._panels, self._liver, caption, path, pixel_aspect=self._aspect)


def _upright(image: sitk.Image) -> sitk.Image:
    return sitk.DICOMOrient(image, "LPS")
