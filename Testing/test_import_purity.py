"""Imports run one way, and heavy ones wait until they are needed.

The libraries run inside Slicer, on servers and on training machines, each of which lacks something: Slicer
has no torch until the user installs it, a server no Slicer, a training machine little but torch and numpy.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from imports import LIBRARIES, REPOSITORY, Import, imports_of, library_files, with_neighbours

FLOOR_BELOW = {
    "LiverCoreLib": set(),
    "LiverMetricsLib": {"LiverCoreLib"},
    "LiverSegmentCNNLib": {"LiverCoreLib"},
    "LiverStandardizeLib": {"LiverCoreLib"},
}
OURS = {*LIBRARIES, "livercnn", "livercnn_demo", "livercnn_training", "livercnn_resources"}
DESKTOP = {"slicer", "qt", "ctk", "vtk", "mrml", "PythonQt", "PySide6", "sitkUtils"}
BUNDLED_WITH_SLICER = {"numpy", "scipy", "SimpleITK"}
DEPENDENCIES = {*BUNDLED_WITH_SLICER, "torch", "safetensors", "jsonschema"}

# Optional dependencies (extras of pyproject.toml): in sub-packages inside functions only, and in files that
# are loaded only when the work that they name is asked for.
EXTRAS = {"LiverMetricsLib/report": {"matplotlib", "jinja2"}}
FILES_OF_EXTRAS = {
    "LiverCore/LiverCoreLib/wheel_folder.py": {"pip"},  # which reads wheels with what pip itself reads them
    "LiverMetrics/LiverMetricsLib/many/cluster.py": {"joblib", "dask", "distributed"},
    "LiverMetrics/LiverMetricsLib/many/parallel.py": {"joblib"},
    "LiverMetrics/LiverMetricsLib/many/processes.py": {"joblib"},
    "LiverStandardize/LiverStandardizeLib/quality/figure.py": {"matplotlib"},
    "LiverStandardize/LiverStandardizeLib/simulation/protocol_picture.py": {"matplotlib"},
}

# Folders whose files are torch through and through; nothing loads them before they are asked for.
TORCH_FOLDERS = {"networks", "protocols", "image_engine", "projection", "checks", "real_ct"}

# Files of LiverCoreLib that LiverMetricsLib builds on. They, and what they import, need no more than it does.
CORE_FOR_METRICS = ["errors", "images", "masks", "output"]

FILES = [(library, path) for library in LIBRARIES for path in library_files(library)]


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def where(path: Path, found: list[Import]) -> str:
    return ", ".join(f"{name_of(path)}:{one.line} imports {one.module}" for one in found)


def is_optional(path: Path, one: Import) -> bool:
    """Whether a file may have this import of an extra."""
    if one.package in FILES_OF_EXTRAS.get(name_of(path), set()):
        return True
    inside = [names for folder, names in EXTRAS.items() if f"{folder}/" in name_of(path)]
    return not one.at_import and any(one.package in names for names in inside)


each_file = pytest.mark.parametrize(("library", "path"), FILES, ids=[name_of(path) for _, path in FILES])


@each_file
def test_imports_go_down_only(library: str, path: Path) -> None:
    upward = [one for one in imports_of(path) if one.package in OURS - FLOOR_BELOW[library] - {library}]
    assert not upward, (
        f"{where(path, upward)}: {library} stands on {sorted(FLOOR_BELOW[library]) or 'nothing of ours'}. "
        "Move what both need into LiverCoreLib, or what needs both to the top floor (CONTRIBUTING.md)."
    )


@each_file
def test_no_library_needs_the_desktop(library: str, path: Path) -> None:
    desktop = [one for one in imports_of(path) if one.package in DESKTOP]
    assert not desktop, (
        f"{where(path, desktop)}: a library runs without Slicer; put this into the module file."
    )


@each_file
def test_third_party_packages_are_declared(library: str, path: Path) -> None:
    known = set(sys.stdlib_module_names) | OURS | DEPENDENCIES
    unknown = [one for one in imports_of(path) if one.package not in known and not is_optional(path, one)]
    assert not unknown, (
        f"{where(path, unknown)}: not a dependency in pyproject.toml; argue for it there first."
    )


@each_file
def test_torch_waits_for_the_function_that_needs_it(library: str, path: Path) -> None:
    if TORCH_FOLDERS.intersection(path.parts) or path.stem == "median":
        return
    early = [one for one in imports_of(path) if one.package == "torch" and one.at_import]
    assert not early, f"{where(path, early)} at import: Slicer may lack torch; import it inside the function."


METRICS_FILES = library_files("LiverMetricsLib") + with_neighbours(
    path for path in library_files("LiverCoreLib") if path.stem in CORE_FOR_METRICS
)


@pytest.mark.parametrize("path", METRICS_FILES, ids=name_of)
def test_metrics_need_only_what_slicer_bundles(path: Path) -> None:
    allowed = set(sys.stdlib_module_names) | BUNDLED_WITH_SLICER | {"LiverCoreLib", "LiverMetricsLib"}
    more = [one for one in imports_of(path) if one.package not in allowed and not is_optional(path, one)]
    assert not more, (
        f"{where(path, more)}: LiverMetricsLib works in a fresh Slicer, which has numpy, scipy, SimpleITK."
    )


COMMAND_FILES = sorted(REPOSITORY.glob("Liver*/*Lib/command*.py")) + [
    path
    for folder in ("livercnn_demo", "training/livercnn_training")
    for path in sorted((REPOSITORY / folder).glob("command*.py"))
]


@pytest.mark.parametrize("path", COMMAND_FILES, ids=name_of)
def test_commands_import_only_the_standard_library_at_their_top(path: Path) -> None:
    light = set(sys.stdlib_module_names)
    early = [
        one
        for one in imports_of(path)
        if one.at_import and one.package not in light and one.module != "LiverCoreLib.errors"
    ]
    assert not early, (
        f"{where(path, early)} at import: `livercnn --help` would load it; import it inside run()."
    )


BLOCK = """
import sys
from importlib.abc import MetaPathFinder

