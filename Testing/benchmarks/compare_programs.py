"""Programs that ``compare_speed`` times: each is given two mask files and prints its measures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import compare_pair


class Program(NamedTuple):
    """A command line before the two files, and what it prints before each value."""

    arguments: tuple[str, ...]
    printed: dict[str, str]


PROGRAMS = {
    "plastimatch": Program(
        ("dice", "--all"),
        {
            "dice": "DICE:",
            # The mean of both directed means; its surface is the object's own rim, as ours is.
            "msd_mm": "Avg average Hausdorff distance (boundary) =",
            "hd_mm": "Hausdorff distance (boundary) =",
            "hd95_mm": "Percent (0.95) Hausdorff distance (boundary) =",
        },
    ),
}


def measure(name: str, folder: Path) -> dict[str, Any]:
    """One measurement, as ``compare_engines.measure`` gives it: of the program's own process."""
    program = executable(name)
    if program is None:
        return {"absent": f"{name} is not installed"}
    if not hasattr(os, "wait4"):
        return {"absent": "measuring a program needs Linux or macOS"}
    command = [program, *PROGRAMS[name].arguments, folder / "reference.nrrd", folder / "test.nrrd"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        printed = child.stdout.read() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    if child.returncode:
        raise RuntimeError(f"{name} ended with {child.returncode}:\n{printed}")
    peak_mb = usage.ru_maxrss / 1024
    images_mb = 2 * compare_pair.IMAGE_BYTES / 2**20
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": wall_s,
        "extra_mb": peak_mb - images_mb,
        "peak_mb": peak_mb,
        "values": {key: number_after(words, printed) for key, words in PROGRAMS[name].printed.items()},
    }


def executable(name: str) -> str | None:
    """The program itself: pip's script of that name would add a Python process to what is measured."""
    package = find_spec(name)
    if package is not None and package.origin is not None:
        inside = Path(package.origin).parent / "bin" / name
        if inside.is_file():
            return str(inside)
    return shutil.which(name)


def number_after(words: str, printed: str) -> float:
    """The number behind some words at the start of a line."""
    found = re.search(rf"^{re.escape(words)}\s*(\S+)", printed, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"There is no line {words!r} in:\n{printed}")
    return float(found.group(1))
