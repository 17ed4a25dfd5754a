"""Make the helpers beside these tests importable: pytest's importlib mode does not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _one_thread():
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def abdomen() -> Any:
    """The synthetic abdomen, small enough to be segmented quickly."""
    from panel_driving import small_abdomen

    return small_abdomen()


@pytest.fixture
def module(host: Any) -> Any:
    """The module LiverSegmentCNN with its panel, loaded in the host."""
    from panel_driving import MODULE

    return host.load(MODULE)
