"""A segmentation that a window can poll: its result, its errors, its end."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from bundle_factory import write_bright_bundle
from synthetic_ct import abdomen, lattice_image

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverSegmentCNNLib.background import BackgroundSegmentation, MaskBox
from LiverSegmentCNNLib.options import SegmentOptions
from LiverSegmentCNNLib.segment import segment_liver

WAITING = "waiting for other work to end"

@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("models") / "bright-ct"
    write_bright_bundle(folder, spacing_mm=[4.0, 4.0, 4.0])
    return str(folder)


def filled(box: MaskBox, shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    place = tuple(slice(first, first + size) for first, size in zip(box.start, box.values.shape))
    mask[place] = box.values
    return mask


def test_a_box_holds_the_mask_and_nothing_around_it() -> None:
    mask = np.zeros((5, 6, 7), np.uint8)
    mask[1, 2, 3] = mask[3, 4, 5] = 1
    box = MaskBox.of(mask)
    assert (box.start, box.values.shape, box.empty) == ((1, 2, 3), (3, 3, 3), False)
    assert (filled(box, mask.shape) == mask).all()
    assert MaskBox.of(np.zeros((5, 6, 7), np.uint8)).empty


@pytest.mark.slow
def test_the_result_is_that_of_the_library(bundle: str, tmp_path: Path) -> None:
    import SimpleITK as sitk

    image = abdomen((80, 64, 44), (4.0, 4.0, 4.0))
    seen = []
    queue = JobQueue(JobRunner())
    work = BackgroundSegmentation(image, SegmentOptions(bundle), queue, tmp_path, probability=True)
    result = work.wait(lambda fraction, message: seen.append(fraction))
    expected = sitk.GetArrayFromImage(segment_liver(image, bundle).mask)
    assert (filled(result.mask, expected.shape) == expected).all()
    assert result.probability is not None
    assert result.probability.shape == expected.shape
    assert seen == sorted(seen)
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_worker_is_told(tmp_path: Path) -> None:
    work = BackgroundSegmentation(
        lattice_image((20, 20, 3), (4.0, 4.0, 4.0)),
        SegmentOptions("no-such-model"),
        JobQueue(JobRunner()),
        tmp_path,
    )
    with pytest.raises(LiverCNNError) as error:
        work.wait()
    assert error.value.id == "model-not-found"
    assert not list(tmp_path.iterdir())


def test_a_cancellation_leaves_nothing(tmp_path: Path) -> None:
    def stop(fraction: float, message: str) -> None:
        raise Cancelled()

    work = BackgroundSegmentation(
        lattice_image((20, 20, 20), (4.0, 4.0, 4.0)), SegmentOptions(), JobQueue(JobRunner()), tmp_path
    )
    with pytest.raises(Cancelled):
        work.wait(stop)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_segmentations_run_one_after_the_other(bundle: str, tmp_path: Path) -> None:
    image, queue = abdomen((60, 50, 30), (5.0, 5.0, 5.0)), JobQueue(JobRunner())
    first, second = (BackgroundSegmentation(image, SegmentOptions(bundle), queue, tmp_path) for _ in range(2))
    waited = set()  # either may come first: their inputs are written at the same time
    while not all([first.poll(), second.poll()]):
        waited |= {number for number, one in enumerate((first, second)) if one.message == WAITING}
        time.sleep(0.01)
    assert len(waited) == 1
    assert (first.outcome().mask.values == second.outcome().mask.values).all()


@pytest.mark.slow
def test_waiting_in_the_queue_can_be_cancelled(bundle: str, tmp_path: Path) -> None:
    image, queue = abdomen((60, 50, 30), (5.0, 5.0, 5.0)), JobQueue(JobRunner())
    first, second = (BackgroundSegmentation(image, SegmentOptions(bundle), queue, tmp_path) for _ in range(2))
    while not any(one.message == WAITING for one in (first, second)):
        assert not first.poll() and not second.poll()
        time.sleep(0.01)
    waiting, running = (second, first) if second.message == WAITING else (first, second)
    waiting.cancel()
    assert waiting.poll()
    with pytest.raises(Cancelled):
        waiting.outcome()
    assert not running.wait().mask.empty
    assert not list(tmp_path.iterdir())
