"""Trainer for the standardizer's first stage: from every protocol to the target by L1 (Lee 2023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from livercnn_training.config import ConfigError, TrainConfig
from livercnn_training.data.pairs import PackedPairs
from livercnn_training.data.sections import of_split
from livercnn_training.normalise import normalise
from livercnn_training.standardizer.losses import coarse_loss, grid_loss, pixel_loss, texture_loss
from livercnn_training.standardizer.paired_source import PairedExamSource
from livercnn_training.standardizer.reference import Reference, make_reference, measure, paired_reference
from livercnn_training.standardizer.source import INPUTS, Batch, PairSource
from LiverStandardizeLib.networks import build
from LiverStandardizeLib.networks.generator import channels_last


class StandardizerLoss(nn.Module):
    """L1 of a batch: inputs (windows, protocols, y, x) and targets (windows, 1, y, x), normalized.

    protocols: what the inputs' second axis holds, in its order.

    The target is of the same scan as the inputs, noise and all, as in the paper. Errors count in shares of
    the HU window, whatever the normalization.
    """

    def __init__(self, config: TrainConfig, protocols: Sequence[str] = INPUTS) -> None:
        super().__init__()
        self.network = build(config.network, config.network_config)
        self.protocols = tuple(protocols)
        self.lesion_weight = config.patches.lesion_weight
        self.coarse_weight = config.patches.coarse_weight
        self.grid_weight = config.patches.grid_weight
        self.texture_weight = config.patches.texture_weight
        self.untold_fraction = config.patches.untold_fraction
        self.inputs_per_step = config.patches.inputs_per_step
        self.input_weights = config.patches.input_weights
        _check_inputs(self.inputs_per_step, self.input_weights, self.protocols)
        low, high = config.input.hu_window
        self.share = config.input.scale_hu / (high - low)

    def forward(self, inputs: torch.Tensor, *targets: torch.Tensor) -> torch.Tensor:
        """targets: as a batch has them; without noise, and the lesions, only where the source knows them."""
        return self.distance(*self.made_and_wanted(inputs, *targets))

    def made_and_wanted(self, inputs: torch.Tensor, *targets: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the network's sections, and for each all of the targets, (n, 1, y, x)."""
        chosen = self._chosen(inputs.device)
        inputs = inputs[:, chosen]
        each = [one.expand_as(inputs).reshape(-1, 1, *inputs.shape[-2:]).float() for one in targets]
        codes = self._codes(inputs.shape[0], chosen)
        return self.network(inputs.reshape_as(each[0]), codes).float(), *each

    def _chosen(self, device: torch.device) -> torch.Tensor:
        """Return which inputs take part in this step: all, or as many as the recipe says, drawn by weight."""
        if self.inputs_per_step >= len(self.protocols):
            return torch.arange(len(self.protocols), device=device)
        weights = [self.input_weights.get(name, 1.0) for name in self.protocols]
        return torch.multinomial(torch.tensor(weights), self.inputs_per_step).to(device)

    def _codes(self, windows: int, chosen: torch.Tensor) -> torch.Tensor:
        """Return what the network is told of each section: its protocol, or at times nothing."""
        names = [self.protocols[number] for number in chosen.tolist()]
        own = torch.tensor([self.network.code_of(name) for name in names], device=chosen.device)
        told = torch.rand(windows, len(names), device=chosen.device) >= self.untold_fraction
        return (own * told).flatten()

    def distance(
        self,
        made: torch.Tensor,
        wanted: torch.Tensor,
        clean: torch.Tensor | None = None,
        lesions: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return L1, and what the recipe asks for besides (losses.py), in shares of the window.

        clean: wanted without noise. lesions: how much of each pixel is lesion.
        """
        made, wanted = self.share * made, self.share * wanted
        clean = None if clean is None else self.share * clean
        weights = None if lesions is None else 1 + self.lesion_weight * lesions
        loss = pixel_loss(made, wanted, weights)
        if self.coarse_weight > 0:
            loss = loss + self.coarse_weight * coarse_loss(made, wanted if clean is None else clean, weights)
        if self.grid_weight > 0:
            loss = loss + self.grid_weight * grid_loss(made, wanted)
        if self.texture_weight > 0:
            loss = loss + self.texture_weight * texture_loss(made, wanted, clean)
        return loss


def _check_inputs(count: int, weights: Mapping[str, float], protocols: Sequence[str]) -> None:
    """Raise ConfigError where a step cannot draw its protocols as the recipe says."""
    unknown = [name for name in weights if name not in protocols]
    if unknown:
        raise ConfigError(
            f"Recipe: 'patches.input_weights' names '{unknown[0]}'; the data have {', '.join(protocols)}."
        )
    negative = [name for name, weight in weights.items() if weight < 0]
    if negative:
        raise ConfigError(f"Recipe: 'patches.input_weights.{negative[0]}' must be 0 or more.")
    drawn = sum(weights.get(name, 1.0) > 0 for name in protocols)
    if count < 1 or count < len(protocols) and count > drawn:
        raise ConfigError(
            f"Recipe: 'patches.inputs_per_step' must be 1 to {drawn} (protocols with a weight), not {count}."
        )


def make_source(
    config: TrainConfig, packed: Sequence[Any], device: torch.device
) -> PairSource | PairedExamSource:
    """Return the source of patches: simulated from sections, or cut from one's own reconstructions."""
    if isinstance(packed[0], PackedPairs):
        return PairedExamSource(config, packed, device)
    return PairSource(config, packed, device)


class ProtocolTrainer:
    """Draws batches of paired patches; every batch follows from (seed, step, rank) alone.

    ``packed``: PackedSections of bodies to scan, or PackedPairs of exams that were scanned.
    """

    opponent: nn.Module | None = None

    def __init__(self, config: TrainConfig, packed: Sequence[Any], device: torch.device) -> None:
        self.config, self.device = config, device
        self.source = make_source(config, of_split(packed, "train"), device)
        self._held_out = [one for one in packed if one.split == "validation"]
        self._reference: Reference | None = None
        self.module: nn.Module = channels_last(StandardizerLoss(config, self.source.protocols)).to(device)

    def batch(self, step: int, rank: int) -> Batch:
        """Return what the source has for the step, HU normalized, on the device."""
        batch = self.source.batch(step, rank)
        in_hu, lesions = batch[:3], batch[3:]
        return (*(normalise(images, self.config.input) for images in in_hu), *lesions)

    def validate(self, average: dict[str, torch.Tensor]) -> dict[str, Any] | None:
        """Return what the averaged network makes of the reference scans; None without any."""
        if not self._held_out:
            return None
        if self._reference is None:
            own = isinstance(self._held_out[0], PackedPairs)
            self._reference = (paired_reference if own else make_reference)(self._held_out, self.device)
        network = channels_last(build(self.config.network, self.config.network_config)).to(self.device).eval()
        prefix = "network."
        network.load_state_dict({n[len(prefix) :]: v for n, v in average.items() if n.startswith(prefix)})
        return measure(network, self._reference, self.config.input)
