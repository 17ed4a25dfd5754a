"""Standardizing an image from a program that must not wait: a window, above all.

Files are written and read in a thread, the network runs in a worker process; the program polls from a timer::

    standardization = BackgroundStandardization(image, StandardizeOptions(), JobQueue(JobRunner()))
    while not standardization.poll():
        ...
    result = standardization.outcome()
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

from .protocol.detection import ProtocolDetection
from .standardize_job import StandardizeRequest
from .standardize_options import StandardizeOptions

_IMAGE, _RESULT = "image.nrrd", "standardized.nrrd"


@dataclass(frozen=True)
class BackgroundStandardized:
    """What came of it.

    Attributes:
        report: As `standardize_file` gives it: Standardized's fields but the image, and more.
        values: int16 HU (z, y, x) on the input's own voxels.
        seconds: From start to end, as the user waited.
    """

    report: dict[str, Any]
    values: np.ndarray
    seconds: float = 0.0


class BackgroundStandardization(BackgroundWork):
    """One standardization under way; its outcome is a BackgroundStandardized.

    Args:
        image: A CT; it is only read, and must not be changed meanwhile.
        options: How to standardize it.
        queue: Runs the worker when its turn has come; other work may be in it.
        folder: Where its temporary folder is made; None is the system's.
        detection: What is known of the protocol; the image alone has no headers.
    """

    def __init__(
        self,
        image: sitk.Image | VoxelView,
        options: StandardizeOptions,
        queue: JobQueue,
        folder: Path | None = None,
        *,
        detection: ProtocolDetection | None = None,
    ) -> None:
        def write(place: Path) -> dict[str, Any]:
            write_plain(image, place / _IMAGE)
            request = StandardizeRequest(
                **asdict(options),
                input=str(place / _IMAGE),
                output=str(place / _RESULT),
                detection=None if detection is None else detection.to_dict(),
            )
            return asdict(request)

        super().__init__("standardize", write, _read, queue, folder)

    def outcome(self) -> BackgroundStandardized:
        """The result, once finished; raises the error (LiverCNNError, Cancelled) if there is none."""
        result: BackgroundStandardized = super().outcome()
        return replace(result, seconds=self.seconds)


def _read(place: Path, report: dict[str, Any]) -> BackgroundStandardized:
    return BackgroundStandardized(report, sitk.GetArrayFromImage(sitk.ReadImage(str(place / _RESULT))))
