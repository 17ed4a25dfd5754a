"""Pairs on a real Dask cluster: a scheduler and two worker processes on this machine."""

from __future__ import annotations

import os
import socket

import pytest

from LiverMetricsLib.many import ClusterError, Pair, compare_many

pytest.importorskip("joblib", reason="the extra 'cluster' is not installed")
distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes"),
]


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=50,
    ) as running:
        yield running


@pytest.fixture
def pairs(tmp_path, mask_files):
    """Eight pairs; the worker that takes the third waits at a pipe in place of a mask."""
    names = mask_files(8)
    mask = tmp_path / "out" / f"{names[2]}.nii.gz"
    mask.rename(tmp_path / "mask-of-the-pipe.nii.gz")
    os.mkfifo(mask)
    return [Pair(f"ref/{name}.nii.gz", f"out/{name}.nii.gz", tmp_path, case=name) for name in names]


def kill_the_worker_that_waits(cluster):
    """Kill, as the system does where memory runs out, the process that is at a pair."""
    with distributed.Client(cluster, set_as_default=False) as client:
        (address,) = [worker for worker, tasks in client.processing().items() if tasks]
        pids = client.run(os.getpid)
    os.kill(pids[address], 9)


def test_all_pairs_finish_though_a_worker_is_killed_half_way(cluster, pairs, tmp_path):
    killed = []

    def progress(fraction, message):
        if fraction == 7 / 8 and not killed:
            (tmp_path / "mask-of-the-pipe.nii.gz").replace(tmp_path / "out" / "case02.nii.gz")
            kill_the_worker_that_waits(cluster)
            killed.append(message)

    summary = compare_many(pairs, tmp_path / "c.csv", dask=cluster.scheduler_address, progress=progress)
    assert killed
    assert (summary.measured, summary.failed) == (8, ())


def test_a_pair_that_kills_its_workers_is_given_up_and_the_others_finish(cluster, pairs, tmp_path):
    cluster.scheduler.allowed_failures = 0
    summary = compare_many(
        pairs,
        tmp_path / "c.csv",
        dask=cluster.scheduler_address,
        progress=lambda fraction, message: fraction == 7 / 8 and kill_the_worker_that_waits(cluster),
    )
    assert summary.measured == 7
    ((pair, outcome),) = summary.failed
    assert pair.case == "case02" and outcome.error_id == "worker-died" and "cluster" in outcome.error


def test_a_scheduler_that_went_away_is_one_sentence(cluster):
    """Dask cancels its tasks then; a real loss takes it half a minute to notice."""
    from distributed.client import FutureCancelledError

    from LiverMetricsLib.many.cluster import PatientDaskBackend

    with distributed.Client(cluster, set_as_default=False) as client:
        backend = PatientDaskBackend(client, "tcp://host:1")
        lost = FutureCancelledError("key", "scheduler-connection-lost")
        with pytest.raises(ClusterError, match=r"host:1 went away \(scheduler-connection-lost") as caught:
            backend.retrieve_result_callback(lost)
    assert caught.value.id == "cluster-lost"


def test_a_cluster_that_is_not_there_is_one_sentence(monkeypatch, tmp_path):
    from LiverMetricsLib.many import cluster as module

    monkeypatch.setattr(module, "_CONNECT_S", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    pairs = [Pair("a.nrrd", "b.nrrd")]
    with pytest.raises(ClusterError, match="No Dask scheduler answers") as caught:
        compare_many(pairs, tmp_path / "c.csv", dask=address)
    assert caught.value.id == "no-cluster" and address in str(caught.value)
    with pytest.raises(ClusterError, match="nonsense://x"):
        compare_many(pairs, tmp_path / "c.csv", dask="nonsense://x")


def test_workers_with_other_definitions_are_refused(cluster, pairs, tmp_path, monkeypatch):
    from LiverMetricsLib.many import cluster as module

    monkeypatch.setattr(module, "DEFINITIONS_VERSION", "0.9")
    with pytest.raises(ClusterError, match="measures by definitions 1.0, this machine by 0.9") as caught:
        compare_many(pairs, tmp_path / "c.csv", dask=cluster.scheduler_address)
    assert caught.value.id == "unfit-workers"
