"""From a thresholded mask to one liver: thin connections opened, the largest part kept, the rest reported.

After Tang et al. 2020 (EJNMMI): erode, keep the largest connected region, dilate it back. The result is then
limited to the mask it came from, so that post-processing only ever takes voxels away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from LiverCoreLib.card import Postprocessing
from LiverCoreLib.stages import Progress

from .components import components, largest_component
from .morphology import Triple, bounding_box, dilate, erode, reach_voxels

SMALLEST_REPORTED_ML = 0.1


@dataclass(frozen=True)
class RemovedComponent:
    """A connected part that was taken away: its volume, whether it hung on the liver (by a thin bridge) or
    lay apart, and one of its voxels near its centre, as an index (k, j, i).
    """

    volume_ml: float
    attached: bool
    voxel_kji: tuple[int, int, int]


@dataclass(frozen=True)
class PostprocessingReport:
    """What post-processing did, in mL. `removed` lists parts of at least 0.1 mL, the largest first; smaller
    ones, mostly corners rounded off by the opening, are only counted. `warnings` are plain sentences.
    """

    kept_ml: float
    removed: tuple[RemovedComponent, ...] = ()
    smaller_count: int = 0
    smaller_ml: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def removed_ml(self) -> float:
        """All that was taken away."""
        return sum(component.volume_ml for component in self.removed) + self.smaller_ml

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, lists and strings for a JSON report (without the warnings, which the result
        gathers).
        """
        return {
            "kept_ml": self.kept_ml,
            "removed_ml": self.removed_ml,
            "removed": [asdict(component) for component in self.removed],
            "smaller_than_0.1_ml": {"count": self.smaller_count, "volume_ml": self.smaller_ml},
        }


def postprocess(
    mask: np.ndarray,
    spacing_mm: Triple,
    rule: Postprocessing,
    *,
    voxel_ml: float,
    first: tuple[int, int, int] = (0, 0, 0),
    progress: Progress = None,
) -> tuple[np.ndarray, PostprocessingReport]:
    """Keep one liver of `mask` (bool, array axes with `spacing_mm` between voxels).

    `rule` is the card's: `erode_mm`, and `keep`, "largest_component" or "all". Gives the kept voxels, a
    subset of `mask`, and the report. A mask that does not survive the erosion keeps its largest component,
    with a warning; an empty mask stays empty. `first` is the index (k, j, i) of the array's first voxel in
    the whole image, for the places in the report.
    """
    if rule.keep == "all" or not mask.any():
        return mask.copy(), PostprocessingReport(kept_ml=int(np.count_nonzero(mask)) * voxel_ml)
    margin = reach_voxels(rule.erode_mm, spacing_mm)
    box = bounding_box(mask, margin)
    part = np.ascontiguousarray(mask[box])
    kept_part, warnings = _opened_largest(part, rule.erode_mm, spacing_mm, progress)
    kept = np.zeros_like(mask)
    kept[box] = kept_part
    corner = _sum(first, tuple(side.start for side in box))
    removed = [
        RemovedComponent(found.voxels * voxel_ml, found.touches, _sum(found.place, corner))
        for found in components(part & ~kept_part, kept_part)
    ]
    reported = tuple(component for component in removed if component.volume_ml >= SMALLEST_REPORTED_ML)
    small = removed[len(reported) :]
    small_ml = float(sum(component.volume_ml for component in small))
    kept_ml = int(np.count_nonzero(kept_part)) * voxel_ml
    _step(progress, 1.0)
    return kept, PostprocessingReport(kept_ml, reported, len(small), small_ml, warnings)


def _opened_largest(
    mask: np.ndarray, erode_mm: float, spacing_mm: Triple, progress: Progress
) -> tuple[np.ndarray, tuple[str, ...]]:
    core = erode(mask, erode_mm, spacing_mm)
    _step(progress, 0.3)
    if not core.any():
        warning = (
            f"Nothing found is thicker than {2 * erode_mm:g} mm; the largest connected part was kept as it "
            "is: check whether it is liver at all."
        )
        return largest_component(mask), (warning,)
    core = largest_component(core)
    _step(progress, 0.5)
    box = bounding_box(core, reach_voxels(erode_mm, spacing_mm))
    kept = np.zeros_like(mask)
    kept[box] = dilate(np.ascontiguousarray(core[box]), erode_mm, spacing_mm) & mask[box]
    _step(progress, 0.8)
    return kept, ()


def _sum(one: Sequence[int], other: Sequence[int]) -> tuple[int, int, int]:
    k, j, i = (a + b for a, b in zip(one, other))
    return k, j, i


def _step(progress: Progress, fraction: float) -> None:
    if progress is not None:
        progress(fraction, "keeping the liver")
