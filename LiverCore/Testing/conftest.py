"""Bundles for the tests of LiverCoreLib: a valid one, and the means to spoil it."""

from __future__ import annotations

import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # helpers beside the tests: importlib mode does not

CARD: dict[str, Any] = {
    "schema_version": 1,
    "id": "tiny-ct",
    "name": "A tiny model for tests",
    "version": "1.0.0",
    "task": "segment",
    "modality": "CT",
    "architecture": {"name": "unet3d", "config": {"widths": [4, 8]}},
    "weights": {"file": "weights.safetensors", "size_bytes": 1, "sha256": "0" * 64},
    "golden": {"file": "golden.npz", "size_bytes": 1, "sha256": "0" * 64, "tolerance": 0.01},
    "input": {
        "orientation": "LPS",
        "spacing_mm": [2.0, 2.0, 2.0],
        "hu_window": [-150, 250],
        "offset_hu": 50,
        "scale_hu": 200,
        "median_filter_voxels": 1,
        "pad_value_hu": -1000,
        "crop": "body",
    },
    "output": {
        "kind": "probability",
        "threshold": 0.5,
        "postprocessing": {"erode_mm": 2.0, "keep": "largest_component"},
    },
    "training": {
        "data": [{"name": "none", "cases": 0, "licence": "none"}],
        "recipe": "configs/tiny.yaml",
        "seed": 0,
        "commit": "0000000",
        "versions": {"torch": "2.13.0"},
        "hardware": "none",
        "duration_s": 0,
        "steps": 0,
        "notes": "",
    },
    "evaluation": [
        {
            "data_set": "none",
            "kind": "phantom",
            "n": 1,
            "command": "livercnn evaluate",
            "metrics": {"dice": {"mean": 0.9, "sd": None, "min": 0.9, "max": 0.9, "ci95": [None, None]}},
            "cases": [{"case": "a/1", "dice": 0.9}],
        }
    ],
    "intended_use": "Tests.",
    "out_of_scope_use": ["Patients."],
    "failure_modes": ["Everything."],
    "weights_licence": "Apache-2.0",
    "citations": [],
}


@pytest.fixture
def card_data() -> dict[str, Any]:
    """A valid card as plain data, free to change."""
    return copy.deepcopy(CARD)


@pytest.fixture
def weights() -> dict[str, np.ndarray]:
    """Two tensors whose values float16 holds exactly."""
    return {
        "first.weight": np.linspace(-1, 1, 2 * 3 * 3 * 3, dtype=np.float32).reshape(2, 1, 3, 3, 3).round(3),
        "first.bias": np.array([0.5, -0.25], dtype=np.float32),
    }


@pytest.fixture
def golden() -> dict[str, np.ndarray]:
    """A tiny input and output."""
    return {"input": np.zeros((2, 3, 4), np.float32), "output": np.full((2, 3, 4), 0.25, np.float32)}


@pytest.fixture
def bundle_folder(tmp_path: Path, card_data: Any, weights: Any, golden: Any) -> Path:
    """A valid bundle written as a folder named after its id."""
    from LiverCoreLib.bundles import write_bundle

    return write_bundle(tmp_path / "made" / "tiny-ct", card_data, weights, golden).path


@pytest.fixture
def spoil(bundle_folder: Path) -> Callable[..., Path]:
    """Replace a file of the bundle; ``reseal`` writes its new size and hash on the card, as attackers do."""

    def replace(name: str, content: bytes, reseal: bool = False) -> Path:
        (bundle_folder / name).write_bytes(content)
        if reseal:
            card_path = bundle_folder / "model.json"
            card = json.loads(card_path.read_text(encoding="utf-8"))
            entry = card["weights" if name.startswith("weights") else "golden"]
            entry.update(size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
            card_path.write_text(json.dumps(card), encoding="utf-8")
        return bundle_folder

    return replace


@pytest.fixture
def set_up(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module Liver Set-up with its panel; models are installed into a temporary folder."""
    from setup_driving import MODULE

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return host.load(MODULE)
