"""Smooth surfaces drawn on fewer voxels, and interpolated."""

from __future__ import annotations

from typing import Callable

import numpy as np

from .shapes import Grid

STEP = 3
"""Voxels between those that are drawn, in sections. A surface of 60 mm radius errs by 0.05 mm at 1.5 mm."""


def drawn_coarsely(grid: Grid, shape: Callable[[Grid], np.ndarray], step: int = STEP) -> np.ndarray:
    """What `shape` draws on a grid, from every `step`-th row and column: for surfaces without details."""
    coarse, (rows, columns) = _thinned(grid, step)
    drawn = shape(coarse).astype(np.float32, copy=False)
    drawn = _between(drawn, rows, grid.shape[1], 1)
    return _between(drawn, columns, grid.shape[2], 2)


def _thinned(grid: Grid, step: int) -> tuple[Grid, tuple[np.ndarray, np.ndarray]]:
    """Every `step`-th row and column and the last ones, and which they are."""
    rows, columns = (np.unique(np.r_[np.arange(0, count, step), count - 1]) for count in grid.shape[1:])
    x, y, z = (values[:, rows[:, None], columns] for values in (grid.x, grid.y, grid.z))
    axes = (grid.axes[0][columns], grid.axes[1][rows], grid.axes[2])
    return Grid(x, y, z, axes, grid.bends_mm, grid.window), (rows, columns)


def _between(values: np.ndarray, places: np.ndarray, count: int, axis: int) -> np.ndarray:
    """Linear interpolation along an axis from some places to all of them."""
    wanted = np.arange(count)
    after = np.clip(np.searchsorted(places, wanted), 1, len(places) - 1)
    share = ((wanted - places[after - 1]) / (places[after] - places[after - 1])).astype(np.float32)
    share = share.reshape([-1 if one == axis else 1 for one in range(values.ndim)])
    first = np.take(values, after - 1, axis)
    return first + share * (np.take(values, after, axis) - first)
