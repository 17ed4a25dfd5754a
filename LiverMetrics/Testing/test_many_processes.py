"""Workers that are killed, and runs that are stopped while a worker is in the middle of a pair.

A pipe in place of a mask holds a worker exactly where the test wants it: reading waits for a writer.
"""

from __future__ import annotations

import csv
import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from LiverMetricsLib.many import Pair, compare_many
from LiverMetricsLib.many.journal import journal_path

pytest.importorskip("joblib", reason="the extra 'parallel' is not installed")
psutil = pytest.importorskip("psutil", reason="psutil, which finds the workers, is not installed")
pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARIES = [str(REPOSITORY / name) for name in (".", "LiverCore", "LiverMetrics")]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(LIBRARIES)}
PATIENCE_S = 120  # for a machine that does something else


@pytest.fixture
def stuck(tmp_path, mask_files):
    """Function: as many pairs as asked for, of which one, by number, will hold its worker."""

    def write(count: int, number: int) -> list[Pair]:
        names = mask_files(count)
        pipe = tmp_path / "out" / f"{names[number]}.nii.gz"
        pipe.unlink()
        os.mkfifo(pipe)
        return [Pair(f"ref/{name}.nii.gz", f"out/{name}.nii.gz", tmp_path, case=name) for name in names]

    return write


def workers_of(process):
    return [child for child in process.children(recursive=True) if is_worker(child)]


def is_worker(process):
    try:
        return any("popen_loky" in word for word in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def status_by_case(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return {row["case"]: (row["status"], row["error_id"]) for row in csv.DictReader(stream)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_worker_costs_its_own_pair_only(stuck, tmp_path, jobs):
    pairs = stuck(5, 1)
    out = tmp_path / "cohort.csv"
    # One process stops at the pair in its turn; of two, the other one has finished the rest by then.
    kill_at = 1 if jobs == 1 else 4

    def kill(fraction, message):
        if round(fraction * len(pairs)) == kill_at:
            for worker in workers_of(psutil.Process()):
                worker.kill()

    summary = compare_many(pairs, out, jobs=jobs, progress=kill)
    ((pair, outcome),) = summary.failed
    assert pair.case == "case01" and outcome.error_id == "worker-died"
    assert "memory" in outcome.error and str(tmp_path) not in outcome.error
    assert summary.measured == 4
    assert status_by_case(out) == {
        f"case{number:02d}": ("failed", "worker-died") if number == 1 else ("ok", "") for number in range(5)
    }
    assert not workers_of(psutil.Process())


def test_a_worker_that_died_while_it_was_idle_is_replaced():
    from LiverMetricsLib.many.processes import SeparateProcesses

    backend = SeparateProcesses(1, instead=lambda call: "died")
    results = []

    def measure(value):
        backend.submit(functools.partial(abs, value), results.append).result(timeout=PATIENCE_S)

    try:
        backend.configure()
        measure(-1)
        (worker,) = workers_of(psutil.Process())
        worker.kill()
        worker.wait(timeout=20)
        time.sleep(0.5)  # until its executor knows
        measure(-2)
        assert [backend.retrieve_result_callback(result) for result in results] == [1, 2]
    finally:
        backend.terminate()
    assert not workers_of(psutil.Process())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_the_finished_rows_and_no_process(stuck, tmp_path, stop):
    table = tmp_path / "pairs.csv"
    rows = [f"{pair.reference},{pair.test},{pair.case}" for pair in stuck(4, 2)]
    table.write_text("\n".join(["reference,test,case", *rows]) + "\n", encoding="utf-8")
    out = tmp_path / "cohort.csv"
    command = [
        sys.executable, "-m", "livercnn", "compare", "--pairs", str(table), "--out", str(out), "--jobs", "2"
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for(lambda: line_count(journal_path(out)) == 3, process)
        descendants = psutil.Process(process.pid).children(recursive=True)
        assert any(is_worker(child) for child in descendants)
        if stop == signal.SIGINT:
            os.killpg(process.pid, stop)  # as a terminal does: the workers get it, too
        else:
            os.kill(process.pid, stop)
        printed, errors = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors == "livercnn: error: Cancelled. [cancelled]\n"
    assert "finished pairs are kept" in printed
    assert sorted(status_by_case(out)) == ["case00", "case01", "case03"]
    _, alive = psutil.wait_procs(descendants, timeout=20)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    assert not list(tmp_path.rglob(".livercnn-*"))


def test_workers_end_when_their_parent_is_killed(stuck, tmp_path):
    stuck(2, 0)
    program = (
        "import sys; from LiverMetricsLib.many import Pair, compare_many\n"
        "names = ['case00.nii.gz', 'case01.nii.gz']\n"
        "compare_many([Pair(f'ref/{n}', f'out/{n}', case=n) for n in names], 'cohort.csv', jobs=1)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.DEVNULL
    )
    try:
        parent = psutil.Process(process.pid)
        wait_for(lambda: any(map(is_at_its_task, workers_of(parent))), process)
        descendants = parent.children(recursive=True)
    finally:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(descendants, timeout=20)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


def is_at_its_task(worker):
    """Whether a worker has loaded what only tasks need, which comes after it was prepared."""
    try:
        return any("simpleitk" in found.path.lower() for found in worker.memory_maps())
    except psutil.NoSuchProcess:
        return False


def line_count(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait_for(condition, process):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)
