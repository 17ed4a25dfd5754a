"""The protocol by itself: lines, job files, and parents that meet strange workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.job_errors import JobError, JobFault
from LiverCoreLib.jobs import JobCallbacks, JobRunner
from LiverCoreLib.worker import JobFileError, find_task, read_job
from LiverCoreLib.worker_environment import worker_environment
from LiverCoreLib.worker_protocol import Channel, decode, encode

# --- lines -----------------------------------------------------------------------------------------------


def test_a_line_is_ascii_json_with_the_version_first():
    line = encode("progress", fraction=0.5, message="Größe")

    assert line == b'{"protocol": 1, "type": "progress", "fraction": 0.5, "message": "Gr\\u00f6\\u00dfe"}\n'
    assert decode(line) == {"protocol": 1, "type": "progress", "fraction": 0.5, "message": "Größe"}


def test_nan_and_infinity_become_null():
    line = encode(
        "result", result={"hd_mm": float("inf"), "all": [float("nan"), 1.5], "inner": {"x": -1e400}}
    )

    assert json.loads(line)["result"] == {"hd_mm": None, "all": [None, 1.5], "inner": {"x": None}}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"3",
        b"{}",
        b'{"type": "result", "result": {}}',
        b'{"protocol": "1", "type": "result", "result": {}}',
        b'{"protocol": 1, "type": "result"}',
        b'{"protocol": 1, "type": "result", "result": 3}',
        b'{"protocol": 1, "type": "surprise"}',
        b'{"protocol": 1, "type": ["result"], "result": {}}',
        b'{"protocol": 1, "type": "progress", "fraction": null, "message": ""}',
        b"[" * 100_000,
    ],
)
def test_foreign_lines(line):
    assert decode(line) is None


def test_other_versions_come_through():
    assert decode(b'{"protocol": 2, "type": "surprise"}') == {"protocol": 2, "type": "surprise"}


# --- the worker's end ------------------------------------------------------------------------------------


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_nothing_follows_the_last_line(pipe):
    channel = Channel(pipe[1])
    channel.send("result", result={})
    channel.send("log", level="info", message="late")
    channel.send("error", id="a", message="b", exit_code=1, details={})
    channel.send_last_now("error", id="a", message="b", exit_code=1, details={})

    assert os.read(pipe[0], 10_000) == encode("result", result={})


def test_a_program_that_is_gone_is_no_error(pipe):
    channel = Channel(pipe[1])
    os.close(pipe[0])
    channel.send("log", level="info", message="hello")
    channel.send("result", result={})


def test_the_last_line_does_not_wait_for_a_program_that_does_not_read(pipe):
    channel = Channel(pipe[1])
    stuck = threading.Thread(
        target=channel.send, args=("log",), kwargs={"level": "info", "message": "x" * 10**6}
    )
    stuck.start()
    time.sleep(0.1)
    start = time.monotonic()
    channel.send_last_now("error", id="cancelled", message="Cancelled.", exit_code=130, details={})

    assert time.monotonic() - start < 1.0
    while stuck.is_alive():
        os.read(pipe[0], 10**6)
        stuck.join(0.01)


# --- job files -------------------------------------------------------------------------------------------


def job_file(folder: Path, content: object, name: str = "job.json") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


JOB = {"protocol": 1, "task": "segment", "arguments": {}}


def test_a_good_job_file(tmp_path):
    assert read_job(job_file(tmp_path / "livercnn-job-a", JOB)) == JOB


@pytest.mark.parametrize(
    ("folder", "name", "content", "message"),
    [
        ("documents", "job.json", JOB, r"livercnn-job-\*"),
        ("livercnn-job-a", "thesis.json", JOB, "job.json"),
        ("livercnn-job-a", "job.json", "{", "cannot be read"),
        ("livercnn-job-a", "job.json", [], "protocol None"),
        ("livercnn-job-a", "job.json", {**JOB, "protocol": 2}, "protocol 2; this worker understands 1"),
        ("livercnn-job-a", "job.json", {**JOB, "tasks": {"segment": ["os", "system"]}}, "nothing else"),
        ("livercnn-job-a", "job.json", {**JOB, "arguments": []}, "must hold"),
    ],
)
def test_bad_job_files(tmp_path, folder, name, content, message):
    path = job_file(tmp_path / folder, content, name)
    with pytest.raises(JobFileError, match=message):
        read_job(path)

    run = subprocess.run(
        [sys.executable, "-m", "LiverCoreLib.worker", str(path)],
        env=worker_environment(Path(sys.executable)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    (line,) = run.stdout.splitlines()
    assert (run.returncode, decode(line)["id"]) == (2, "bad-job")
    assert path.exists(), "the worker must not remove a folder that was not made for a job"


def test_a_job_cannot_name_code(monkeypatch):
    monkeypatch.delenv("LIVERCNN_TEST_TASKS", raising=False)
    for name in ("os:system", "os", "", None, "LiverCoreLib.worker:main"):
        with pytest.raises(JobFileError, match="There is no task"):
            find_task(name)


# --- strange workers -------------------------------------------------------------------------------------


@pytest.fixture
def strange(tmp_path):
    """Run a job with a worker that is a script of one's own; returns (job, log lines)."""

    def run(script: str):
        path = tmp_path / "strange.py"
        path.write_text("import sys, time, os\nfrom pathlib import Path\n" + script)
        log = []
        runner = JobRunner(command=[sys.executable, str(path)], grace_s=0.5)
        job = runner.start("any", {}, JobCallbacks(log=lambda level, text: log.append(text)))
        return job, log

    return run


