"""HU and noise of tissues before and after standardization, measured in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.geometry import Lattice
from LiverCoreScene import masks, volumes
from LiverCoreScene.masks import MaskCopy
from LiverCoreScene.refusal import require
from LiverCoreScene.scene_run import SceneRun
from LiverCoreScene.standardized import source_of, standardization_of
from LiverCoreScene.thread_work import ThreadWork
from LiverCoreScene.voxel_views import voxel_view
from LiverStandardizeLib.quality.regions import RegionMeasure, measure_regions
from LiverStandardizeLib.quality.sampled import sample_arrays

from .difference_run import why_no_difference
from .liver_mask import find_liver


@dataclass(frozen=True)
class Tissues:
    """What was measured. values: of each tissue that was found. liver: which mask, or empty."""

    values: tuple[RegionMeasure, ...]
    liver: str


class TissueRun(SceneRun):
    """A measurement under way; its outcome is Tissues."""

    def __init__(self, result: Any) -> None:
        """result: a standardized volume. Raises NotReady, UnreadableSegment."""
        require(why_no_difference(result))
        source = source_of(result)
        mask = find_liver([result, source])
        grid = masks.grid_of_label(result)
        lattice = Lattice(
            tuple(reversed(grid.shape)),
            tuple(grid.spacing_mm.tolist()),
            tuple(grid.origin.tolist()),
            tuple(grid.direction.ravel().tolist()),
        )
        copy = None if mask is None else masks.copy_segment(mask.node, mask.segment_id)
        self._liver = "" if mask is None else mask.name
        before, after = voxel_view(source).values, voxel_view(result).values
        offset_hu = standardization_of(result)["provenance"]["parameters"]["hu_offset"]
        self._work = ThreadWork(lambda: _measure(before, after, offset_hu, lattice, copy))
        nodes = [result, source, *([] if mask is None else [mask.node])]
        super().__init__({node.GetID() for node in nodes})

    def _advance(self) -> None:
        if self._work.poll():
            values = self._work.outcome()
            if self._cancelled:
                raise Cancelled()
            self.outcome = Tissues(values, self._liver)

    def _let_go(self) -> None:
        self._work.end()


def nodes_of(result: Any) -> list:
    """The nodes that a measurement is of: None among them are not there."""
    mask = find_liver([result, source_of(result)])
    return [result, source_of(result), None if mask is None else mask.node]


def state_of(result: Any) -> tuple:
    """What tells whether a measurement would give the same again."""
    source = source_of(result)
    mask = find_liver([result, source])
    seen = (volumes.voxels_state(result), volumes.voxels_state(source))
    return (result.GetID(), *seen, None if mask is None else mask.state)


def _measure(
    before: np.ndarray, after: np.ndarray, offset_hu: float, lattice: Lattice, copy: MaskCopy | None
) -> tuple:
    """In a thread."""
    liver = None if copy is None else _on_lattice(copy.image(), lattice)
    return measure_regions(sample_arrays(lattice, before, after, None, liver, before_offset_hu=offset_hu))


def _on_lattice(mask: sitk.Image, lattice: Lattice) -> np.ndarray:
    """A mask (zyx) on other voxels, by nearest neighbour."""
    return sitk.GetArrayFromImage(
        sitk.Resample(
            mask,
            lattice.size,
            sitk.Transform(),
            sitk.sitkNearestNeighbor,
            lattice.origin,
            lattice.spacing,
            lattice.direction,
        )
    )
