"""Reference scans with fixed seeds, and what a network makes of them: PSNR, HU bias and noise by protocol."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from livercnn_training.config import InputContract
from livercnn_training.data.pairs import PackedPairs
from livercnn_training.data.sections import PackedSections
from livercnn_training.normalise import normalise
from livercnn_training.standardizer.source import INPUTS, TARGET, reconstructed
from LiverStandardizeLib.networks.generator import FOLD
from LiverStandardizeLib.simulation.image_engine.engine import ImageEngine

KERNEL_LP_CM, IR_STRENGTH = 3.8, 3
"""The paper's: a soft abdominal kernel, strength 3."""
_EDGE_PIXELS = 2
"""So near its surface a liver is not asked for its HU and noise."""


@dataclass(frozen=True)
class Reference:
    """Scans of some sections, HU. inputs: (n, protocols, y, x). target: (n, y, x). clean: it without noise.

    protocols: names of the inputs. liver: bool (n, y, x), without its rim. clean and liver are None where
    they are not known.
    """

    protocols: tuple[str, ...]
    inputs: torch.Tensor
    target: torch.Tensor
    clean: torch.Tensor | None
    liver: torch.Tensor | None


def make_reference(
    packed: Sequence[PackedSections], device: torch.device, sections_a_body: int = 4, seed: int = 0
) -> Reference:
    """Scan a few sections through each body's liver; the same every time."""
    parts = []
    for number, body in enumerate(packed):
        chosen = _through_the_liver(body.liver, sections_a_body)
        maps = torch.from_numpy(body.maps[chosen]).to(device, torch.float32)
        engine = ImageEngine(maps.shape[-1], body.pixel_mm, device=device, blur=not body.blurred)
        generator = torch.Generator(device).manual_seed(1_000_003 * seed + number)
        images = engine.scan(maps, generator)
        made = reconstructed(images, IR_STRENGTH, False, KERNEL_LP_CM)
        clean = reconstructed(images.without_noise(), IR_STRENGTH, False, KERNEL_LP_CM)
        six = torch.stack([made[name] for name in INPUTS], dim=1)
        parts.append((six, made["target"], clean["target"], _without_rim(body.liver[chosen], device)))
    return Reference(INPUTS, *(torch.cat(tensors) for tensors in zip(*parts)))


def paired_reference(
    packed: Sequence[PackedPairs], device: torch.device, sections_an_exam: int = 4
) -> Reference:
    """Return a few slices of the first of one's own exams that are held out."""
    exam = packed[0]
    anywhere = np.ones(exam.hu.shape[:1] + (1, 1), bool)
    chosen = _through_the_liver(anywhere if exam.liver is None else exam.liver, sections_an_exam)
    inputs = torch.from_numpy(exam.hu[chosen]).to(device, torch.float32)
    liver = None if exam.liver is None else _without_rim(exam.liver[chosen], device)
    return Reference(exam.protocols, inputs, inputs[:, exam.protocols.index(TARGET)], None, liver)


def _without_rim(liver: np.ndarray, device: torch.device) -> torch.Tensor:
    outside = torch.from_numpy(~liver).to(device, torch.float32)
    return F.max_pool2d(outside[:, None], 2 * _EDGE_PIXELS + 1, 1, _EDGE_PIXELS)[:, 0] == 0


def _through_the_liver(liver: np.ndarray, count: int) -> list[int]:
    """Return sections with liver at equal steps, or any where there is none."""
    found = np.flatnonzero(liver.any(axis=(1, 2)))
    found = found if len(found) else np.arange(len(liver))
    return [int(found[round(place)]) for place in np.linspace(0, len(found) - 1, count + 2)[1:-1]]


@torch.inference_mode()
def measure(network: Any, reference: Reference, contract: InputContract) -> dict[str, Any]:
    """Return PSNR, mean absolute error, liver bias and liver noise by protocol, before and after.

    HU are limited to the network's window. PSNR in dB relative to the window's width. ``noise_ratio``:
    standard deviation in the liver about the scan without noise, relative to that of the target.
    ``grid_pattern_hu``: see there. Liver and noise only where the reference knows them.
    """
    rows = {}
    for number, name in enumerate(reference.protocols):
        before = reference.inputs[:, number].clamp(*contract.hu_window)
        code = torch.tensor([network.code_of(name)], device=before.device)
        made = torch.cat([network(normalise(one, contract)[None, None], code)[:, 0] for one in before])
        after = made * contract.scale_hu + contract.offset_hu
        rows[name] = {
            "before": _figures(before, reference, contract.hu_window),
            "after": _figures(after, reference, contract.hu_window),
        }
    changed = [rows[name]["after"] for name in reference.protocols if name != TARGET]
    figures: dict[str, Any] = {"psnr_db": sum(row["psnr_db"] for row in changed) / len(changed)}
    if reference.liver is not None:
        figures["largest_liver_bias_hu"] = max(abs(row["liver_bias_hu"]) for row in changed)
    if reference.clean is not None:
        figures["least_noise_ratio"] = min(row["noise_ratio"] for row in changed)
    return {**figures, "protocols": rows}


def grid_pattern_hu(error: torch.Tensor, where: torch.Tensor) -> float:
    """Return the standard deviation of the mean error between the places in the network's blocks of pixels.

    error: (n, y, x), HU. where: bool, the same shape. A network that makes up noise makes stripes or checks
    of the blocks' size, which show here; noise itself does not, and neither does what is even across blocks.
    """
    places = [
        (slice(None), slice(y, None, FOLD), slice(x, None, FOLD)) for y in range(FOLD) for x in range(FOLD)
    ]
    return float(torch.stack([error[place][where[place]].mean() for place in places]).std())


def _figures(image: torch.Tensor, reference: Reference, hu_window: tuple[float, float]) -> dict[str, float]:
    low, high = hu_window
    target = reference.target.clamp(low, high)
    error = image - target
    figures = {
        "psnr_db": 10 * math.log10((high - low) ** 2 / max(float(error.square().mean()), 1e-9)),
        "mae_hu": float(error.abs().mean()),
    }
    if reference.liver is not None:
        figures["liver_bias_hu"] = float(error[reference.liver].mean())
        figures["grid_pattern_hu"] = grid_pattern_hu(error, reference.liver)
    if reference.clean is not None and reference.liver is not None:
        clean = reference.clean.clamp(low, high)
        noise, wanted = ((one - clean)[reference.liver].std() for one in (image, target))
        figures["noise_ratio"] = float(noise / wanted)
    return figures
