"""Distances from the points of one surface to another, and what is reported of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree


@dataclass(frozen=True)
class DirectedDistances:
    """Distances from every point of one surface to the nearest point of the other.

    Attributes:
        values_mm: One distance per point, mm.
        weights: What each point counts for (its area, mm2), or None where all count the same.
        farthest_index: Index (z, y, x) of the point that is farthest off, in the frame of the masks;
            the first of several; None where all distances are 0.
    """

    values_mm: np.ndarray
    weights: np.ndarray | None
    farthest_index: np.ndarray | None

    @property
    def total_weight(self) -> float:
        return float(self.values_mm.size if self.weights is None else self.weights.sum())

    @property
    def maximum(self) -> float:
        return float(self.values_mm.max())

    @property
    def mean(self) -> float:
        return self.weighted_sum() / self.total_weight

    def weighted_sum(self, power: int = 1) -> float:
        """Sum of weight times distance to a power, over all points."""
        values = self.values_mm if power == 1 else self.values_mm**power
        return float(values.sum() if self.weights is None else values @ self.weights)

    def weight_within(self, tolerance_mm: float) -> float:
        """Weight of the points at most ``tolerance_mm`` from the other surface."""
        near = self.values_mm <= tolerance_mm
        return float(near.sum() if self.weights is None else self.weights[near].sum())


def percentile(distances: list[DirectedDistances], percent: float) -> float:
    """Percentile of the pooled distances, mm.

    Without weights: linear interpolation between order statistics (numpy's default, R's type 7).
    With weights: the smallest distance within which at least ``percent`` of the weight lies.
    """
    values = np.concatenate([part.values_mm for part in distances])
    if distances[0].weights is None:
        return float(np.percentile(values, percent))
    weights = np.concatenate([np.asarray(part.weights) for part in distances])
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order])
    position = int(np.searchsorted(share, percent / 100.0 * share[-1]))
    return float(values[order[min(position, values.size - 1)]])


def to_mm(indices: np.ndarray, metric_steps: np.ndarray) -> np.ndarray:
    """Points in mm, n x 3, of indices (z, y, x); ``metric_steps`` as from ``Grid.metric_steps``."""
    spacing = np.diag(metric_steps)
    if np.array_equal(metric_steps, np.diag(spacing)):
        return indices * spacing  # BLAS would wake all its threads for this
    return indices @ metric_steps


def nearest_mm(points_mm: np.ndarray, target_mm: np.ndarray) -> np.ndarray:
    """Distance from each point (n x 3, mm) to the nearest target point (m x 3, mm)."""
    if points_mm.shape[0] == 0:
        return np.zeros(0)
    # On livers this builds three times faster than scipy's default, and answers no slower.
    tree = cKDTree(target_mm, leafsize=32, balanced_tree=False, compact_nodes=False)
    distances, _ = tree.query(points_mm)
    return distances


def farthest(values_mm: np.ndarray, indices: np.ndarray) -> np.ndarray | None:
    """The index of the largest distance, or None where there is none above 0."""
    if values_mm.size == 0 or values_mm.max() == 0:
        return None
    return indices[int(values_mm.argmax())]
