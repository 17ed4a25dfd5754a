"""What HU are made of: the rule by which a CT becomes water, calcium and iodine.

Without contrast, HU rise along one line: air, lung, fat, water, soft tissue. What is brighter than the soft
tissue that it is taken for holds iodine, or, in bone, calcium. All steps are ramps: a little more HU is never
a jump of materials.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..material_maps import AIRY_MUSCLE
from ..physics.tissues import tissue


@dataclass(frozen=True)
class Worth:
    """What one mg/mL adds to the CT number, HU: (n, y, x), or anything that broadcasts to it."""

    calcium: torch.Tensor
    iodine: torch.Tensor

    def hu(self, water: torch.Tensor | float, calcium: torch.Tensor | float) -> torch.Tensor:
        """CT number of so much water and calcium."""
        return 1000 * (water - 1) + self.calcium * calcium


def to_materials(
    hu: torch.Tensor, base: torch.Tensor, bone_share: torch.Tensor, worth: Worth
) -> torch.Tensor:
    """Materials (n, 3, y, x) whose CT numbers are `hu` (n, y, x), denoised.

    base: (n, 2, y, x), water and calcium of the tissue without contrast. bone_share: (n, y, x), 0 where what
    is brighter than its base holds iodine, 1 where it holds calcium.
    """
    soft = _soft_tissue(hu, base, worth)
    maps = soft + bone_share[:, None] * (_bone(hu, worth) - soft)
    # Noise of air: nothing attenuates less than nothing, but images show it.
    maps[:, 0] += (hu - worth.hu(*tissue("air"))).clamp_max(0) / 1000
    return maps


def _soft_tissue(hu: torch.Tensor, base: torch.Tensor, worth: Worth) -> torch.Tensor:
    """The line from air to the base, and iodine beyond."""
    air, muscle = tissue("air"), tissue("muscle")
    airy = (
        air[0] + AIRY_MUSCLE * (muscle[0] - air[0]),
        air[1] + AIRY_MUSCLE * (muscle[1] - air[1]),
    )
    marks = [air, airy, tissue("adipose"), tissue("water"), (base[:, 0], base[:, 1])]
    water, calcium, last_hu = _along(hu, marks, worth)
    iodine = (hu - last_hu).clamp_min(0) / worth.iodine
    return torch.stack([water, calcium, iodine], dim=1)


def _bone(hu: torch.Tensor, worth: Worth) -> torch.Tensor:
    """Fat or red marrow with more and more mineral, and beyond cortical bone on the same line."""
    adipose, muscle, cortical = tissue("adipose"), tissue("muscle"), tissue("cortical_bone")
    muscle_hu, cortical_hu = worth.hu(*muscle), worth.hu(*cortical)
    mineral = (hu - muscle_hu).clamp_min(0) / (cortical_hu - muscle_hu)
    water, calcium, _ = _along(hu, [tissue("air"), adipose, muscle], worth)
    water = water + mineral * (cortical[0] - muscle[0])
    calcium = calcium + mineral * (cortical[1] - muscle[1])
    return torch.stack([water, calcium, torch.zeros_like(water)], dim=1)


def _along(hu: torch.Tensor, marks: list, worth: Worth) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Water and calcium where `hu` lies on the line through marks (water, calcium), and the last mark's HU.

    Below the first mark and above the last it is the mark itself. Marks that are not brighter than the one
    before them count for nothing.
    """
    known_hu = [worth.hu(*mark) for mark in marks]
    water = torch.zeros_like(hu) + marks[0][0]
    calcium = torch.zeros_like(hu) + marks[0][1]
    for number in range(1, len(marks)):
        low, high = known_hu[number - 1], known_hu[number]
        way = ((hu - low) / (high - low).clamp_min(1e-3)).clamp(0, 1)
        water = water + way * (marks[number][0] - marks[number - 1][0])
        calcium = calcium + way * (marks[number][1] - marks[number - 1][1])
    return water, calcium, known_hu[-1]