class Block(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError(f"blocked by the test: {{name}}", name=name)

sys.meta_path.insert(0, Block())
"""


def run_without(packages: set[str], program: str) -> None:
    """Run a program in a fresh interpreter in which some packages cannot be imported."""
    blocked = BLOCK.format(packages=packages)
    finished = subprocess.run(
        [sys.executable, "-c", blocked + program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


def test_metrics_import_without_torch() -> None:
    root = REPOSITORY / "LiverMetrics"
    modules = [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in library_files("LiverMetricsLib")
        if path.stem != "__init__" and name_of(path) not in FILES_OF_EXTRAS
    ]
    modules += [f"LiverCoreLib.{name}" for name in CORE_FOR_METRICS]
    program = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
    run_without(
        (DEPENDENCIES - BUNDLED_WITH_SLICER) | {"yaml"}.union(*EXTRAS.values(), *FILES_OF_EXTRAS.values()),
        program,
    )


def test_networks_import_with_torch_and_numpy_alone() -> None:
    run_without(
        (DEPENDENCIES - {"torch", "numpy"}) | {"yaml", "matplotlib"},
        "import LiverSegmentCNNLib.networks, LiverSegmentCNNLib.median\n",
    )


def test_the_training_loop_needs_little() -> None:
    """A training machine may have torch, numpy and scipy, and nothing else."""
    run_without(
        (DEPENDENCIES - {"torch", "numpy", "scipy"}) | {"skimage", "yaml", "matplotlib", "PIL"},
        "import livercnn_training.loop\nfrom livercnn_training.trainers import segments, windows\n",
    )


@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("LiverMetrics/Testing/*.py")), ids=name_of)
def test_tests_of_the_metrics_run_without_torch(path: Path) -> None:
    early = [one for one in imports_of(path) if one.package == "torch" and one.at_import]
    assert not early, (
        f"{where(path, early)} at import: these tests also run inside Slicer, which may lack torch."
    )


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_are_lazy_and_their_tables_true(library: str) -> None:
    """Importing a library loads no dependency; every name it offers exists in the module named."""
    package_folder = library_files(library)[0].parent
    assert (package_folder / "__init__.py").is_file()
    program = (
        f"import {library} as package\n"
        f"loaded = {sorted(DEPENDENCIES)!r}\n"
        "heavy = [name for name in loaded if name in sys.modules]\n"
        "assert not heavy, f'importing the package loads {heavy}'\n"
        "for name in package.__all__: getattr(package, name)\n"
        "assert set(package.__all__) <= set(dir(package))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", "import sys\n" + program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
