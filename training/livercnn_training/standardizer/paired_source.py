"""Endless batches of patches of a hospital's own paired reconstructions, the same place in all protocols."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from livercnn_training.augment_intensity import Dice
from livercnn_training.config import TrainConfig
from livercnn_training.data.pairs import PackedPairs
from livercnn_training.standardizer.source import TARGET, Batch


class PairedExamSource:
    """Draws batches; every one follows from (seed, step, rank) alone. Slices stay in the machine's memory."""

    def __init__(self, config: TrainConfig, packed: Sequence[PackedPairs], device: torch.device) -> None:
        self.config, self.device = config, device
        self.exams = [torch.from_numpy(one.hu) for one in packed]
        self.protocols = packed[0].protocols
        self.target = self.protocols.index(TARGET)

    def batch(self, step: int, rank: int) -> Batch:
        """Return inputs (windows, protocols, y, x) and targets (windows, 1, y, x), in HU."""
        patches = [
            self._patch(Dice.for_step(self.device, self.config.seed, step, rank, number))
            for number in range(self.config.batch_size)
        ]
        inputs = torch.stack(patches).to(self.device, torch.float32)
        return inputs, inputs[:, self.target : self.target + 1]

    def _patch(self, dice: Dice) -> torch.Tensor:
        exam = self.exams[dice.integer(len(self.exams))]
        section = exam[dice.integer(len(exam))]
        rows, columns = section.shape[-2:]
        height, width = (min(self.config.patches.size_pixels, edge) for edge in (rows, columns))
        top, left = dice.integer(rows - height + 1), dice.integer(columns - width + 1)
        patch = section[:, top : top + height, left : left + width]
        turned = [axis for axis in (-1, -2) if dice.chance(0.5)]
        return patch.flip(turned) if turned else patch
