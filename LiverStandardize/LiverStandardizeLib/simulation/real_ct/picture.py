"""The same section of a CT in every simulated image, side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping

import numpy as np
import SimpleITK as sitk

from ...protocol.names import MEANINGS
from ..protocol_picture import Panel, draw_panels

LIVER_LIKE_HU = (40.0, 180.0)
"""Without a label, the section with most of this is shown."""


class Picture:
    """Sections of the images that are added, as radiologists look at them; nothing else is kept of them."""

    def __init__(self, image: sitk.Image, labels: sitk.Image | None, liver_codes: Collection[int]) -> None:
        if labels is None:
            self._index = _fullest(upright(image), _is_like_liver)
            self._liver = np.zeros(upright(image)[self._index].shape, bool)
        else:
            self._index = _fullest(upright(labels), lambda section: np.isin(section, list(liver_codes)))
            self._liver = np.isin(upright(labels)[self._index], list(liver_codes))
        columns, rows, _ = upright_axes(image)[0]
        self._aspect = image.GetSpacing()[rows] / image.GetSpacing()[columns]
        self._panels: list[Panel] = []

    def add(self, images: Mapping[str, sitk.Image], note: str = "") -> None:
        """Take a section out of each image; `note` says what it was put to, instead of what it is."""
        for name, image in images.items():
            meaning = note or MEANINGS.get(name, f"virtual monoenergetic, {name[1:]} keV")
            self._panels.append(Panel(name, meaning, upright(image)[self._index].copy()))

    def draw(self, phase: str, path: str | os.PathLike[str]) -> None:
        """Write the PNG. Raises OutputError."""
        caption = f"{phase} phase    simulated from one CT    section {self._index}"
        draw_panels(self._panels, self._liver, caption, path, pixel_aspect=self._aspect)


def upright(image: sitk.Image) -> np.ndarray:
    """The voxels as `DICOMOrient` to LPS gives them, (z, y, x), without its copy: a view of the image, which
    must not go away.
    """
    axes, flipped = upright_axes(image)
    voxels = sitk.GetArrayViewFromImage(image).transpose([2 - axis for axis in reversed(axes)])
    return voxels[tuple(slice(None, None, -1 if one else None) for one in reversed(flipped))]


def upright_axes(image: sitk.Image) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    """Which axes of an image run right to left, front to back and up, and which of them the other way."""
    orient = sitk.DICOMOrientImageFilter()
    orient.SetDesiredCoordinateOrientation("LPS")
    point = sitk.Image(1, 1, 1, sitk.sitkUInt8)
    point.SetDirection(image.GetDirection())
    orient.Execute(point)
    return orient.GetPermuteOrder(), orient.GetFlipAxes()


def _fullest(sections: np.ndarray, marked: Callable[[np.ndarray], np.ndarray]) -> int:
    """The section with most that is marked; one at a time, for memory."""
    return int(np.argmax([np.count_nonzero(marked(section)) for section in sections]))


def _is_like_liver(section: np.ndarray) -> np.ndarray:
    low, high = LIVER_LIKE_HU
    return (section > low) & (section < high)
