"""A stand-in for a trained model: calls liver whatever is as bright as the phantom's liver."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from LiverCoreLib.card import Card
from LiverSegmentCNNLib import SegmentationModel

CARD = {
    "schema_version": 1,
    "id": "stand-in",
    "name": "Stand-in for tests",
    "version": "1.0.0",
    "task": "segment",
    "modality": "CT",
    "architecture": {"name": "unet3d", "config": {"widths": [2, 2]}},
    "weights": {"file": "weights.safetensors", "size_bytes": 1, "sha256": "0" * 64},
    "input": {
        "orientation": "LPS",
        "spacing_mm": [3.0, 3.0, 3.0],
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
        "postprocessing": {"erode_mm": 4.0, "keep": "largest_component"},
    },
    "training": {
        "data": [{"name": "<none> & nothing", "cases": 0, "licence": "none"}],
        "recipe": "none",
        "seed": 0,
        "commit": "none",
        "versions": {"torch": "none"},
        "hardware": "none",
        "duration_s": 0,
        "steps": 0,
        "notes": "not trained",
    },
    "evaluation": [
        {
            "data_set": "phantom",
            "kind": "phantom",
            "n": 1,
            "command": "none",
            "metrics": {"dice": {"mean": 0.9, "min": 0.9}},
        }
    ],
    "intended_use": "tests",
    "out_of_scope_use": ["anything else"],
    "failure_modes": ["all"],
    "weights_licence": "none",
    "citations": [],
}


class BrightnessBand(torch.nn.Module):
    """High probability where the locally averaged HU lies in `band`."""

    supports_fast = False

    def __init__(self, card: Card, band: tuple[float, float]) -> None:
        super().__init__()
        self._card = card
        self._band = band

    def probability(self, volume, *, pad_value, region=None, fast=False, progress=None):
        hu = volume * self._card.input.scale_hu + self._card.input.offset_hu
        smooth = F.avg_pool3d(hu[None, None], 3, stride=1, padding=1)[0, 0]
        low, high = self._band
        return torch.sigmoid((smooth - low) / 4) * torch.sigmoid((high - smooth) / 4)


def stand_in_model(band: tuple[float, float] = (78.0, 140.0)) -> SegmentationModel:
    card = Card.from_dict(CARD)
    return SegmentationModel(card, card.segment_output, BrightnessBand(card, band), "f" * 64)
