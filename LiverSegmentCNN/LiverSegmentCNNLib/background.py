"""Segmenting an image from a program that must not wait: a window, above all.

Files are written and read in a thread, the network runs in a worker process; the program polls from a timer::

    segmentation = BackgroundSegmentation(image, SegmentOptions(), JobQueue(JobRunner()))
    while not segmentation.poll():
        ...
    result = segmentation.outcome()
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.background_work import BackgroundWork
from LiverCoreLib.hand_over import write_plain
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.voxel_view import VoxelView

from .job import SegmentRequest
from .options import SegmentOptions

_IMAGE, _MASK, _PROBABILITY, _RAW = "image.nrrd", "mask.nrrd", "probability.nrrd", "raw.nrrd"


@dataclass(frozen=True)
class MaskBox:
    """The part of a mask that is not empty.

    values: uint8 zyx, 0 or 1. start: index z, y, x of its first voxel in the image.
    """

    values: np.ndarray
    start: tuple[int, int, int]

    @classmethod
    def of(cls, mask: np.ndarray) -> MaskBox:
        """The box of a mask (zyx, not 0 in the liver); no voxels where it is empty."""
        z, y, x = (_extent(np.asarray(mask.any(axis=others))) for others in ((1, 2), (0, 2), (0, 1)))
        return cls((mask[z, y, x] != 0).astype(np.uint8), (z.start, y.start, x.start))

    @property
    def empty(self) -> bool:
        """Whether there is no voxel in it."""
        return self.values.size == 0


@dataclass(frozen=True)
class BackgroundResult:
    """What came of it. report: as `segment_file` gives it. probability: float32 zyx, or None. raw: the mask
    before post-processing, or None. seconds: from start to end, as the user waited.
    """

    report: dict[str, Any]
    mask: MaskBox
    probability: np.ndarray | None
    raw: MaskBox | None = None
    seconds: float = 0.0


class BackgroundSegmentation(BackgroundWork):
    """One segmentation under way; its outcome is a BackgroundResult.

    Args:
        image: A CT; it is only read, and must not be changed meanwhile.
        options: How to segment it.
        queue: Runs the worker when its turn has come; other work may be in it.
        folder: Where its temporary folder is made; None is the system's.
        probability: Also give the probability map.
        raw: Also give the mask as it was before post-processing.
    """

    def __init__(
        self,
        image: sitk.Image | VoxelView,
        options: SegmentOptions,
        queue: JobQueue,
        folder: Path | None = None,
        *,
        probability: bool = False,
        raw: bool = False,
    ) -> None:
        def write(place: Path) -> dict[str, Any]:
            write_plain(image, place / _IMAGE)
            request = SegmentRequest(
                **asdict(options),
                input=str(place / _IMAGE),
                output=str(place / _MASK),
                probability=str(place / _PROBABILITY) if probability else None,
                raw=str(place / _RAW) if raw else None,
            )
            return asdict(request)

        super().__init__("segment", write, _read, queue, folder)

    def outcome(self) -> BackgroundResult:
        """The result, once finished; raises the error (LiverCNNError, Cancelled) if there is none."""
        result: BackgroundResult = super().outcome()
        return replace(result, seconds=self.seconds)


def _extent(used: np.ndarray) -> slice:
    """First to last True; an empty slice at 0 if there is none."""
    places = np.flatnonzero(used)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0)


def _read(place: Path, report: dict[str, Any]) -> BackgroundResult:
    probability = place / _PROBABILITY
    return BackgroundResult(
        report,
        _read_mask(place / _MASK),
        sitk.GetArrayFromImage(sitk.ReadImage(str(probability))) if probability.exists() else None,
        raw=_read_mask(place / _RAW) if (place / _RAW).exists() else None,
    )


def _read_mask(path: Path) -> MaskBox:
    image = sitk.ReadImage(str(path))  # a name of its own: a view does not keep its image
    return MaskBox.of(sitk.GetArrayViewFromImage(image))
