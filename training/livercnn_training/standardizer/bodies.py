"""Training sections as they lie in memory, and how they vary from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from livercnn_training.augment_intensity import Dice
from livercnn_training.config import Bodies
from livercnn_training.data.sections import PackedSections
from livercnn_training.standardizer.lesions import IODINE, WATER, draw_lesion

_SOFT = (0.85, 1.2)
"""Water of soft tissue: what contrast and lesions are drawn into."""
_BODY = 0.5
"""Water of what is body and not air."""


@dataclass(frozen=True)
class Section:
    """One section. maps: float16 (3, y, x) on the device. boxes: (x0, x1, y0, y1) in pixels.

    liver_box: None without liver. blurred: see PackedSections.
    """

    maps: torch.Tensor
    pixel_mm: float
    body_box: tuple[int, int, int, int]
    liver_box: tuple[int, int, int, int] | None
    blurred: bool


def load_sections(packed: Sequence[PackedSections], device: torch.device) -> list[Section]:
    """Return all sections of the bodies that show some body."""
    sections = []
    for body in packed:
        maps = torch.from_numpy(body.maps).to(device)
        for number, section in enumerate(maps):
            body_box = _box(section[WATER] > _BODY)
            if body_box is not None:
                liver_box = _box(torch.from_numpy(body.liver[number]))
                sections.append(Section(section, body.pixel_mm, body_box, liver_box, body.blurred))
    return sections


def _box(mask: torch.Tensor) -> tuple[int, int, int, int] | None:
    columns, rows = mask.any(0).nonzero().flatten(), mask.any(1).nonzero().flatten()
    if not len(columns):
        return None
    return int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1


def varied(section: Section, settings: Bodies, dice: Dice) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the section's maps, float32 (3, y, x), with other contrast, tissue and lesions; and lesions.

    Those are (y, x): how much of each pixel is lesion.
    """
    maps = section.maps.float()
    soft = (maps[WATER] > _SOFT[0]) & (maps[WATER] < _SOFT[1])
    level = 0.0 if dice.chance(settings.unenhanced_probability) else _lognormal(dice, settings.iodine_level)
    unevenness = torch.exp(settings.iodine_unevenness * _smooth_field(maps[WATER], dice))
    maps[IODINE] *= level * unevenness
    maps[WATER] += settings.tissue_hu / 1000 * _smooth_field(maps[WATER], dice) * soft
    lesions = torch.zeros_like(maps[WATER])
    for _ in range(dice.integer(settings.most_lesions + 1)):
        in_liver = section.liver_box is not None and dice.chance(settings.lesions_in_liver)
        box = section.liver_box if in_liver and section.liver_box else section.body_box
        radius_pixels = dice.uniform(*settings.lesion_radius_mm) / section.pixel_mm
        lesions = torch.maximum(lesions, draw_lesion(maps, soft, box, radius_pixels, dice))
    return maps, lesions


def _lognormal(dice: Dice, deviation: float) -> float:
    return float(torch.exp(torch.tensor(dice.normal(0.0, deviation)).clamp(-2 * deviation, 2 * deviation)))


def _smooth_field(like: torch.Tensor, dice: Dice, knots: int = 8) -> torch.Tensor:
    """About unit variance, changing over about an eighth of the section."""
    coarse = dice.noise_like(like[:knots, :knots])
    return F.interpolate(coarse[None, None], size=like.shape, mode="bicubic", align_corners=False)[0, 0]
