"""Nearest voxels by looking: surfaces that nearly agree are within a few voxels of each other.

For one offset after the other, from the shortest, all points that have a target voxel at that offset are
settled at once, 64 voxels a word. No coordinates are needed and no tree; what is left is for a tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, product

import numpy as np

from .lattice import Index
from .packed import WORD_BITS, count_bits, neighbour_x

_REACH = 4
_MOST_OFFSETS = 160
_COMPRESS_EVERY = 8


@dataclass(frozen=True)
class NearSearch:
    """What looking around found.

    Attributes:
        values_mm: Distances of the points that were settled, ascending.
        farthest_index: Index (z, y, x) of one that is farthest, or None where none was settled.
        left: Packed points whose nearest target is farther than all offsets tried.
    """

    values_mm: np.ndarray
    farthest_index: np.ndarray | None
    left: np.ndarray


def search_near(points: np.ndarray, targets: np.ndarray, metric_steps: np.ndarray) -> NearSearch:
    """Distances from packed points to the nearest target voxel, for the points that have one near.

    Args:
        points, targets: Packed masks over the same box that have no voxel in common.
        metric_steps: 3 x 3 matrix that turns index vectors into mm.
    """
    offsets = _offsets(metric_steps)
    reach = [max(abs(offset[axis]) for _, offset in offsets) for axis in range(2)]
    padded_targets = np.pad(targets, ((reach[0],) * 2, (reach[1],) * 2, (0, 0)))
    shifted = {
        step: neighbour_x(padded_targets, step).reshape(-1) for step in {dx for _, (_, _, dx) in offsets}
    }
    _, height, row = padded_targets.shape

    filled = np.flatnonzero(points)
    z, y, word = np.unravel_index(filled, points.shape)
    places = ((z + reach[0]) * height + y + reach[1]) * row + word
    pending = points.reshape(-1)[filled]
    distances, counts, farthest = [], [], None
    for turn, (distance, group) in enumerate(groupby(offsets, key=lambda item: item[0])):
        found = np.zeros_like(pending)
        for _, (dz, dy, dx) in group:
            found |= shifted[dx].take(places + (dz * height + dy) * row)
        found &= pending
        count = count_bits(found)
        if count:
            distances.append(distance)
            counts.append(count)
            pending ^= found
            farthest = _first_index(found, filled, points.shape)
        if turn % _COMPRESS_EVERY == 0:
            keep = pending != 0
            filled, places, pending = filled[keep], places[keep], pending[keep]
            if not len(pending):
                break
    left = np.zeros_like(points)
    left.reshape(-1)[filled] = pending
    return NearSearch(np.repeat(np.array(distances, dtype=float), counts), farthest, left)


def _offsets(metric_steps: np.ndarray) -> list[tuple[float, Index]]:
    """Offsets and their lengths in mm, from the shortest, without a gap: every shorter one is in the list."""
    span = range(-_REACH, _REACH + 1)
    offsets = np.array([offset for offset in product(span, span, span) if any(offset)])
    lengths = np.linalg.norm(offsets @ metric_steps, axis=1)
    # An offset outside the span is at least this long, whatever its direction.
    complete = (_REACH + 1) * float(np.linalg.svd(metric_steps, compute_uv=False).min())
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] < complete * (1 - 1e-9)][:_MOST_OFFSETS]
    # Equal lengths are rounded apart by the arithmetic; together they are counted once.
    return [
        (round(float(lengths[i]), 12), (int(offsets[i, 0]), int(offsets[i, 1]), int(offsets[i, 2])))
        for i in order
    ]


def _first_index(found: np.ndarray, filled: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Index (z, y, x) of the first voxel in some words of a packed array."""
    place = int(np.flatnonzero(found)[0])
    z, y, word = np.unravel_index(int(filled[place]), shape)
    bits = int(found[place])
    return np.array([int(z), int(y), int(word) * WORD_BITS + (bits & -bits).bit_length() - 1])
