"""Segmenting in the worker process: result, errors, cancellation, and what is left behind."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import SimpleITK as sitk
from bundle_factory import write_bright_bundle
from synthetic_ct import abdomen, dice, liver_of, mask_array

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.job_errors import JobError
from LiverCoreLib.jobs import JobCallbacks, JobRunner
from LiverCoreLib.masks import read_mask

PATIENCE_S = 120


@pytest.fixture(scope="module")
def scan() -> sitk.Image:
    return abdomen((100, 80, 55), (3.2, 3.2, 3.2))


@pytest.fixture
def arguments(scan, tmp_path) -> dict:
    write_bright_bundle(tmp_path / "model")
    sitk.WriteImage(scan, str(tmp_path / "ct.nii.gz"))
    (tmp_path / "results").mkdir()
    return {
        "input": str(tmp_path / "ct.nii.gz"),
        "output": str(tmp_path / "results" / "liver.seg.nrrd"),
        "model": str(tmp_path / "model"),
        "device": "cpu",
    }


def results(arguments) -> list[str]:
    return sorted(path.name for path in Path(arguments["output"]).parent.iterdir())


def test_a_job_gives_mask_and_report(scan, arguments):
    fractions = []
    callbacks = JobCallbacks(progress=lambda fraction, message: fractions.append(fraction))
    job = JobRunner().start("segment", arguments, callbacks)
    report = job.wait(PATIENCE_S)
    assert results(arguments) == ["liver.seg.nrrd"]
    mask = mask_array(read_mask(arguments["output"]))
    assert dice(mask, liver_of(scan)) > 0.98
    assert report["volume_ml"] == pytest.approx(mask.sum() * 3.2**3 / 1000)
    assert fractions == sorted(fractions)


def test_a_wrong_input_comes_back_as_its_own_error(arguments):
    job = JobRunner().start("segment", {**arguments, "input": arguments["output"]})
    with pytest.raises(JobError) as caught:
        job.wait(PATIENCE_S)
    assert caught.value.id == "same-file"
    assert results(arguments) == []


@pytest.mark.parametrize("moment", ["reading", "network"])
def test_cancelling_leaves_nothing(arguments, moment):
    seen = []

    def progress(fraction, message):
        if moment in message.lower():
            seen.append(time.monotonic())
            raise Cancelled()

    job = JobRunner().start("segment", arguments, JobCallbacks(progress=progress))
    with pytest.raises(Cancelled):
        job.wait(PATIENCE_S)
    assert time.monotonic() - seen[0] < 10
    assert results(arguments) == []
