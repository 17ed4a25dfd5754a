"""Segmenting an image from a program that must not wait: a window, above all.

Files are written and read in a thread, the network runs in a worker process; the program polls from a timer::

    segmentation = BackgroundSegmentation(image, SegmentOptions(), JobQueue(JobRunner()))
    while not segmentation.poll():
        ...
    result = segmentation.outcome()
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_errors import reported_error
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import Job, JobCallbacks, JobState
from LiverCoreLib.work_folder import WorkFolder, remove_stale

from .job import SegmentRequest
from .options import SegmentOptions
from .voxel_view import VoxelView

_FOLDER_PREFIX = "livercnn-segment-"
_IMAGE, _MASK, _PROBABILITY, _RAW = "image.nrrd", "mask.nrrd", "probability.nrrd", "raw.nrrd"

_WRITTEN, _SEGMENTED = 0.05, 0.95  # fractions of the whole at which the stages end
_STARTING = "starting the worker"
_WAIT_S = 0.02
_LET_THREADS_WORK_S = 0.001  # a program around Python may hold its lock between polls, and nothing would move
_LEAST_S_FOR_ESTIMATE, _LEAST_FRACTION_FOR_ESTIMATE = 2.0, 0.1


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
    """What came of it. report: as `segment_file` gives it. probability: float32 zyx, or None. seconds: from
    start to end, as the user waited. raw: the mask before post-processing, or None.
    """

    report: dict[str, Any]
    mask: MaskBox
    probability: np.ndarray | None
    seconds: float
    raw: MaskBox | None = None


_Files = tuple[MaskBox, Optional[np.ndarray], Optional[MaskBox]]


class BackgroundSegmentation:
    """One segmentation under way. It starts when it is made; its temporary files go with its end.

    Args:
        image: A CT; it is only read, and must not be changed meanwhile.
        options: How to segment it.
        queue: Runs the worker when its turn has come; other work may be in it.
        folder: Where its temporary folder is made; None is the system's.
        probability: Also give the probability map.
        raw: Also give the mask as it was before post-processing.

    Attributes:
        fraction, message: How far it is, 0 to 1, and with what.
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
        self.fraction, self.message = 0.0, "handing over the image"
        self._options, self._queue = options, queue
        self._with_probability, self._with_raw = probability, raw
        self._began = self._turn_came = time.monotonic()
        self._cancelled = False
        self._job: Job | None = None
        self._result: BackgroundResult | None = None
        self._error: LiverCNNError | None = None
        self._scratch = WorkFolder(_FOLDER_PREFIX, folder)
        self._folder = self._scratch.path
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="livercnn-files")
        self._reading: Future[_Files] | None = None
        self._writing: Future[None] = self._files.submit(_write_plain, image, self._folder / _IMAGE)

    @property
    def finished(self) -> bool:
        """Whether there is an outcome."""
        return self._result is not None or self._error is not None

    @property
    def seconds(self) -> float:
        """Seconds since the start, or from start to end."""
        return time.monotonic() - self._began if self._result is None else self._result.seconds

    def seconds_left(self) -> float | None:
        """About how long it is going to take from now; None while that is anybody's guess."""
        worked_s = time.monotonic() - self._turn_came
        if worked_s < _LEAST_S_FOR_ESTIMATE or self.fraction < _LEAST_FRACTION_FOR_ESTIMATE:
            return None
        return worked_s * (1 - self.fraction) / self.fraction

    def cancel(self) -> None:
        """Stop; it is finished, with Cancelled, at a later poll (within 2 s)."""
        self._cancelled = True
        if self._job is not None:
            self._job.cancel()

    def poll(self) -> bool:
        """See what has happened, without waiting. Returns whether it is finished."""
        if not self.finished:
            time.sleep(_LET_THREADS_WORK_S)
            try:
                self._advance()
            except LiverCNNError as error:
                self._end(error=error)
        return self.finished

    def outcome(self) -> BackgroundResult:
        """The result, once finished; raises the error (LiverCNNError, Cancelled) if there is none."""
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("The segmentation is not finished.")
        return self._result

    def wait(self, progress: Callable[[float, str], None] | None = None) -> BackgroundResult:
        """Wait for the end and give the outcome. `progress` may raise Cancelled, or anything else."""
        try:
            while not self.poll():
                if progress is not None and not self._cancelled:
                    progress(self.fraction, self.message)
                time.sleep(_WAIT_S)
        except BaseException as interruption:
            self.cancel()
            while not self.poll():
                time.sleep(_WAIT_S)
            if not isinstance(interruption, Cancelled):
                raise
        return self.outcome()

    def _advance(self) -> None:
        """Take the next step if the present one is over."""
        if self._job is None:
            if self._writing.done():
                self._take(self._writing)
                self._job = self._submit()
        elif self._reading is None:
            self._wait_for_worker(self._job)
        elif self._reading.done():
            mask, probability, raw = self._take(self._reading)
            assert self._job.result is not None
            self._end(BackgroundResult(self._job.result, mask, probability, self.seconds, raw))

    def _take(self, future: Future[Any]) -> Any:
        """A thread's result; its error as one of ours. Raises Cancelled if it was waited for in vain."""
        if self._cancelled:
            raise Cancelled()
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, LiverCNNError):
            raise error
        from LiverCoreLib.worker import describe_error

        raise reported_error(describe_error(error)) from error

    def _submit(self) -> Job:
        request = SegmentRequest(
            **asdict(self._options),
            input=str(self._folder / _IMAGE),
            output=str(self._folder / _MASK),
            probability=str(self._folder / _PROBABILITY) if self._with_probability else None,
            raw=str(self._folder / _RAW) if self._with_raw else None,
        )
        self._report_progress(0.0, "waiting for other work to end" if self._queue.busy else _STARTING)
        return self._queue.submit("segment", asdict(request), JobCallbacks(progress=self._report_progress))

    def _wait_for_worker(self, job: Job) -> None:
        waited = job.state is JobState.WAITING
        self._queue.poll()
        if waited and job.state is JobState.RUNNING:
            self._turn_came = time.monotonic()
            self._report_progress(0.0, _STARTING)
        if job.finished:
            self._start_reading(job)

    def _report_progress(self, fraction: float, message: str) -> None:
        self.fraction, self.message = _WRITTEN + (_SEGMENTED - _WRITTEN) * fraction, message

    def _start_reading(self, job: Job) -> None:
        if self._cancelled:
            raise Cancelled()
        if job.state is not JobState.DONE:
            assert job.error is not None
            raise job.error
        self.fraction, self.message = _SEGMENTED, "taking over the mask"
        self._reading = self._files.submit(
            _read, self._folder, probability=self._with_probability, raw=self._with_raw
        )

    def _end(self, result: BackgroundResult | None = None, error: LiverCNNError | None = None) -> None:
        self._files.shutdown()  # idle: nothing was submitted after what has just ended
        self._scratch.remove()
        self.fraction = 1.0 if error is None else self.fraction
        self._result, self._error = result, error


