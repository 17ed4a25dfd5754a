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
        *(f"-DSlicer_DIR={STUB}", f"-DLIVERCNN_RECORD={build / 'record.txt'}"),
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


def test_installed_extension_imports_and_finds_the_default_models(installed: Path, tmp_path: Path) -> None:
    program = (
        "import LiverCoreLib, LiverMetricsLib, LiverSegmentCNNLib, LiverStandardizeLib\n"
        "from LiverCoreLib.registry import DEFAULT_SEGMENTER, find_model\n"
        "print(find_model(DEFAULT_SEGMENTER))\n"
    )
    # -S keeps the editable installation of this checkout out; its packages come back through the path.
    packages = [path for path in sys.path if path.endswith("site-packages")]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIVERCNN")},
        "PYTHONPATH": os.pathsep.join([str(installed), *packages]),
        "HOME": str(tmp_path),  # no models of the user
    }
    finished = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert installed in Path(finished.stdout.strip()).parents, (
        f"found {finished.stdout.strip()}, not the installed one"
    )
