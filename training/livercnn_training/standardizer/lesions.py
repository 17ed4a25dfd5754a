"""Lesions that are drawn into training sections: how much water, calcium and iodine each kind holds.

From one image at one energy a network cannot tell iodine from water; what it makes of a lesion's contrast
follows from the lesions that it was shown. Those that take up less contrast than the liver are mostly more
watery, too, before any contrast is given (metastases about 20 HU below the liver, cysts about 45), and hold
less of what raises the effective atomic number, for which calcium stands; those that take up more are not. A
share has any mixture, so that no rule is sure.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from livercnn_training.augment_intensity import Dice

WATER, CALCIUM, IODINE = 0, 1, 2
"""Order of the maps: LiverStandardizeLib.simulation.physics.MATERIALS."""

LONGEST_TO_WIDTH = 1.6


@dataclass(frozen=True)
class Kind:
    """Ranges, drawn evenly. uptake: iodine, times the tissue's around it. water_hu, calcium_mg_ml: added.

    share: of all lesions. rimmed: share of the kind with a rim of `RIM_UPTAKE`.
    """

    share: float
    uptake: tuple[float, float]
    water_hu: tuple[float, float]
    calcium_mg_ml: tuple[float, float] = (0.0, 0.0)
    rimmed: float = 0.0


KINDS = {
    "solid, less contrast": Kind(0.45, (0.1, 0.9), (-35.0, -5.0), calcium_mg_ml=(-2.5, 0.0), rimmed=0.5),
    "cyst": Kind(0.15, (0.0, 0.1), (-55.0, -30.0), calcium_mg_ml=(-3.0, -1.5)),
    "solid, more contrast": Kind(0.25, (1.1, 2.0), (-10.0, 5.0), calcium_mg_ml=(-0.5, 0.5)),
    "anything": Kind(0.15, (0.0, 1.8), (-30.0, 20.0), calcium_mg_ml=(-2.0, 2.0)),
}
RIM_UPTAKE = (0.7, 1.2)
RIM_OF_RADIUS = (0.1, 0.3)


def draw_lesion(
    maps: torch.Tensor,
    soft: torch.Tensor,
    box: tuple[int, int, int, int],
    radius_pixels: float,
    dice: Dice,
) -> torch.Tensor:
    """Put an ellipse into the maps (3, y, x), in place, where `soft` (y, x) says soft tissue.

    Returns how much of each pixel, (y, x), it fills.

    box: (x0, x1, y0, y1) in pixels, in which its middle lies. radius_pixels: along y; it may be longer in x.
    """
    x0, x1, y0, y1 = box
    centre_x, centre_y = dice.uniform(x0, x1), dice.uniform(y0, y1)
    longer = dice.uniform(1.0, LONGEST_TO_WIDTH)
    kind = _drawn_kind(dice)
    uptake, water_hu = dice.uniform(*kind.uptake), dice.uniform(*kind.water_hu)
    calcium = dice.uniform(*kind.calcium_mg_ml)
    rows = torch.arange(maps.shape[1], device=maps.device)[:, None]
    columns = torch.arange(maps.shape[2], device=maps.device)[None, :]
    inward = radius_pixels - torch.sqrt(((columns - centre_x) / longer) ** 2 + (rows - centre_y) ** 2)
    share = (inward + 0.5).clamp(0, 1) * soft
    uptakes = torch.full_like(share, uptake)
    if dice.chance(kind.rimmed):
        rim, width = dice.uniform(*RIM_UPTAKE), dice.uniform(*RIM_OF_RADIUS) * radius_pixels
        uptakes = torch.lerp(uptakes, torch.full_like(share, rim), (width - inward + 0.5).clamp(0, 1))
    maps[IODINE] *= 1 + share * (uptakes - 1)
    maps[WATER] += share * water_hu / 1000
    maps[CALCIUM] += share * calcium
    return share


def _drawn_kind(dice: Dice) -> Kind:
    place = dice.uniform()
    for kind in KINDS.values():
        place -= kind.share
        if place < 0:
            return kind
    return kind
