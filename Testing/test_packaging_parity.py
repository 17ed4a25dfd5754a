"""What is on disk is also in the lists that install it: Slicer's CMakeLists.txt and pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import cmake_lists
import pytest
from project_file import PACKAGE_FOLDERS, PYPROJECT, REPOSITORY


@pytest.mark.parametrize("folder", [".", *cmake_lists.modules()])
def test_cmake_lists_every_file(folder: str) -> None:
    listed, wanted = cmake_lists.listed(folder), cmake_lists.wanted(folder)
    path = (Path(folder) / "CMakeLists.txt").as_posix()
    cure = "An installed extension would not match the checkout: run `make cmake-lists` and commit."
    for kind in ("scripts", "resources"):
        missing = sorted(set(getattr(wanted, kind)) - set(getattr(listed, kind)))
        stale = sorted(set(getattr(listed, kind)) - set(getattr(wanted, kind)))
        assert not missing, f"{path} does not list {missing}. {cure}"
        assert not stale, f"{path} lists {stale}, which is not on disk. {cure}"
    assert listed == wanted, f"{path} is not in order. {cure}"


@pytest.mark.parametrize("module", cmake_lists.modules())
def test_the_extension_builds_every_module(module: str) -> None:
    text = (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"add_subdirectory({module})" in text, f"Add add_subdirectory({module}) to CMakeLists.txt."


@pytest.mark.parametrize("name", sorted(PACKAGE_FOLDERS))
def test_pyproject_lists_every_subpackage(name: str) -> None:
    root = REPOSITORY / PACKAGE_FOLDERS[name]
    packages = {
        ".".join([name, *init.parent.relative_to(root).parts])
        for init in root.rglob("__init__.py")
        if "Testing" not in init.parts
    }
    missing = sorted(packages - set(PYPROJECT["tool"]["setuptools"]["packages"]))
    assert not missing, (
        f"Add {missing} to [tool.setuptools] packages in pyproject.toml; a wheel would lack them."
    )


def test_every_test_folder_is_collected() -> None:
    folders = {
        path.parent.relative_to(REPOSITORY).as_posix()
        for path in REPOSITORY.glob("**/Testing/test_*.py")
        if not any(part.startswith(".") or part == "build" for part in path.relative_to(REPOSITORY).parts)
    }
    missing = sorted(folders - set(PYPROJECT["tool"]["pytest"]["ini_options"]["testpaths"]))
    assert not missing, f"Add {missing} to testpaths in pyproject.toml; `make test` would leave them out."
