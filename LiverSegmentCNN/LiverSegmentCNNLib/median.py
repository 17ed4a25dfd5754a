"""The 3x3x3 median filter as a network of minima and maxima, in torch, on CPU or GPU.

Sorting along the three axes leaves each voxel's 27 neighbours as a 3x3x3 tableau that increases along
every axis. A cell with more than 14 cells at or below it cannot be the median, nor one with more than
14 at or above it: four cells on either side drop out, and the median of the 19 that remain is the
median of all. Those are reduced by repeatedly taking away the smallest and the largest ("forgetful
selection"; Paeth, Median finding on a 3x3 grid, Graphics Gems, 1990).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

# Slabs small enough to stay in a CPU's cache; on a GPU one pass over all is faster.
_CPU_SLAB_VOXELS = 120_000


def median3(volume: torch.Tensor) -> torch.Tensor:
    """Return the 3x3x3 median of a volume (Z, Y, X), edges replicated; same type and device."""
    z, y, x = volume.shape
    padded = F.pad(volume[None, None], (1, 1, 1, 1, 1, 1), mode="replicate")[0, 0]
    slab = z if volume.is_cuda else max(1, _CPU_SLAB_VOXELS // max(1, y * x))
    result = torch.empty_like(volume)
    for start in range(0, z, slab):
        stop = min(z, start + slab)
        result[start:stop] = _median_of_tableau(_sorted_tableau(padded[start : stop + 2]))
    return result


def _sort2(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.minimum(a, b), torch.maximum(a, b)


def _sort_triple(volume: torch.Tensor, axis: int) -> list[torch.Tensor]:
    """Return (low, middle, high) of each three consecutive values along an axis."""
    n = volume.shape[axis] - 2
    # Pairs (i, i + 1) are shared between neighbouring triples: sort each once.
    low, high = _sort2(volume.narrow(axis, 0, n + 1), volume.narrow(axis, 1, n + 1))
    third = volume.narrow(axis, 2, n)
    low, high = low.narrow(axis, 0, n), high.narrow(axis, 0, n)
    middle, highest = _sort2(high, third)
    lowest, middle = _sort2(low, middle)
    return [lowest, middle, highest]


def _sorted_tableau(padded: torch.Tensor) -> list[torch.Tensor]:
    """Return the 19 candidates for the median out of the sorted 3x3x3 neighbourhood of each voxel."""
    candidates = []
    for i, along_x in enumerate(_sort_triple(padded, 2)):
        for j, along_y in enumerate(_sort_triple(along_x, 1)):
            for k, cell in enumerate(_sort_triple(along_y, 0)):
                below, above = (i + 1) * (j + 1) * (k + 1), (3 - i) * (3 - j) * (3 - k)
                if below <= 14 and above <= 14:
                    candidates.append(cell)
    return candidates


def _median_of_tableau(values: list[torch.Tensor]) -> torch.Tensor:
    """Return the element-wise median of an odd number of tensors."""
    window = len(values) // 2 + 2
    kept, waiting = values[:window], values[window:]
    while True:
        kept = _drop_extremes(kept)
        if not waiting:
            break
        kept.append(waiting.pop())
    while len(kept) > 1:
        kept = _drop_extremes(kept)
    return kept[0]


def _drop_extremes(values: list[torch.Tensor]) -> list[torch.Tensor]:
    """Return the values without their element-wise minimum and maximum."""
    lows, highs = [], []
    for a, b in zip(values[0::2], values[1::2]):
        low, high = _sort2(a, b)
        lows.append(low)
        highs.append(high)
    if len(values) % 2:
        # The odd one out competes for both ends: what is left of it after the lows goes to the highs.
        lows.append(values[-1])
        lows = _push_min(lows)[1:]
        return lows[:-1] + _push_max(highs + lows[-1:])[:-1]
    return _push_min(lows)[1:] + _push_max(highs)[:-1]


def _push_min(values: list[torch.Tensor]) -> list[torch.Tensor]:
    """Bring the minimum to the front."""
    values = list(values)
    for i in range(len(values) - 1, 0, -1):
        values[i - 1], values[i] = _sort2(values[i - 1], values[i])
    return values


def _push_max(values: list[torch.Tensor]) -> list[torch.Tensor]:
    """Bring the maximum to the end."""
    values = list(values)
    for i in range(len(values) - 1):
        values[i], values[i + 1] = _sort2(values[i], values[i + 1])
    return values
