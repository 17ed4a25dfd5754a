"""What one training step is, for each kind of network. The loop around them is loop.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livercnn_training.config import TrainConfig


def make_trainer(config: TrainConfig, cases: list[Any], device: Any) -> Any:
    """Return the recipe's trainer.

    It has ``.module`` (loss of a batch, with the ``network`` to export), ``.opponent`` (the loss of another
    network that learns from the same batches, or None), ``.batch(step, rank)`` and ``.validate(average)``,
    which returns a JSON-ready dictionary of figures, or None where there is nothing to validate with.
    """
    if config.trainer == "windows":
        from livercnn_training.trainers.windows import WindowTrainer

        return WindowTrainer(config, cases, device)
    if config.trainer == "protocols":
        from livercnn_training.trainers.protocols import ProtocolTrainer

        return ProtocolTrainer(config, cases, device)
    if config.trainer == "adversarial":
        from livercnn_training.trainers.adversarial import AdversarialTrainer

        return AdversarialTrainer(config, cases, device)
    from livercnn_training.trainers.segments import SegmentTrainer

    return SegmentTrainer(config, cases, device)


def open_training_data(config: TrainConfig, path: Path) -> tuple[list[Any], dict[str, Any]]:
    """Return what the recipe's trainer learns from, and its description. Raises DataError otherwise."""
    if config.network == "standardizer":
        from livercnn_training.data.sections import open_sections

        return open_sections(path)
    from livercnn_training.data.pack import open_pack

    return open_pack(path)