RESULT = 'print(\'{"protocol": 1, "type": "result", "result": {"a": 1}}\', flush=True)\n'


def test_foreign_lines_are_logged_and_harm_nothing(strange):
    job, log = strange(
        "print('hello')\nsys.stdout.flush()\nos.write(1, b'\\xff\\xfe\\n')\nprint('{\"type\": 3}')\nprint()\n"
        "print('x' * 3_000_000)\nprint('on stderr', file=sys.stderr)\n" + RESULT
    )

    assert job.wait(30) == {"a": 1}
    assert {"stdout: hello", 'stdout: {"type": 3}', "stdout: \ufffd\ufffd", "stderr: on stderr"} <= set(log)


def test_only_the_first_last_message_counts(strange):
    job, log = strange(RESULT + RESULT.replace("1}}", "2}}"))

    assert job.wait(30) == {"a": 1}
    assert any("went on after its last message" in text for text in log)


def test_another_protocol_is_named(strange):
    job, _ = strange('print(\'{"protocol": 7, "type": "hello"}\', flush=True)\ntime.sleep(60)\n')
    with pytest.raises(JobFault, match="protocol 7 and this program 1") as caught:
        job.wait(30)

    assert caught.value.id == "wrong-protocol"


def test_a_worker_that_says_nothing(strange):
    job, _ = strange("print('ouch', file=sys.stderr)\n")
    with pytest.raises(JobFault, match="without a result") as caught:
        job.wait(30)

    assert caught.value.details == {"returncode": 0, "stderr": "ouch"}


def test_a_worker_that_reports_an_error_with_any_details(strange):
    job, _ = strange(
        'print(\'{"protocol": 1, "type": "error", "id": "a-b", "message": "No.", "exit_code": 2, '
        '"details": {"id": 1, "message": 2, "self": 3}}\')\n'
    )
    with pytest.raises(JobError, match=r"^No\.$") as caught:
        job.wait(30)

    assert caught.value.details == {"id": 1, "message": 2, "self": 3}


def test_a_worker_that_ignores_the_end_of_stdin_is_killed(strange):
    job, log = strange("print('up', flush=True)\nwhile True: time.sleep(60)\n")
    while "stdout: up" not in log:
        job.poll()
        time.sleep(0.02)
    start = time.monotonic()
    job.cancel()

    with pytest.raises(Cancelled):
        job.wait(30)
    assert time.monotonic() - start < 1.5


def test_the_job_folder_goes_with_a_strange_worker(strange, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    outside = tmp_path / "precious.txt"
    outside.write_text("not a temporary file")
    half = tmp_path / ".livercnn-half.nrrd"
    half.write_text("half")
    job, _ = strange(
        "folder = Path(sys.argv[1]).parent\n"
        f'(folder / \'scratch.jsonl\').write_text(\'"{half}"\\n"{outside}"\\n3\\n"torn\')\n' + RESULT
    )
    job.wait(30)

    assert list((tmp_path / "tmp").iterdir()) == []
    assert (half.exists(), outside.exists()) == (False, True)
