"""Jobs with real worker processes: results, errors, cancellation, crashes; nothing is left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.job_errors import JobError, JobFault
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobCallbacks, JobRunner, JobState
from LiverCoreLib.worker_environment import worker_environment

TASKS = ("echo", "many_reports", "fail", "fault", "leave", "out_of_memory", "unsendable", "talk", "die")
TASKS += ("cooperate", "hang")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tasks use POSIX calls to misbehave")


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """Starts workers that know the test tasks; their temporary folders lie where the test can count them."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return JobRunner(Path(sys.executable), environment_with_tasks())


def environment_with_tasks() -> dict[str, str]:
    environment = worker_environment(Path(sys.executable))
    environment["PYTHONPATH"] += os.pathsep + str(Path(__file__).parent)
    environment["LIVERCNN_TEST_TASKS"] = ",".join(f"{task}=worker_tasks:{task}" for task in TASKS)
    return environment


@pytest.fixture
def left_behind(tmp_path):
    """What workers have left in the temporary folder."""
    return lambda: sorted(path.name for path in (tmp_path / "tmp").rglob("*"))


def is_running(pid: int) -> bool:
    """Whether a process lives; one that waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, timeout_s):
    end = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def listen():
    """Callbacks that keep what they hear."""
    heard = {"progress": [], "log": [], "finished": []}
    callbacks = JobCallbacks(
        progress=lambda fraction, message: heard["progress"].append((fraction, message)),
        log=lambda level, text: heard["log"].append((level, text)),
        finished=lambda job: heard["finished"].append(job.state),
    )
    return heard, callbacks


# --- results and errors ----------------------------------------------------------------------------------


def test_a_result(runner, left_behind):
    heard, callbacks = listen()
    job = runner.start("echo", {"a": [1, "ü"]}, callbacks)
    result = job.wait(30)

    assert result["arguments"] == {"a": [1, "ü"]}
    assert result["not_a_number"] is None
    assert Path(result["temporary_file"]).parent == Path(result["folder"])
    assert heard["progress"] == [(0.0, "Starting"), (0.5, "Half-way, naïvely"), (1.0, "Over the top")]
    assert heard["finished"] == [JobState.DONE]
    assert (job.state, job.error, left_behind()) == (JobState.DONE, None, [])


def test_rapid_reports_are_thinned_out(runner):
    heard, callbacks = listen()
    runner.start("many_reports", {"count": 5000}, callbacks).wait(30)

    assert 1 <= len(heard["progress"]) < 500


def test_our_own_error_arrives_whole(runner, left_behind):
    job = runner.start("fail", {})
    with pytest.raises(JobError) as caught:
        job.wait(30)

    error = caught.value
    assert (str(error), error.id, error.exit_code) == ("Found 2 slices; give 5.", "unhappy-input", 2)
    assert error.details == {"found": 2}
    assert (job.state, left_behind()) == (JobState.FAILED, [])


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("fault", "please report it: ZeroDivisionError: a bug"),
        ("unsendable", "not JSON serializable"),
        ("leave", "SystemExit"),
    ],
)
def test_a_fault_keeps_its_traceback(runner, task, message):
    with pytest.raises(JobFault, match=message) as caught:
        runner.start(task, {}).wait(30)

    assert (caught.value.id, caught.value.exit_code) == ("internal-error", 1)
    assert "Traceback" in caught.value.details["traceback"]


def test_out_of_memory_is_plain(runner):
    with pytest.raises(JobError, match="memory does not suffice") as caught:
        runner.start("out_of_memory", {}).wait(30)

    assert caught.value.id == "out-of-memory"


def test_an_unknown_task(runner, left_behind):
    with pytest.raises(JobError, match="There is no task 'os:system'") as caught:
        runner.start("os:system", {}).wait(30)

    assert (caught.value.id, left_behind()) == ("unknown-task", [])


def test_what_libraries_print_is_logged_and_cannot_forge_a_result(runner):
    heard, callbacks = listen()
    assert runner.start("talk", {}, callbacks).wait(30) == {}

    text = "\n".join(text for _, text in heard["log"])
    for words in ("printed by Python", "forged", "printed by native code", "printed by a child"):
        assert f"stderr: {words}" in text or words in text
    assert ("warning", "library: logged") in heard["log"]
    assert "warned" in text


def test_arguments_must_be_plain_data(runner, left_behind):
    with pytest.raises(TypeError):
        runner.start("echo", {"image": object()})
    with pytest.raises(ValueError, match="JSON"):
        runner.start("echo", {"spacing": float("nan")})

    assert left_behind() == []


def test_an_interpreter_that_is_not_there(left_behind, runner):
    job = JobRunner(Path("/nowhere/python")).start("echo", {})

    assert job.state is JobState.FAILED
    with pytest.raises(JobFault, match="could not be started") as caught:
        job.wait()
    assert (caught.value.id, left_behind()) == ("worker-not-started", [])


def test_waiting_may_time_out_and_go_on(runner):
    job = runner.start("cooperate", {})
    with pytest.raises(TimeoutError):
        job.wait(0.1)
    job.cancel()

    with pytest.raises(Cancelled):
        job.wait(30)


# --- cancellation ----------------------------------------------------------------------------------------


def running(runner, task, arguments):
    """Start a task, wait for its first report, and return the job."""
    heard, callbacks = listen()
    job = runner.start(task, arguments, callbacks)
    assert wait_until(lambda: job.poll() or heard["progress"], 60), heard
    assert not job.finished, job.error
    return job


@pytest.mark.parametrize("how", ["native", "native with the global lock", "python"])
def test_cancelled_within_two_seconds_whatever_the_task_does(runner, left_behind, tmp_path, how):
    beside_output = tmp_path / ".livercnn-half.nrrd"
    job = running(runner, "hang", {"how": how, "beside_output": str(beside_output)})
    assert "large.tmp" in left_behind() and beside_output.exists()
    start = time.monotonic()
    job.cancel()

    with pytest.raises(Cancelled):
        job.wait(30)
    assert time.monotonic() - start < 2.0
    assert not is_running(job.pid)
    assert (job.state, left_behind(), beside_output.exists()) == (JobState.CANCELLED, [], False)


@pytest.mark.slow
def test_cancelled_within_two_seconds_inside_torch(runner, left_behind):
    pytest.importorskip("torch")
    job = running(runner, "hang", {"how": "torch"})
    time.sleep(0.3)
    start = time.monotonic()
    job.cancel()

    with pytest.raises(Cancelled):
        job.wait(30)
    assert time.monotonic() - start < 2.0
    assert (is_running(job.pid), left_behind()) == (False, [])


def test_a_task_that_reports_is_stopped_at_once(runner, left_behind):
    job = running(runner, "cooperate", {})
    start = time.monotonic()
    job.cancel()

    with pytest.raises(Cancelled):
        job.wait(30)
    assert time.monotonic() - start < 1.0
    assert left_behind() == []


def test_a_progress_callback_may_cancel(runner):
    def refuse(fraction, message):
        raise Cancelled()

    with pytest.raises(Cancelled):
        runner.start("cooperate", {}, JobCallbacks(progress=refuse)).wait(30)


def test_children_of_the_worker_go_with_it(runner, tmp_path):
    job = running(runner, "hang", {"how": "native", "child": str(tmp_path / "child.pid")})
    child = int((tmp_path / "child.pid").read_text())
    assert is_running(child)
    job.cancel()

    with pytest.raises(Cancelled):
        job.wait(30)
    assert wait_until(lambda: not is_running(child), 1)


def test_cancelling_twice_or_after_the_end_is_harmless(runner):
    job = runner.start("echo", {})
    job.wait(30)
    job.cancel()
    assert job.state is JobState.DONE

    job = running(runner, "cooperate", {})
    job.cancel()
    job.cancel()
    with pytest.raises(Cancelled):
        job.wait(30)


# --- crashes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "message"),
    [("exit", r"exit code 3"), ("kill", "memory runs out"), ("segmentation fault", "SIGSEGV")],
)
def test_a_dead_worker_is_a_plain_error(runner, left_behind, how, message):
    job = runner.start("die", {"how": how})
    with pytest.raises(JobFault, match=message) as caught:
        job.wait(30)

    assert (caught.value.id, left_behind()) == ("worker-crashed", [])
    if how == "segmentation fault":
        assert "worker_tasks.py" in caught.value.details["stderr"]  # faulthandler says where


def test_a_worker_killed_from_outside(runner, left_behind, tmp_path):
    """Its temporary files are removed by the parent, those beside an output too, and its children killed."""
    beside_output = tmp_path / ".livercnn-half.nrrd"
    arguments = {"how": "native", "beside_output": str(beside_output), "child": str(tmp_path / "child.pid")}
    job = running(runner, "hang", arguments)
    child = int((tmp_path / "child.pid").read_text())
    os.kill(job.pid, signal.SIGKILL)

    with pytest.raises(JobFault):
        job.wait(30)
    assert (left_behind(), beside_output.exists()) == ([], False)
    assert wait_until(lambda: not is_running(child), 1)


# --- one after the other ---------------------------------------------------------------------------------


def test_a_queue_runs_one_job_at_a_time(runner):
    queue = JobQueue(runner)
    order = []
    note = JobCallbacks(finished=lambda job: order.append((job.task, job.state)))
    first, second = queue.submit("echo", {}, note), queue.submit("fail", {}, note)
    third = queue.submit("echo", {}, note)
    assert first.state is JobState.WAITING
    queue.poll()

    def step():
        assert sum(job.state is JobState.RUNNING for job in (first, second, third)) <= 1
        return not queue.poll()

    assert wait_until(step, 60)
    assert order == [("echo", JobState.DONE), ("fail", JobState.FAILED), ("echo", JobState.DONE)]


def test_a_queue_is_cancelled_whole(runner):
    queue = JobQueue(runner)
    jobs = [queue.submit("cooperate", {}) for _ in range(3)]
    queue.poll()
    jobs[1].cancel()
    queue.cancel_all()

    assert wait_until(lambda: not queue.poll(), 30)
    assert [job.state for job in jobs] == [JobState.CANCELLED] * 3
    with pytest.raises(Cancelled):
        jobs[2].wait()


def test_a_job_starts_once_and_waits_for_its_start(runner):
    job = JobQueue(runner).submit("echo", {})
    with pytest.raises(RuntimeError, match="not been started"):
        job.wait()
    job.start(runner)
    with pytest.raises(RuntimeError, match="started before"):
        job.start(runner)
    job.wait(30)
