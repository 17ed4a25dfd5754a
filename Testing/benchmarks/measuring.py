"""What the benchmarks share: a child process that measures itself, peak memory, a word on the machine."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARIES = [
    REPOSITORY / name for name in ("LiverCore", "LiverMetrics", "LiverSegmentCNN", "LiverStandardize", ".")
]

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in KiB elsewhere


@dataclass(frozen=True)
class Usage:
    """What a finished process took: wall and CPU seconds (all threads), and its peak memory in MB (10^6)."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def environment() -> dict[str, str]:
    """This environment with the repository's libraries in front, so that benchmarks time this checkout."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, LIBRARIES))}


def use_this_checkout() -> None:
    """Let this process import the repository's libraries."""
    sys.path[:0] = [str(path) for path in LIBRARIES]


def run_and_measure(command: Sequence[str]) -> Usage:
    """Run a command in a fresh process. Raises RuntimeError with what it said if it fails.

    A small process stands between: Linux counts the memory that a parent had when it started a child as the
    child's, and this one may have made a large volume.
    """
    finished = subprocess.run(
        [sys.executable, __file__, *command], env=environment(), capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {finished.returncode}:\n{finished.stderr}")
    return Usage(**json.loads(finished.stdout.splitlines()[-1]))


def _run_as_go_between(command: Sequence[str]) -> int:
    """Run the command, print its Usage as JSON on stdout and what it says on stderr; gives its exit code.

    Uses wait4: the resources of this very child, not the largest of all children so far.
    """
    if not hasattr(os, "wait4"):
        raise RuntimeError("Measuring a child's memory needs Linux or macOS.")
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=sys.stderr) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    result = Usage(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_UNIT / 1e6)
    print(json.dumps(asdict(result)))
    return child.returncode


def measure_in_child(script: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Run `script --measure ARGUMENTS` in a fresh process; it prints its result as the last line, JSON."""
    finished = subprocess.run(
        [sys.executable, script, "--measure", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"{script} {' '.join(arguments)} failed:\n{finished.stderr}")
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def forget_peak_mb() -> float:
    """Set this process's peak memory back to what it has now (Linux); returns that, MB."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return peak_mb()  # elsewhere the peak so far stays in what is reported
    return peak_mb()


def peak_mb() -> float:
    """This process's peak memory, MB."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT / 1e6
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def medians(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median of every number that all runs have."""
    shared = set.intersection(*(set(run) for run in runs))
    return {key: statistics.median(run[key] for run in runs) for key in runs[0] if key in shared}


def machine() -> str:
    """Processor, cores, system and the versions that matter, in one line."""
    import torch

    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"torch {torch.__version__}, load {_load()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _load() -> str:
    """Runnable processes in the last minute: figures from a busy machine are worth little."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    sys.exit(_run_as_go_between(sys.argv[1:]))
