"""The difference of a standardized volume and its source, computed in a thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import Cancelled
from LiverCoreScene.refusal import require
from LiverCoreScene.scene_run import SceneRun
from LiverCoreScene.standardized import source_of
from LiverCoreScene.thread_work import ThreadWork
from LiverCoreScene.voxel_images import vtk_image
from LiverCoreScene.voxel_views import voxel_view

from .result_node import land_difference

_INT16 = np.iinfo(np.int16)
_BODY_ABOVE_HU = -300
_SHOWN_PERCENT = 99.0  # of the changes in the body lie within the window
_NARROWEST_HU = 50.0


class DifferenceRun(SceneRun):
    """A difference under way; its outcome is the volume node."""

    def __init__(self, result: Any, output: Any = None) -> None:
        """result: a standardized volume. output: an earlier difference that is replaced. Raises NotReady."""
        source = source_of(result)
        require(why_no_difference(result))
        self._nodes = [result.GetID(), source.GetID(), *([] if output is None else [output.GetID()])]
        before, after = voxel_view(source).values, voxel_view(result).values
        self._work = ThreadWork(lambda: difference(before, after))
        super().__init__(self._nodes)

    def _advance(self) -> None:
        if not self._work.poll():
            return
        voxels, window_hu = self._work.outcome()
        if self._cancelled:
            raise Cancelled()
        nodes = [slicer.mrmlScene.GetNodeByID(one) for one in self._nodes]
        self.outcome = land_difference(voxels, window_hu, *nodes)

    def _let_go(self) -> None:
        self._work.end()


def why_no_difference(result: Any) -> str:
    """Why there is nothing to compare a result with; empty if there is."""
    source = source_of(result)
    if source is None:
        return _("The volume that it was made of was removed.")
    images = [volume.GetImageData() for volume in (source, result)]
    if None in images or images[0].GetDimensions() != images[1].GetDimensions():
        return _("{source} has another grid than {result} by now.").format(
            source=source.GetName(), result=result.GetName()
        )
    return ""


def difference(before: np.ndarray, after: np.ndarray) -> tuple:
    """After minus before (zyx, HU) as int16 image data, and the width of a window for it; for a thread."""
    values = np.empty(after.shape, np.int16)
    for place, one in enumerate(after):  # slice by slice: little memory
        change = np.nan_to_num(one.astype(np.float32) - before[place])
        values[place] = np.clip(np.rint(change), _INT16.min, _INT16.max)
    body = np.abs(values[::4, ::4, ::4][after[::4, ::4, ::4] > _BODY_ABOVE_HU])
    limit_hu = float(np.percentile(body, _SHOWN_PERCENT)) if body.size else 0.0
    return vtk_image(values), max(2 * limit_hu, _NARROWEST_HU)
