"""The benchmarks measure what they say they measure (not how fast this machine is)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parent / "benchmarks"
SCRIPTS = ("dense_against_tiled.py", "end_to_end.py", "simulation_speed.py")


@pytest.fixture
def benchmarks(monkeypatch):
    """Scripts find their neighbours, as they do when they are run."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_says_how_to_run_it(name):
    finished = subprocess.run(
        [sys.executable, str(BENCHMARKS / name), "--help"], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert "--repeats" in finished.stdout
    assert "--json" in finished.stdout


def test_both_ways_give_the_same_probabilities(benchmarks):
    import torch
    from dense_against_tiled import LARGEST_DIFFERENCE, _dense, _tiled

    from LiverSegmentCNNLib import networks

    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = {"fine": [4, 4], "coarse": [4, 4], "joined": 8, "folded_norm": True}
    network = networks.build("deepmedic3", config).eval()
    volume = torch.randn(20, 31, 17) * 0.1
    with torch.inference_mode():
        dense = _dense(network, volume, -0.2)
        tiled = _tiled(network, volume, -0.2)
    assert dense.shape == tiled.shape == volume.shape
    assert float((dense - tiled).abs().max()) < LARGEST_DIFFERENCE
    assert float(dense.max() - dense.min()) > 1e-3


def test_times_of_wrong_results_are_refused(benchmarks, tmp_path):
    import numpy as np
    from dense_against_tiled import check

    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(4, 4, 4)
    np.save(tmp_path / "dense.npy", values)
    np.save(tmp_path / "tiled.npy", values + 2e-6)
    assert check(tmp_path) < 1e-5
    np.save(tmp_path / "tiled.npy", values + 1e-4)
    with pytest.raises(AssertionError, match="differ"):
        check(tmp_path)
    for name in ("dense", "tiled"):
        np.save(tmp_path / f"{name}.npy", values * 0 + 0.5)
    with pytest.raises(AssertionError, match="hardly vary"):
        check(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="wait4")
def test_a_child_is_measured_alone(benchmarks):
    from measuring import run_and_measure

    large = run_and_measure([sys.executable, "-c", "x = bytearray(300_000_000); print(len(x))"])
    small = run_and_measure([sys.executable, "-c", "print(1)"])
    assert large.peak_mb > 300
    assert small.peak_mb < 100
    assert 0 < small.cpu_s < large.cpu_s + 60
    with pytest.raises(RuntimeError, match="went wrong"):
        run_and_measure([sys.executable, "-c", "raise SystemExit('it went wrong')"])


def test_medians_of_what_all_runs_have(benchmarks):
    from measuring import medians

    assert medians([{"a": 1.0, "b": 2.0}, {"a": 3.0}, {"a": 10.0, "b": 1.0}]) == {"a": 3.0}
