"""Bring known.json up to date for all supported versions of Slicer, from git clones.

    python Testing/slicer_api/collect_versions.py CLONES

CLONES is a folder with clones of Slicer/Slicer, commontk/CTK, Kitware/VTK and commontk/PythonQt, called
Slicer, CTK, VTK and PythonQt there. It takes some minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

COLLECT = Path(__file__).with_name("collect.py")


class Version(NamedTuple):
    """A commit or tag of each. vtk: the release before Slicer's own branch of VTK."""

    slicer: str
    ctk: str
    vtk: str
    pythonqt: str = (
        "db525aff0d8c053bddf13902107b34c93c1e3a44"  # later ones make their wrappers as they are built
    )


VERSIONS = (
    Version("v5.8.0", "82cae5781621845486bad2697aed095f04cfbe76", "v9.2.6"),
    Version("v5.8.1", "82cae5781621845486bad2697aed095f04cfbe76", "v9.2.6"),
    Version("v5.10.0", "dd4caeae7e979cf441e44ee85d3b0780120d113d", "v9.5.2"),
    Version("v5.12.3", "5056664a20a3d0a393bb6d91f040525581e0dcdf", "v9.6.2"),
    Version("583e9b37d5", "5056664a20a3d0a393bb6d91f040525581e0dcdf", "v9.6.2"),  # 5.13.0 before its release
)

_PARTS = {
    "Slicer": ("CMakeLists.txt", "Base", "Libs", "Modules"),
    "CTK": ("Libs",),
    "VTK": (
        "Charts",
        "Common",
        "Filters",
        "IO",
        "Imaging",
        "Infovis",
        "Interaction",
        "Rendering",
        "Views",
        "Wrapping",
    ),
    "PythonQt": ("generated_cpp_511",),
}


def extract(clone: Path, commit: str, folder: Path) -> Path:
    """The headers and Python files of a commit."""
    command = ["git", "-C", str(clone), "archive", commit, *_PARTS[clone.name]]
    git = subprocess.Popen(command, stdout=subprocess.PIPE)
    with tarfile.open(fileobj=git.stdout, mode="r|") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".h", ".py", "CMakeLists.txt")):
                archive.extract(member, folder)
    if git.wait() != 0:
        raise SystemExit(f"{clone} has no {commit}, or not all of it.")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clones", type=Path, help="folder with the clones")
    clones = parser.parse_args().clones
    for version in VERSIONS:
        with tempfile.TemporaryDirectory(prefix="slicer-api-") as name:
            trees = {
                part: extract(clones / part, commit, Path(name) / part)
                for part, commit in zip(("Slicer", "CTK", "VTK", "PythonQt"), version)
            }
            note = f"CTK {version.ctk[:8]}, VTK {version.vtk}, PythonQt {version.pythonqt[:8]}"
            options = [f"--{part.lower()}={trees[part]}" for part in ("CTK", "VTK", "PythonQt")]
            command = [sys.executable, str(COLLECT), str(trees["Slicer"]), *options, "--note", note]
            subprocess.run(command, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
