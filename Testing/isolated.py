"""Run a program against an installed copy of the libraries instead of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FIND_THE_DEFAULT_MODEL = """
import LiverCoreLib, LiverMetricsLib, LiverSegmentCNNLib, LiverStandardizeLib
from LiverCoreLib.registry import DEFAULT_SEGMENTER, find_model
print(find_model(DEFAULT_SEGMENTER))
"""


def run_isolated(program: str, libraries: Path, home: Path, more: Sequence[Path] = ()) -> str:
    """What a program prints when our libraries come from a folder.

    Args:
        program: Python source.
        libraries: Folder that holds the packages.
        home: An empty folder to run in, which also stands for the user's home: no models of the user's own.
        more: Further folders to import from, which must not hold our libraries.

    Raises:
        AssertionError: With the program's standard error, if it fails.
    """
    # -S leaves out .pth files, and with them the editable installation of this checkout.
    site_packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LIVERCNN", "XDG"))},
        "PYTHONPATH": os.pathsep.join([str(libraries), *map(str, more), *site_packages]),
        "HOME": str(home),
        "LOCALAPPDATA": str(home),
    }
    finished = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
