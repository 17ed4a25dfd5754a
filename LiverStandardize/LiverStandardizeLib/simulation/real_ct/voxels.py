"""The HU of a CT, a few sections at a time: nothing but the image itself is held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from .limits import Clip, clip_of, upper_clip_hu, without_value
from .sections import AxialSections

AIR_HU = -1000.0


@dataclass(frozen=True)
class Voxels:
    """stored: (n, row, column), a view of the image's voxels. offset_hu: what makes HU of them.

    lowest_hu: of all. clips_hu: of each section, where bright voxels were cut off, or infinity. weights: of
    neighbouring sections, the middle one its own: how thicker slices are averaged.
    """

    stored: np.ndarray
    offset_hu: float
    lowest_hu: float
    clips_hu: tuple[float, ...]
    clip: Clip
    weights: tuple[float, ...] = (1.0,)

    def as_they_came(self, here: slice) -> np.ndarray:
        """HU of these sections, float32, also where there is no measurement; NaN and infinity are air."""
        return _hu(self.stored[here], self.offset_hu)

    def hu(self, here: slice) -> np.ndarray:
        """HU of these sections, float32, air where there is no measurement, averaged if slices are thick."""
        places = np.arange(len(self.stored))[here]
        reach = len(self.weights) // 2
        total = np.zeros((len(places), *self.stored.shape[1:]), np.float32)
        for offset, weight in enumerate(self.weights, start=-reach):
            for number, place in enumerate(np.clip(places + offset, 0, len(self.stored) - 1)):
                section = _hu(self.stored[place], self.offset_hu)
                section[without_value(section, self.lowest_hu)] = AIR_HU
                total[number] += np.float32(weight) * section
        return total

    def empty(self, here: slice) -> np.ndarray:
        """True where these sections hold no measurement."""
        return np.stack([without_value(section, self.lowest_hu) for section in self.as_they_came(here)])

    def uncertain(self, here: slice) -> np.ndarray:
        """True there, and where HU were cut off."""
        hu = self.as_they_came(here)
        found = self.empty(here) | (hu >= np.array(self.clips_hu[here], np.float32)[:, None, None])
        return found if self.clip.lowest_hu is None else found | (hu <= self.clip.lowest_hu)


def voxels_of(image: sitk.Image, axial: AxialSections, offset_hu: float) -> Voxels:
    """Look through an image once for its limits; it must not change, or go away, as long as they are used."""
    stored = axial.view(sitk.GetArrayViewFromImage(image))
    lowest, clips = np.inf, []
    for section in stored:
        hu = _hu(section, offset_hu)
        lowest = min(lowest, float(hu.min()))
        clips.append(upper_clip_hu(hu))
    clip = clip_of((_hu(section, offset_hu) for section in stored), lowest, clips)
    return Voxels(stored, offset_hu, lowest, tuple(clips), clip)


def _hu(stored: np.ndarray, offset_hu: float) -> np.ndarray:
    hu = stored.astype(np.float32) + np.float32(offset_hu)
    hu[~np.isfinite(hu)] = AIR_HU
    return hu
