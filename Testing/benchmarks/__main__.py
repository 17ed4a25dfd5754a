"""`python -m Testing.benchmarks`: every benchmark, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "dense_against_tiled.py",
    "end_to_end.py",
    "compare_speed.py",
    "simulation_speed.py",
    "standardize_speed.py",
)


def main() -> int:
    """Run each script; the exit code is that of the last that failed, or 0."""
    code = 0
    for name in SCRIPTS:
        print(f"\n== {name}", flush=True)
        finished = subprocess.run([sys.executable, str(Path(__file__).parent / name)], check=False)
        code = finished.returncode or code
    return code


if __name__ == "__main__":
    sys.exit(main())
