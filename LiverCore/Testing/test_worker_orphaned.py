"""When the parent is killed, its worker and the worker's children go, and no temporary file stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from LiverCoreLib.worker_environment import worker_environment

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads process states in /proc")

# Starts one job, tells the worker's number once the task is under way, and then does nothing more.
PARENT = """
import os, sys, time
from pathlib import Path
from LiverCoreLib.jobs import JobRunner, JobCallbacks

under_way = []
job = JobRunner(Path(sys.executable), dict(os.environ)).start(
    {task!r}, {arguments!r}, JobCallbacks(progress=lambda fraction, message: under_way.append(message))
)
while not under_way:
    assert not job.poll(), job.error
    time.sleep(0.02)
{afterwards}
print(job.pid, flush=True)
time.sleep(120)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def seconds_until(condition, timeout_s: float) -> float:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < timeout_s, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - start


@pytest.fixture
def orphan(tmp_path):
    """A function that starts a parent with a job, kills the parent and returns the worker's number."""
    environment = worker_environment(Path(sys.executable))
    environment["PYTHONPATH"] += os.pathsep + str(Path(__file__).parent)
    environment["LIVERCNN_TEST_TASKS"] = "hang=worker_tasks:hang,cooperate=worker_tasks:cooperate"
    (tmp_path / "tmp").mkdir()
    environment["TMPDIR"] = str(tmp_path / "tmp")
    parents = []

    def make(task, arguments, afterwards="") -> int:
        script = textwrap.dedent(PARENT).format(task=task, arguments=arguments, afterwards=afterwards)
        parent = subprocess.Popen(
            [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
        )
        parents.append(parent)
        worker = int(parent.stdout.readline())
        assert is_running(worker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        return worker

    yield make
    for parent in parents:
        parent.kill()
        parent.stdout.close()


def left_behind(tmp_path):
    return list((tmp_path / "tmp").rglob("*"))


@pytest.mark.parametrize("how", ["native", "python"])
def test_gone_within_two_seconds_whatever_the_task_does(orphan, tmp_path, how):
    beside_output, child_file = tmp_path / ".livercnn-half.nrrd", tmp_path / "child.pid"
    arguments = {"how": how, "beside_output": str(beside_output), "child": str(child_file)}
    worker = orphan("hang", arguments)
    child = int(child_file.read_text())

    assert seconds_until(lambda: not is_running(worker), 5) < 2.0
    assert seconds_until(lambda: not is_running(child), 1) < 1.0
    assert left_behind(tmp_path) == []
    assert not beside_output.exists()


def test_a_task_that_reports_is_stopped_at_once(orphan, tmp_path):
    worker = orphan("cooperate", {})

    assert seconds_until(lambda: not is_running(worker), 5) < 1.5
    assert left_behind(tmp_path) == []


def test_noticed_although_another_process_holds_stdin_open(orphan, tmp_path):
    """A fork of the parent keeps the pipe: only the change of the parent process tells."""
    fork = "if os.fork() == 0:\n    time.sleep(8)\n    os._exit(0)\n"
    worker = orphan("hang", {"how": "native"}, afterwards=fork)

    assert seconds_until(lambda: not is_running(worker), 5) < 2.0
    assert left_behind(tmp_path) == []
