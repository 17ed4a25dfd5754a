"""The surfel family: surface elements weighted by their area.

A surface element sits at the corner where eight voxels meet and are not all alike. It counts for the
area of the surface inside the cell of those eight voxel centres, as in DeepMind's surface-distance;
distances run between such corners. Outside the image is background.
"""

from __future__ import annotations

import numpy as np

from .cell_table import CORNERS, cell_areas
from .distances import DirectedDistances, farthest, nearest_mm, to_mm
from .packed import bit_indices, bits_at, neighbour_x


def surfel_distances(
    test: np.ndarray, reference: np.ndarray, metric_steps: np.ndarray
) -> tuple[DirectedDistances, DirectedDistances]:
    """Area-weighted distances between the surfels of two packed masks, neither of them empty.

    Args:
        test, reference: Packed masks over the same box (see ``packed``).
        metric_steps: 3 x 3 matrix that turns index vectors into mm (``Grid.metric_steps``).

    Returns:
        Test to reference, reference to test; ``farthest_index`` counts from the packed array's corner.
    """
    areas = cell_areas(metric_steps)
    test_cells, reference_cells = border_cells(test), border_cells(reference)
    return (
        _directed(test, test_cells, reference_cells, areas, metric_steps),
        _directed(reference, reference_cells, test_cells, areas, metric_steps),
    )


def border_cells(words: np.ndarray) -> np.ndarray:
    """Packed cells whose eight voxels are not all alike; cell (z, y, x) spans the voxels up to index + 1."""
    following = neighbour_x(words, 1)
    some, every = words | following, words & following
    for axis in (0, 1):
        some = _with_next(some, axis, np.bitwise_or)
        every = _with_next(every, axis, np.bitwise_and)
    return some & ~every


def cell_states(words: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """State of each cell (n x 3 indices): bit b tells whether its corner b is object (see ``cell_table``)."""
    states = np.zeros(len(cells), dtype=np.uint8)
    for bit, corner in enumerate(CORNERS):
        states |= bits_at(words, cells + corner).astype(np.uint8) << np.uint8(bit)
    return states


def _with_next(words: np.ndarray, axis: int, combine: np.ufunc) -> np.ndarray:
    """Combine each voxel with the next along an axis; the margin makes the last one background."""
    following = np.zeros_like(words)
    np.moveaxis(following, axis, 0)[:-1] = np.moveaxis(words, axis, 0)[1:]
    return combine(words, following)


def _directed(
    words: np.ndarray,
    cells: np.ndarray,
    other_cells: np.ndarray,
    areas: np.ndarray,
    metric_steps: np.ndarray,
) -> DirectedDistances:
    shared, own = bit_indices(cells & other_cells), bit_indices(cells & ~other_cells)
    targets = bit_indices(other_cells) if len(own) else own
    apart = nearest_mm(to_mm(own, metric_steps), to_mm(targets, metric_steps))
    weights = areas[cell_states(words, np.concatenate([shared, own]))]
    values = np.concatenate([np.zeros(len(shared)), apart])
    return DirectedDistances(values, weights, farthest(apart, own + 0.5))
