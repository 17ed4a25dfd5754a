"""The installed tree of the extension is whole, and works alone: no file of it comes from the checkout."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path
from typing import Any

import cmake_lists
import pytest
from extension_build import REPOSITORY
from imports import LIBRARIES, library_files
from isolated import FIND_THE_DEFAULT_MODEL, run_isolated
from slicerhost.availability import PACKAGES, reason_to_skip

WITH_PANEL = [name for name in cmake_lists.modules() if (REPOSITORY / name / f"{name}.py").is_file()]

FILES_OF_IMPORTED = """
import importlib, json, sys
for name in {names!r}:
    importlib.import_module(name)
ours = {{name: module.__file__ for name, module in sys.modules.items() if name.startswith("Liver")}}
print(json.dumps(ours))
"""

SEGMENT_IN_THE_WORKER = """
import json, subprocess
from pathlib import Path
import torch
torch.set_num_threads(1)
import LiverSegmentCNNLib
from LiverCoreLib.job_queue import JobQueue
from LiverCoreLib.jobs import JobRunner
from LiverCoreLib.worker_environment import find_python, worker_environment
from LiverSegmentCNNLib.background import BackgroundSegmentation, SegmentOptions
from LiverStandardizeLib.simulation import make_abdomen

where = "import LiverCoreLib.worker as w, LiverSegmentCNNLib.job as job; print(w.__file__, job.__file__)"
places = subprocess.run([find_python(), "-c", where], env=worker_environment(find_python()),
                        capture_output=True, text=True, check=True).stdout.split()
phantom = make_abdomen(0, size=(96, 96, 50), spacing_mm=(4.0, 4.0, 6.0))
work = BackgroundSegmentation(phantom.image, SegmentOptions(threads=1), JobQueue(JobRunner()), Path.cwd())
result = work.wait()
print(json.dumps({"places": places, "voxels": int(result.mask.values.sum()), "report": result.report}))
"""

LOAD_PANELS = """
import json, sys
from pathlib import Path
from slicerhost.host import Host, start
import importlib

host = Host()
tree = Path({tree!r})
classes = {{}}
for name in {modules!r}:
    module = host.load(tree / (name + ".py"))
    classes[name] = type(module.widget).__name__
    getattr(module.source, name + "Test")().runTest()
for path in sorted(tree.glob("Liver*Scene/**/*.py")):
    importlib.import_module(".".join(path.relative_to(tree).with_suffix("").parts).replace(".__init__", ""))
files = {{name: one.__file__ for name, one in sys.modules.items() if name.startswith("Liver")}}
incidents = [str(one) for one in host.finish()]
start().host_close()
print(json.dumps({{"classes": classes, "files": files, "incidents": incidents}}))
"""


def relative_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_there_as_in_the_checkout_and_no_other(installed_extension: Path) -> None:
    sources = {}
    for folder in [".", *cmake_lists.modules()]:
        lists = cmake_lists.wanted(folder)
        sources.update({name: REPOSITORY / folder / name for name in (*lists.scripts, *lists.resources)})
    assert relative_files(installed_extension) == set(sources)
    for name, source in sources.items():
        assert (installed_extension / name).read_bytes() == source.read_bytes(), name


def ui_files_named(module: str) -> set[str]:
    """Names of .ui files in texts of a module's file and Scene package."""
    sources = [REPOSITORY / module / f"{module}.py", *(REPOSITORY / module).glob(f"{module}Scene/**/*.py")]
    texts = (
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {Path(text).name for text in texts if text.endswith(".ui")}


@pytest.mark.parametrize("module", WITH_PANEL)
def test_a_panel_finds_its_icon_and_ui_files_where_slicer_looks(
    installed_extension: Path, module: str
) -> None:
    assert (installed_extension / f"{module}.py").is_file()
    icon = installed_extension / "Resources" / "Icons" / f"{module}.png"
    assert icon.is_file(), f"Slicer shows {module} without an icon"
    assert icon.read_bytes().startswith(b"\x89PNG")
    names = ui_files_named(module)
    assert names, f"{module} names no .ui file"
    missing = [name for name in names if not (installed_extension / "Resources" / "UI" / name).is_file()]
    assert not missing, f"{module} loads {missing}, which the installed extension lacks"


def test_no_ui_file_is_left_over() -> None:
    named = {name for module in WITH_PANEL for name in ui_files_named(module)}
    present = {path.name for path in REPOSITORY.glob("Liver*/Resources/UI/*.ui")}
    assert present == named


def test_the_default_model_is_found(installed_extension: Path, tmp_path: Path) -> None:
    found = Path(run_isolated(FIND_THE_DEFAULT_MODEL, installed_extension, tmp_path).strip())
    assert installed_extension in found.parents, f"found {found}, not the one in the extension"


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_file_of_a_library_is_imported_from_there(
    installed_extension: Path, tmp_path: Path, library: str
) -> None:
    root = library_files(library)[0].parents[1]
    names = [
        ".".join(path.relative_to(root).with_suffix("").parts).replace(".__init__", "")
        for path in library_files(library)
        if path.stem != "__main__"
    ]
    output = run_isolated(FILES_OF_IMPORTED.format(names=names), installed_extension, tmp_path)
    assert_all_inside(json.loads(output), installed_extension)


@pytest.mark.slow
def test_a_worker_segments_with_what_is_installed(installed_extension: Path, tmp_path: Path) -> None:
    output = run_isolated(SEGMENT_IN_THE_WORKER, installed_extension, tmp_path)
    result = json.loads(output.splitlines()[-1])
    assert_all_inside({place: place for place in result["places"]}, installed_extension)
    assert result["report"]["volume_ml"] > 500
    assert result["voxels"] > 0


@pytest.mark.slow
def test_every_panel_loads_and_passes_its_self_test_with_what_is_installed(
    installed_extension: Path, tmp_path: Path
) -> None:
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    program = LOAD_PANELS.format(tree=str(installed_extension), modules=WITH_PANEL)
    packages = {Path(importlib.util.find_spec(name).origin).parents[1] for name in PACKAGES}
    more = [REPOSITORY / "Testing", *packages]
    result: dict[str, Any] = json.loads(
        run_isolated(program, installed_extension, tmp_path, more).splitlines()[-1]
    )
    assert result["incidents"] == []
    assert result["classes"] == {name: f"{name}Widget" for name in WITH_PANEL}
    assert_all_inside(result["files"], installed_extension)


def assert_all_inside(files: dict[str, str], folder: Path) -> None:
    assert files
    outside = [f"{name} from {file}" for name, file in files.items() if folder not in Path(file).parents]
    assert not outside, outside
