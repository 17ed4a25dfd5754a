"""The extension configured and installed by real CMake, against stand-ins for Slicer's macros."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
_STUB = Path(__file__).resolve().parent / "slicer_stub"  # the stand-ins
_SCRIPTED_MODULES = Path("lib", "Slicer-0.0", "qt-scripted-modules")  # as in slicer_stub/UseSlicer.cmake


class Record(NamedTuple):
    """One argument that a macro of Slicer was given: ``LiverCore``, ``SCRIPTS``, ``LiverCore.py``."""

    name: str
    kind: str
    what: str


def configure(build: Path, *options: str, source: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Configure the extension in a build folder, which also receives the record."""
    compilers = [
        option
        for language in ("C", "CXX")  # nothing is compiled, and a machine that runs tests may lack a compiler
        for option in (
            f"-DCMAKE_{language}_COMPILER_FORCED=1",
            f"-DCMAKE_{language}_COMPILER_ID_RUN=1",
            f"-DCMAKE_{language}_COMPILER={_tool('cmake')}",
        )
    ]
    command = [_tool("cmake"), "-S", str(source), "-B", str(build), "-G", "Ninja", *compilers, *options]
    command += [f"-DCMAKE_MAKE_PROGRAM={_tool('ninja')}", f"-DSlicer_DIR={_STUB}"]
    command += [f"-DLIVERCNN_RECORD={build / 'record.txt'}"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def records(build: Path) -> list[Record]:
    """What the macros were given, in order."""
    lines = (build / "record.txt").read_text(encoding="utf-8").splitlines()
    return [Record(*line.split("|")) for line in lines]


def install(build: Path, prefix: Path) -> Path:
    """Install a configured extension; gives the folder that Slicer puts on ``sys.path``."""
    command = [_tool("cmake"), "--install", str(build), "--prefix", str(prefix)]
    subprocess.run(command, check=True, capture_output=True)
    return prefix / _SCRIPTED_MODULES


def _tool(name: str) -> str:
    """A build tool, from the environment's own folder first: the PyPI packages put theirs there."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, f"{name} is missing; `make setup` installs it"
    return found
