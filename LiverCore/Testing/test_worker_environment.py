"""The interpreter and the environment of workers, here and inside Slicer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from LiverCoreLib import worker_environment as we


@pytest.fixture
def slicer(tmp_path, monkeypatch):
    """Folders as Slicer has them, as seen by the Python inside it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib" / "Python").mkdir(parents=True)
    for name in ("PythonSlicer", "python-real", "python-real.exe"):
        (tmp_path / "bin" / name).write_text("")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "PythonSlicer"))
    return tmp_path


def test_the_running_interpreter():
    assert we.find_python() == Path(sys.executable)


def test_inside_slicer_the_real_interpreter(slicer):
    assert we.find_python().name.startswith("python-real")


def test_inside_slicer_without_a_known_executable(slicer, monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr(sys, "prefix", str(slicer / "lib" / "Python"))

    assert we.find_python().parent == slicer / "bin"


def test_a_program_without_an_interpreter(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "Viewer"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "a" / "b"))
    with pytest.raises(we.PythonNotFound, match="Viewer"):
        we.find_python()


def test_what_a_launcher_set_for_another_python_is_dropped():
    base = {
        "PYTHONHOME": "/slicer",
        "PYTHONPATH": "/slicer/site",
        "PYTHONSTARTUP": "x.py",
        "LD_LIBRARY_PATH": "/l",
    }
    environment = we.worker_environment(Path(sys.executable), base)

    assert "PYTHONHOME" not in environment and "PYTHONSTARTUP" not in environment
    assert environment["LD_LIBRARY_PATH"] == "/l"
    assert "/slicer/site" not in environment["PYTHONPATH"].split(os.pathsep)
    assert base["PYTHONHOME"] == "/slicer", "the caller's environment stays as it was"


def test_slicers_python_gets_its_home(slicer):
    environment = we.worker_environment(we.find_python(), {"PYTHONHOME": "/elsewhere"})

    assert environment["PYTHONHOME"] == str(slicer / "lib" / "Python")
    assert environment["PYTHONNOUSERSITE"] == "1"


def test_every_library_that_is_here_is_found_by_a_worker(tmp_path):
    folders = we.library_folders()
    assert Path(we.__file__).resolve().parents[1] == folders[0]

    script = (
        "import importlib.util, LiverCoreLib.worker;"
        "print(importlib.util.find_spec('LiverSegmentCNNLib') is not None)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=we.worker_environment(Path(sys.executable)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "True"


def test_starting_a_worker_needs_no_torch_and_no_numpy():
    """The worker answers in a tenth of a second; its task pays for what it imports."""
    script = (
        "import sys, LiverCoreLib.worker, LiverCoreLib.jobs;"
        "print([name for name in ('torch', 'numpy', 'SimpleITK', 'jsonschema') if name in sys.modules])"
    )
    environment = we.worker_environment(Path(sys.executable))
    run = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
