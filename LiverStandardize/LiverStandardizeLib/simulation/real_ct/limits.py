"""Voxels whose HU are not what the scanner saw: cut off at a limit, or padding around the field of view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

PADDING_BELOW_HU = -1100
"""No scanner measures less than air; -2048 and -3024 stand for no value."""
BODY_ABOVE_HU = -300
AIR_HU = -900
"""A scan whose lowest value is above this one was cut off."""
FEWEST_AT_CLIP = 30
HIGHEST_CLIP_HU = 1500
"""A section whose many brightest voxels are at more than this is not cut off in a way that matters here."""
_FLAT = 2


@dataclass(frozen=True)
class Clip:
    """Where HU were cut off, None where they were not, and how much of the body is at those limits."""

    lowest_hu: float | None
    highest_hu: float | None
    low_percent: float
    high_percent: float


def upper_clip_hu(section: np.ndarray) -> float:
    """The value at which a section (y, x) was cut off, or infinity."""
    highest = float(section.max())
    at_limit = int((section == section.max()).sum())
    return highest if at_limit >= FEWEST_AT_CLIP and 0 < highest < HIGHEST_CLIP_HU else np.inf


def clip_of(sections: Iterable[np.ndarray], lowest: float, upper_clips: Sequence[float]) -> Clip:
    """What was cut off of sections (y, x) of HU; where there is no value counts for nothing.

    lowest: of all sections. upper_clips: of each.
    """
    low = lowest if lowest > AIR_HU else None
    whole = at_low = at_high = 0
    for hu, limit in zip(sections, upper_clips):
        body = ~without_value(hu, lowest) & (hu > BODY_ABOVE_HU)
        whole += int(body.sum())
        at_low += 0 if low is None else int((body & (hu <= lowest)).sum())
        at_high += int((body & (hu >= limit)).sum())
    whole = max(whole, 1)
    high = max((limit for limit in upper_clips if np.isfinite(limit)), default=None)
    return Clip(low, high, 100 * at_low / whole, 100 * at_high / whole)


def without_value(section: np.ndarray, lowest: float) -> np.ndarray:
    """Where a section (y, x) shows no measurement: padding, and areas that are the lowest value throughout.

    lowest: the volume's lowest value. An area counts where a pixel's neighbours, too, have that value.
    """
    flat = section <= lowest
    for axis in (0, 1):
        flat = _eroded(flat, axis)
    for axis in (0, 1):
        flat = ~_eroded(~flat, axis)
    return flat | (section < PADDING_BELOW_HU)


def _eroded(mask: np.ndarray, axis: int) -> np.ndarray:
    """Without pixels that have another within two steps along an axis; beyond the border all is alike."""
    width = [(0, 0), (0, 0)]
    width[axis] = (_FLAT, _FLAT)
    padded = np.pad(mask, width, mode="edge")
    length = mask.shape[axis]
    parts = [np.take(padded, range(start, start + length), axis) for start in range(2 * _FLAT + 1)]
    return np.logical_and.reduce(parts)
