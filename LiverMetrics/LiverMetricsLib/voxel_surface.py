"""The voxel family: a surface is the object voxels that touch background.

A voxel belongs to the surface when one of its 18 face or edge neighbours is background; outside the
image is background. Distances run between voxel centres and all surface voxels count the same.
"""

from __future__ import annotations

import numpy as np

from .distances import DirectedDistances, farthest, nearest_mm, to_mm
from .near_search import search_near
from .packed import bit_indices, count_bits, erode_18


def voxel_distances(
    test: np.ndarray, reference: np.ndarray, metric_steps: np.ndarray
) -> tuple[DirectedDistances, DirectedDistances]:
    """Distances between the surfaces of two packed masks over the same box, neither of them empty.

    Points that both surfaces share are 0 mm apart and are never looked up; most of the others have the
    other surface within a few voxels and are settled by looking there; a tree answers for the rest.

    Args:
        test, reference: Packed masks (see ``packed``).
        metric_steps: 3 x 3 matrix that turns index vectors into mm (``Grid.metric_steps``).

    Returns:
        Test to reference, reference to test; ``farthest_index`` counts from the packed array's corner.
    """
    test_surface = surface_of(test)
    reference_surface = surface_of(reference)
    shared = count_bits(test_surface & reference_surface)
    return (
        _directed(test_surface, reference_surface, shared, metric_steps),
        _directed(reference_surface, test_surface, shared, metric_steps),
    )


def surface_of(words: np.ndarray) -> np.ndarray:
    """Packed surface voxels of a packed mask."""
    return words & ~erode_18(words)


def _directed(
    source: np.ndarray, target: np.ndarray, shared: int, metric_steps: np.ndarray
) -> DirectedDistances:
    near = search_near(source & ~target, target, metric_steps)
    indices, apart = apart_from(near.left, target, metric_steps)
    values = np.concatenate([np.zeros(shared), near.values_mm, apart])
    return DirectedDistances(values, None, farthest(apart, indices) if len(apart) else near.farthest_index)


def apart_from(
    source: np.ndarray, target: np.ndarray, metric_steps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Surface voxels of ``source`` that ``target`` lacks: their indices, n x 3, and distances to it, mm."""
    indices = bit_indices(source & ~target)
    targets = bit_indices(target) if len(indices) else indices
    return indices, nearest_mm(to_mm(indices, metric_steps), to_mm(targets, metric_steps))
