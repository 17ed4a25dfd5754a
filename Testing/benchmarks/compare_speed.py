"""CPU time and memory of ``compare`` against other packages, on a liver-like pair of 512 x 512 x 300 voxels.

    python Testing/benchmarks/compare_speed.py [--repeats 5] [--peers NAME ...] [--json PATH]

Every package measures Dice, mean surface distance, Hausdorff distance and its 95th percentile. Each
measurement is a process of its own that reads the pair, warms up on a small one, and then counts the CPU
time of all its threads and the memory it needs beyond what it had. The packages take turns, so that
whatever else the machine does falls on all of them alike; the table gives medians. Results are checked
first: equal Dice, and distances that differ by no more than the definitions do.

Peers that are not installed are named and left out; README.md says how to install them. plastimatch is a
program that is given file names: its CPU time includes reading the two files, and its extra memory is what it
has beyond the two images.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import compare_engines
import compare_pair

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = "livercnn"

# What issue and design ask for: shares of the fastest peer's time and of its memory.
TIME_SHARE, MEMORY_SHARE = 0.15, 0.25


def main() -> int:
    parser = argparse.ArgumentParser(description="Time compare against other packages.")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="measurements of each package")
    parser.add_argument(
        "--peers",
        nargs="*",
        metavar="NAME",
        choices=[name for name in compare_engines.NAMES if name != OURS],
        help="only these packages: %(choices)s",
    )
    parser.add_argument("--json", metavar="PATH", help="also write all measurements")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(compare_engines.measure(*args.measure)))
        return 0
    runs, absent = take_turns(args.repeats, args.peers)
    check(runs)
    rows = summarize(runs)
    print("\n".join(table(rows, absent)))
    if args.json:
        document = {"machine": machine(), "medians": rows, "runs": runs, "absent": absent}
        Path(args.json).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


def take_turns(
    repeats: int, peers: list[str] | None
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Measurements by package, and why others could not be measured."""
    names = [name for name in compare_engines.NAMES if not peers or name == OURS or name in peers]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    absent: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        compare_pair.write_pair(Path(folder))
        for _ in range(repeats):
            for name in [name for name in names if name not in absent]:
                result = measure_in_process(name, folder)
                if "absent" in result:
                    absent[name] = result["absent"]
                else:
                    runs[name].append(result)
    return {name: results for name, results in runs.items() if results}, absent


def measure_in_process(name: str, folder: str) -> dict[str, Any]:
    libraries = [str(REPOSITORY / "LiverCore"), str(REPOSITORY / "LiverMetrics")]
    finished = subprocess.run(
        [sys.executable, __file__, "--measure", name, folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(libraries)},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"{name} failed:\n{finished.stderr}")
    return json.loads(finished.stdout.splitlines()[-1])


def check(runs: dict[str, list[dict[str, Any]]]) -> None:
    """Refuse to report times of results that are wrong."""
    ours = runs[OURS][0]["values"]
    for name, results in runs.items():
        values = results[0]["values"]
        if abs(values["dice"] - ours["dice"]) > 1e-6:
            raise AssertionError(f"{name} gives Dice {values['dice']}, we give {ours['dice']}.")
        for key in ("msd_mm", "hd_mm", "hd95_mm"):
            if abs(values[key] - ours[key]) > compare_pair.VOXEL_DIAGONAL_MM:
                raise AssertionError(f"{name} gives {key} {values[key]}, we give {ours[key]}.")


def summarize(runs: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Medians by package, the fastest first."""
    rows = []
    for name, results in runs.items():
        row: dict[str, Any] = {"package": name, "n": len(results), "values": results[0]["values"]}
        for key in ("cpu_s", "wall_s", "extra_mb", "peak_mb"):
            row[key] = statistics.median(result[key] for result in results)
        rows.append(row)
    return sorted(rows, key=lambda row: row["cpu_s"])


def table(rows: list[dict[str, Any]], absent: dict[str, str]) -> list[str]:
    lines = [
        machine(),
        "",
        f"{'package':<20}{'CPU s':>8}{'wall s':>8}{'extra MB':>10}{'peak MB':>9}"
        "   Dice    MSD     HD      HD95",
    ]
    for row in rows:
        values = " ".join(f"{row['values'][key]:7.4f}" for key in ("dice", "msd_mm", "hd_mm", "hd95_mm"))
        lines.append(
            f"{row['package']:<20}{row['cpu_s']:>8.2f}{row['wall_s']:>8.2f}{row['extra_mb']:>10.0f}"
            f"{row['peak_mb']:>9.0f}  {values}"
        )
    lines += [f"{name:<20}left out: {reason}" for name, reason in absent.items()]
    ours = next(row for row in rows if row["package"] == OURS)
    peers = [row for row in rows if row["package"] != OURS]
    if peers:
        fastest = peers[0]
        time_share = ours["cpu_s"] / fastest["cpu_s"]
        memory_share = ours["extra_mb"] / fastest["extra_mb"]
        lines += [
            "",
            f"Of the fastest peer, {fastest['package']}, we need {time_share:.3f} of the CPU time (wanted: "
            f"{TIME_SHARE}) and {memory_share:.3f} of the extra memory (wanted: {MEMORY_SHARE}).",
        ]
    return lines


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
