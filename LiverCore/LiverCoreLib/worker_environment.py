"""Which Python runs a worker, and in which environment.

Inside Slicer, ``sys.executable`` may be the launcher ``PythonSlicer``, which starts ``python-real`` as its
child; a worker has to be ``python-real`` itself, so that signals and the end of stdin reach it. Slicer needs
PYTHONHOME and the library path that its launcher set; any other Python is harmed by PYTHONHOME.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from LiverCoreLib.errors import LiverCNNError

_LIBRARIES = ("LiverCoreLib", "LiverMetricsLib", "LiverSegmentCNNLib", "LiverStandardizeLib")

# Set by launchers and shells for another Python than the one that is started.
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")


class PythonNotFound(LiverCNNError):
    """No Python interpreter could be found to run a worker."""

    id = "python-not-found"


def find_python() -> Path:
    """Return the interpreter for workers: Slicer's ``python-real`` inside Slicer, else the running one.

    Raises:
        PythonNotFound: In a program that embeds Python and has no interpreter beside it.
    """
    executable = Path(sys.executable) if sys.executable else Path()
    suffix = ".exe" if sys.platform == "win32" else ""
    slicer_bin = Path(sys.prefix).parent.parent / "bin"  # Slicer's prefix is <Slicer>/lib/Python
    for folder in (executable.parent, slicer_bin):
        real = folder / f"python-real{suffix}"
        if real.is_file():
            return real
    if executable.name.lower().startswith("python") and executable.is_file():
        return executable
    raise PythonNotFound(
        f"No Python interpreter was found beside {sys.executable or 'this program'} to run background work; "
        "install LiverCNN in a Python of its own, or reinstall Slicer.",
        found=sys.executable,
    )


def worker_environment(python: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a clean environment for a worker.

    Args:
        python: The interpreter that will run it.
        base: The environment to start from; None takes that of this process.
    """
    environment = {
        name: value for name, value in (os.environ if base is None else base).items() if name not in _FOREIGN
    }
    home = _slicer_python_home(python)
    if home is not None:
        environment["PYTHONHOME"] = str(home)
        environment["PYTHONNOUSERSITE"] = "1"
    environment["PYTHONPATH"] = os.pathsep.join(str(folder) for folder in library_folders())
    environment["PYTHONIOENCODING"] = "utf-8"
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def library_folders() -> list[Path]:
    """Return the folders from which this process imports our libraries, without importing them."""
    folders = [Path(__file__).resolve().parents[1]]
    for library in _LIBRARIES:
        spec = importlib.util.find_spec(library)
        if spec is not None:
            folders += [Path(place).resolve().parent for place in spec.submodule_search_locations or ()]
    return list(dict.fromkeys(folders))


def _slicer_python_home(python: Path) -> Path | None:
    if not python.name.startswith("python-real"):
        return None
    home = python.parent.parent / "lib" / "Python"
    return home if home.is_dir() else None
