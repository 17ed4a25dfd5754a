"""A standardization model in memory: its card and its network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from LiverCoreLib.card import Card


@dataclass(frozen=True)
class StandardizerModel:
    """A loaded model, to be used for one volume or many.

    Attributes:
        card: What it is; ``card.input`` holds its HU window and normalization.
        target_protocol: The protocol that its output looks like, such as ``M80``.
        network: A torch.nn.Module from sections (n, 1, y, x) to sections, both normalized.
        sha256: Of the bundle.
    """

    card: Card
    target_protocol: str
    network: Any
    sha256: str


def load_standardizer(model: str | os.PathLike | None = None) -> StandardizerModel:
    """Load a model by id or path (folder or .zip), the default one for CT if None.

    Raises:
        ModelError: There is none, it is damaged, or it does not standardize (``wrong-task``).
    """
    from LiverCoreLib import bundles, registry

    from .networks import from_bundle

    chosen = registry.default_model("standardize", "CT") if model is None else model
    bundle = bundles.load_bundle(registry.find_model(chosen))
    output = bundle.card.standardize_output  # refuses a model with another task before its network is built
    return StandardizerModel(bundle.card, output.target_protocol, from_bundle(bundle), bundle.sha256)