def _extent(used: np.ndarray) -> slice:
    """First to last True; an empty slice at 0 if there is none."""
    places = np.flatnonzero(used)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0)


def _write_plain(image: sitk.Image | VoxelView, path: Path) -> None:
    """Write without compression, which would take longer than the network on a graphics card; before that,
    remove what processes that were killed left behind.
    """
    from LiverCoreLib.output import OutputError

    remove_stale(_FOLDER_PREFIX, path.parent.parent)
    try:
        if isinstance(image, VoxelView):
            image.write_nrrd(path)
        else:
            sitk.WriteImage(image, str(path), useCompression=False)
    except (RuntimeError, OSError) as error:
        raise OutputError(
            f"The image could not be handed over through {path.parent}; check the free space of that disk.",
            id="write-failed",
            path=str(path),
        ) from error


def _read(folder: Path, *, probability: bool, raw: bool) -> _Files:
    return (
        _read_mask(folder / _MASK),
        sitk.GetArrayFromImage(sitk.ReadImage(str(folder / _PROBABILITY))) if probability else None,
        _read_mask(folder / _RAW) if raw else None,
    )


def _read_mask(path: Path) -> MaskBox:
    image = sitk.ReadImage(str(path))  # a name of its own: a view does not keep its image
    return MaskBox.of(sitk.GetArrayViewFromImage(image))
