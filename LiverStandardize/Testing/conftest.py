"""Make the helpers beside these tests importable: pytest's importlib mode does not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that adds a known number of HU, the default one."""
    from panel_standardizing import install_model

    folder = tmp_path_factory.mktemp("models")
    install_model(folder)
    return folder


@pytest.fixture
def module(host: Any, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module LiverStandardize with its panel, loaded in the host, and a model to use."""
    from panel_standardizing import MODULE

    monkeypatch.setenv("LIVERCNN_MODELS", str(models_folder))
    return host.load(MODULE)
