"""A fat-fraction measurement under way: voxels copied out of the scene, measured in a thread.

Nodes are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

from typing import Any

import SimpleITK as sitk
import slicer

from LiverCoreLib.errors import Cancelled
from LiverCoreScene import fingerprints, masks
from LiverCoreScene.scene_run import SceneRun
from LiverCoreScene.thread_work import ThreadWork
from LiverMetricsLib.pdff import PdffMeasurement, measure_pdff

from .pdff_readiness import units_of
from .pdff_result import PdffSource, land, place_of


class PdffRun(SceneRun):
    """A measurement under way; its outcome is a PdffOutcome.

    Attributes:
        fraction, message: How far it is, 0 to 1, and with what.
    """

    def __init__(
        self, volume: Any, segmentation: Any, segment_id: str, units: str = "", erosion_mm: float = 0.0
    ) -> None:
        """units, erosion_mm: as for ``measure_pdff``; where the map's node states units, those are taken."""
        self.fraction, self.message = 0.0, "taking over the map"
        self._source = PdffSource(volume.GetID(), segmentation.GetID(), segment_id)
        self._units, self._erosion_mm = units or units_of(volume), erosion_mm
        self._mask, self._made_of = masks.copy_segment(segmentation, segment_id), {}
        self._measuring: ThreadWork | None = None
        super().__init__((volume.GetID(), segmentation.GetID()))

    def _let_go(self) -> None:
        if self._measuring is not None:
            self._measuring.end()

    def _advance(self) -> None:
        """The map is copied in a poll of its own: mask and map at once would keep the window waiting."""
        if self._measuring is None:
            if self._cancelled:
                raise Cancelled()
            self._measuring = self._start()
        elif self._measuring.poll():
            if self._cancelled:  # too late for the work, in time for the scene
                raise Cancelled()
            self.outcome = land(self._source, self._measuring.outcome(), self._made_of)

    def _start(self) -> ThreadWork:
        volume = slicer.mrmlScene.GetNodeByID(self._source.map_id)
        values, grid = slicer.util.arrayFromVolume(volume).copy(), masks.grid_of_label(volume)

        place = place_of(volume)

        def work() -> PdffMeasurement:
            self._made_of = {"mask": fingerprints.of_copy(self._mask), "map": place}
            pdff_map = sitk.GetImageFromArray(values)
            pdff_map.SetSpacing(grid.spacing_mm.tolist())
            pdff_map.SetDirection(grid.direction.ravel().tolist())
            pdff_map.SetOrigin(grid.origin.tolist())
            return measure_pdff(
                pdff_map,
                self._mask.image(),
                units=self._units,
                erosion_mm=self._erosion_mm,
                progress=self._on_progress,
            )

        return ThreadWork(work)

    def _on_progress(self, fraction: float, message: str) -> None:
        """Called in the thread."""
        if self._cancelled:
            raise Cancelled()
        self.fraction, self.message = fraction, message
