"""Work in the background: the outcome, errors of each stage, cancellation; nothing is left behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from LiverCoreLib.background_work import BackgroundWork
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreLib.worker_environment import worker_environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tasks use POSIX calls to misbehave")


@pytest.fixture
def queue() -> JobQueue:
    environment = worker_environment(Path(sys.executable))
    environment["PYTHONPATH"] += os.pathsep + str(Path(__file__).parent)
    tasks = ("echo", "fail", "hang")
    environment["LIVERCNN_TEST_TASKS"] = ",".join(f"{task}=worker_tasks:{task}" for task in tasks)
    return JobQueue(JobRunner(Path(sys.executable), environment))


def write(folder: Path) -> dict:
    (folder / "input.txt").write_text("some")
    return {"input": str(folder / "input.txt"), "how": "python"}


def read(folder: Path, result: dict) -> tuple:
    return threading.current_thread() is threading.main_thread(), (folder / "input.txt").read_text(), result


def test_files_are_written_and_read_in_a_thread(queue, tmp_path):
    work = BackgroundWork("echo", write, lambda folder, result: read(folder, result)[:2], queue, tmp_path)
    assert work.wait() == (False, "some")
    assert work.fraction == 1.0
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_task_or_of_a_thread_is_the_outcome(queue, tmp_path):
    with pytest.raises(LiverCNNError) as told:
        BackgroundWork("fail", write, read, queue, tmp_path).wait()
    assert told.value.id == "unhappy-input"

    def broken(folder: Path) -> dict:
        raise ValueError("ours")

    with pytest.raises(LiverCNNError, match="fault of LiverCNN.*ours") as told:
        BackgroundWork("echo", broken, read, queue, tmp_path).wait()
    assert told.value.id == "internal-error"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("after_s", [0.0, 1.5])
def test_cancelled_within_two_seconds(queue, tmp_path, after_s):
    work = BackgroundWork("hang", write, read, queue, tmp_path)
    end = time.monotonic() + after_s
    while time.monotonic() < end:
        assert not work.poll()
        time.sleep(0.02)
    began = time.monotonic()
    work.cancel()
    with pytest.raises(Cancelled):
        work.wait()
    assert time.monotonic() - began < 3.0  # 2 s, and the rest for a busy machine
    assert list(tmp_path.iterdir()) == []


def test_there_is_no_outcome_before_the_end(queue, tmp_path):
    work = BackgroundWork("hang", write, read, queue, tmp_path)
    assert (work.poll(), work.finished, work.seconds_left()) == (False, False, None)
    with pytest.raises(RuntimeError):
        work.outcome()
    work.cancel()
    with pytest.raises(Cancelled):
        work.wait()
