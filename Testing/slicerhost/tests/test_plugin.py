"""The fixture fails a test that a panel spoiled, and is skipped where the packages are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slicerhost import availability

HERE = Path(__file__).parent
TESTING = HERE.parent.parent

SPOILED = """
import pytest

def test_slot_error(host):
    import qt
    button = qt.QPushButton("x")
    button.clicked.connect(lambda: 1 / 0)
    button.click()

def test_wrong_signal(host):
    import qt
    qt.QPushButton("x").connect("pushed()", print)

def test_vtk_error(host):
    import slicer
    slicer.mrmlScene.GetNodeByID("nobody")
    slicer.mrmlScene.AddNewNodeByClass("vtkNoSuchNode")

def test_nothing_wrong(host):
    pass
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    # What is on the path already stays: the stand-in's packages may lie in a folder of their own.
    folders = [str(TESTING), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "PACKAGES", {"no_such_module": "slicer-core", "sys": "python"})
    reason = availability.reason_to_skip()
    assert reason is not None
    assert reason.startswith("NOT TESTED")
    assert "not installed: slicer-core;" in reason


@pytest.mark.skipif(availability.reason_to_skip() is not None, reason=str(availability.reason_to_skip()))
def test_the_fixture_fails_a_spoiled_test(tmp_path: Path) -> None:
    (tmp_path / "test_spoiled.py").write_text(SPOILED, encoding="utf-8")
    ran = python("-m", "pytest", "-p", "slicerhost.plugin", "-p", "no:cacheprovider", str(tmp_path))
    assert "4 passed, 3 errors" in ran.stdout, ran.stdout
    for told in ("slot error: Traceback", "PythonQt: signal 'pushed()' does not exist", "VTK message:"):
        assert told in ran.stdout


@pytest.mark.skipif(availability.reason_to_skip() is not None, reason=str(availability.reason_to_skip()))
def test_a_panel_can_be_looked_at_by_hand(tmp_path: Path) -> None:
    picture = tmp_path / "panel.png"
    ran = python("-m", "slicerhost", str(HERE / "HostProbe" / "HostProbe.py"), "--screenshot", str(picture))
    assert ran.returncode == 0, ran.stderr
    assert picture.stat().st_size > 5000
