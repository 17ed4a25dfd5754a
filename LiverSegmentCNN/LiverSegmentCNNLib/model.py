"""A segmentation model in memory: its card and its network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from LiverCoreLib.card import Card, SegmentOutput


@dataclass(frozen=True)
class SegmentationModel:
    """A loaded model, to be used for one volume or many.

    `network` is a torch.nn.Module with `.probability(volume, *, pad_value, region, fast, progress)` and
    `.supports_fast` (see LiverSegmentCNNLib.networks); `output` is the card's, threshold and post-processing;
    `sha256` is that of the bundle.
    """

    card: Card
    output: SegmentOutput
    network: Any
    sha256: str


def load_model(model: str | os.PathLike | None = None) -> SegmentationModel:
    """Load a model by id or path (folder or .zip), the default CT model if None.

    Raises ModelError where there is none, it is damaged, or it does not segment.
    """
    from LiverCoreLib import bundles, registry

    from .networks import from_bundle

    bundle = bundles.load_bundle(registry.find_model(registry.DEFAULT_SEGMENTER if model is None else model))
    output = bundle.card.segment_output  # refuses a model with another task before its network is built
    return SegmentationModel(bundle.card, output, from_bundle(bundle), bundle.sha256)
