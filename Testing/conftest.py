"""The extension, configured and installed once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import extension_build
import pytest


@pytest.fixture(scope="session")
def configured_extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder of the whole extension, configured with its tests."""
    build = tmp_path_factory.mktemp("slicer-build")
    finished = extension_build.configure(build, "-DBUILD_TESTING=ON")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return build


@pytest.fixture(scope="session")
def installed_extension(configured_extension: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of scripted modules in the installed extension."""
    return extension_build.install(configured_extension, tmp_path_factory.mktemp("slicer-install"))
