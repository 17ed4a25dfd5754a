"""Real CMake accepts our CMakeLists, against stand-ins for Slicer's macros that check and record.

The installed tree has the layout of an installed extension: libraries and default models are tried there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cmake_lists
import pytest
from isolated import FIND_THE_DEFAULT_MODEL, run_isolated

REPOSITORY = Path(__file__).resolve().parent.parent
STUB = Path(__file__).resolve().parent / "slicer_stub"


def tool(name: str) -> str:
    """A build tool from the environment's own folder first: the PyPI packages put theirs there."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, f"{name} is missing; `make setup` installs it"
    return found


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder of the whole extension, configured."""
    build = tmp_path_factory.mktemp("slicer-build")
    command = [
        *(tool("cmake"), "-S", str(REPOSITORY), "-B", str(build)),
        *("-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={tool('ninja')}"),
        *(f"-DSlicer_DIR={STUB}", f"-DLIVERCNN_RECORD={build / 'record.txt'}", "-DBUILD_TESTING=ON"),
        # Nothing is compiled, and a machine that runs tests need not have a compiler.
        *(
            "-DCMAKE_C_COMPILER_FORCED=1",
            "-DCMAKE_C_COMPILER_ID_RUN=1",
            f"-DCMAKE_C_COMPILER={tool('cmake')}",
        ),
        *(
            "-DCMAKE_CXX_COMPILER_FORCED=1",
            "-DCMAKE_CXX_COMPILER_ID_RUN=1",
            f"-DCMAKE_CXX_COMPILER={tool('cmake')}",
        ),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return build


@pytest.fixture(scope="module")
def installed(configured: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of scripted modules in an installed extension."""
    prefix = tmp_path_factory.mktemp("slicer-install")
    subprocess.run(
        [tool("cmake"), "--install", str(configured), "--prefix", str(prefix)],
        check=True,
        capture_output=True,
    )
    return prefix / "lib" / "Slicer-0.0" / "qt-scripted-modules"


def test_every_module_hands_its_files_to_slicer(configured: Path) -> None:
    recorded = [line.split("|") for line in (configured / "record.txt").read_text().splitlines()]
    for module in cmake_lists.modules():
        files = cmake_lists.wanted(module)
        assert [path for name, kind, path in recorded if (name, kind) == (module, "SCRIPTS")] == files.scripts
        assert [
            path for name, kind, path in recorded if (name, kind) == (module, "RESOURCES")
        ] == files.resources
    models = [path for name, kind, path in recorded if (name, kind) == ("LiverCNNModels", "RESOURCES")]
    assert models == cmake_lists.wanted(".").resources


def test_every_module_registers_its_self_test(configured: Path) -> None:
    recorded = [line.split("|") for line in (configured / "record.txt").read_text().splitlines()]
    registered = {(name, path) for name, kind, path in recorded if kind == "UNITTEST"}
    with_panel = [name for name in cmake_lists.modules() if (REPOSITORY / name / f"{name}.py").is_file()]
    assert registered == {(name, f"{name}.py") for name in with_panel}


def test_installed_extension_finds_its_default_model(installed: Path, tmp_path: Path) -> None:
    found = Path(run_isolated(FIND_THE_DEFAULT_MODEL, installed, tmp_path).strip())
    assert installed in found.parents, f"found {found}, not the one in the extension"
