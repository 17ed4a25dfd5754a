"""Real CMake accepts our CMakeLists, against stand-ins for Slicer's macros that check and record."""

from __future__ import annotations

import shutil
from pathlib import Path

import cmake_lists
import extension_build
import pytest
from extension_build import REPOSITORY, Record

WITH_PANEL = [name for name in cmake_lists.modules() if (REPOSITORY / name / f"{name}.py").is_file()]
NEEDED_TEXTS = ("CATEGORY", "CONTRIBUTORS", "DESCRIPTION", "DEPENDS")


def registered(build: Path) -> set[str]:
    return {record.name for record in extension_build.records(build) if record.kind == "TEST"}


@pytest.mark.parametrize("module", cmake_lists.modules())
def test_every_module_hands_its_files_to_slicer(configured_extension: Path, module: str) -> None:
    files = cmake_lists.wanted(module)
    expected = [Record(module, "SCRIPTS", path) for path in files.scripts]
    expected += [Record(module, "RESOURCES", path) for path in files.resources]
    given = [record for record in extension_build.records(configured_extension) if record.name == module]
    assert given == expected


def test_the_default_models_are_handed_over(configured_extension: Path) -> None:
    given = [
        record.what
        for record in extension_build.records(configured_extension)
        if (record.name, record.kind) == ("LiverCNNModels", "RESOURCES")
    ]
    assert given == cmake_lists.wanted(".").resources
    assert "Resources/Models/defaults.json" in given


def test_every_panel_registers_its_self_test_and_the_generic_one(configured_extension: Path) -> None:
    self_tests = {f"py_{name}" for name in WITH_PANEL}
    generic = {f"py_nomainwindow_qSlicer{name}ModuleGenericTest" for name in WITH_PANEL}
    assert self_tests
    assert registered(configured_extension) == self_tests | generic


def test_a_build_without_tests_registers_none(tmp_path: Path) -> None:
    finished = extension_build.configure(tmp_path, "-DBUILD_TESTING=OFF")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert registered(tmp_path) == set()


def small_extension(folder: Path, second: str) -> Path:
    """An extension of one module that is right, and then what is given."""
    folder.mkdir()
    for name in ("A.py", "LICENSE.txt", "README.md"):
        shutil.copyfile(__file__, folder / name)
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16.3...3.19.7 FATAL_ERROR)\nproject(Small)\n"
        + "".join(f"set(EXTENSION_{name} x)\n" for name in NEEDED_TEXTS)
        + "set(EXTENSION_LICENSE_FILE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE.txt)\n"
        "set(EXTENSION_README_FILE ${CMAKE_CURRENT_SOURCE_DIR}/README.md)\n"
        "find_package(Slicer REQUIRED)\ninclude(${Slicer_USE_FILE})\n"
        f"slicerMacroBuildScriptedModule(NAME A SCRIPTS A.py)\n{second}\n"
        "include(${Slicer_EXTENSION_CPACK})\n",
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("", None),
        ("slicerMacroBuildScriptedModule(NAME B SCRIPTS B.py)", "no such file B.py"),
        ("slicerMacroBuildScriptedModule(NAME B SCRIPTS A.py)", "another module has a A.py"),
        ("slicerMacroBuildScriptedModule(NAME B)", "SCRIPTS is mandatory"),
        ("slicerMacroBuildScriptedModule(ICONS NAME B SCRIPTS README.md)", "unknown keywords ICONS"),
        ("slicer_add_python_unittest(SCRIPT B.py)", "no such file B.py"),
        ("slicer_add_python_unittest(SCRIPT A.py)\nslicer_add_python_unittest(SCRIPT A.py)", "py_A"),
        ('set(EXTENSION_DESCRIPTION "")', "EXTENSION_DESCRIPTION is empty"),
    ],
)
def test_the_stand_ins_refuse_what_slicer_would(tmp_path: Path, second: str, reason: str | None) -> None:
    source = small_extension(tmp_path / "source", second)
    finished = extension_build.configure(tmp_path / "build", "-DBUILD_TESTING=ON", source=source)
    assert (finished.returncode == 0) == (reason is None), finished.stdout + finished.stderr
    assert reason is None or reason in " ".join(finished.stderr.split())
