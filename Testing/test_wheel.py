"""The wheel holds every module, schema, recipe and default model, and finds them once installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from isolated import FIND_THE_DEFAULT_MODEL, run_isolated
from project_file import PACKAGE_FOLDERS, PYPROJECT, REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from a copy: old files in the build folder of an earlier one would get into it."""
    source = tmp_path_factory.mktemp("source") / "repository"
    leave = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "runs")
    shutil.copytree(REPOSITORY, source, ignore=leave)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    finished = subprocess.run(
        [*command, "--wheel-dir", str(out), str(source)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_all_files_of_the_packages(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    missing = []
    for package, folder in PACKAGE_FOLDERS.items():
        root = REPOSITORY / folder
        for path in root.rglob("*"):
            name = f"{package}/{path.relative_to(root).as_posix()}"
            wanted = path.suffix in (".py", ".json", ".yaml") or "Models" in path.relative_to(root).parts
            skipped = {"__pycache__", "Testing"}.intersection(path.relative_to(root).parts)
            if path.is_file() and wanted and not skipped and name not in held:
                missing.append(name)
    assert not missing, f"The wheel lacks {missing}: extend packages or package-data in pyproject.toml."
    assert "livercnn.py" in held


def test_wheel_names_the_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (entry_points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert "livercnn = livercnn:main" in archive.read(entry_points).decode()
    assert wheel.name.startswith(f"slicer_livercnn-{PYPROJECT['project']['version']}-py3-none-any")


def test_installed_wheel_finds_its_default_model(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)  # a wheel of pure Python is its installed form
    home = tmp_path / "home"
    home.mkdir()
    found = Path(run_isolated(FIND_THE_DEFAULT_MODEL, site, home).strip())
    assert site in found.parents, f"found {found}, not the one in the wheel"
