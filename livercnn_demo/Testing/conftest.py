"""What the demonstration's tests share: a stand-in model and a small phantom."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# pytest's importlib mode leaves helpers beside the tests out of the path.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "LiverStandardize" / "Testing"))  # standardizer_bundles


@pytest.fixture(scope="session")
def abdomen():
    """A coarse synthetic abdomen in six protocols: soon made, good enough to look for files and words."""
    from LiverStandardizeLib.simulation import make_six

    return make_six(0, size=(96, 96, 40))


@pytest.fixture
def stand_in(monkeypatch, abdomen):
    """Run the demonstration with the stand-in model, the coarse phantom, and no standardizer."""
    from stand_in_model import stand_in_model

    import LiverSegmentCNNLib
    import LiverStandardizeLib.simulation
    from livercnn_demo import protocols

    model = stand_in_model()
    monkeypatch.setattr(LiverSegmentCNNLib, "load_model", lambda name=None: model, raising=False)
    monkeypatch.setattr(LiverStandardizeLib.simulation, "make_six", lambda seed, **_: abdomen, raising=False)
    monkeypatch.setattr(protocols, "default_standardizer", lambda: None)
    return model


@pytest.fixture(autouse=True)
def _one_thread():
    import torch

    torch.set_num_threads(1)
