"""What one training step is, for each kind of network. The loop around them is loop.py."""

from __future__ import annotations

from typing import Any

from livercnn_training.config import TrainConfig


def make_trainer(config: TrainConfig, cases: list[Any], device: Any) -> Any:
    """Return the recipe's trainer: ``.module`` (loss of a batch) and ``.batch(step, rank)``."""
    if config.trainer == "windows":
        from livercnn_training.trainers.windows import WindowTrainer

        return WindowTrainer(config, cases, device)
    from livercnn_training.trainers.segments import SegmentTrainer

    return SegmentTrainer(config, cases, device)
