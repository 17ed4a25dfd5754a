"""Where a CT shows bone: bright because of calcium, not of contrast medium.

HU cannot tell spongy bone from an enhanced vessel. Shells can: bone has a dense cortex, and what lies within
it is bone. What is no denser than contrast medium makes tissue is bone only beside that, in its section or in
those next to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

DENSE_HU = 260.0
"""Brighter than most tissue with contrast medium is in the portal phase."""
CORTEX_HU = 340.0
"""Something so bright is in every dense part of a bone; kidneys with contrast medium have none."""
LEAST_DENSE_HU = 150.0
BELOW_CLIP_HU = 30.0
"""Where HU are cut off, what comes so near the limit, smoothed, is dense, and"""
CORTEX_BELOW_CLIP_HU = 10.0
"""so near is cortex."""
BRIGHT_HU = 130.0
"""Thin or spongy bone shows at least this much."""
BRIDGE_MM = 6.0
"""Gaps in the cortex that are closed, to fill what lies inside."""
NEIGHBOUR_MM = 3.0
"""What is bright is bone as near as this to dense bone of the section itself or of the next one."""
RIM_MM = 1.5
"""Bone reaches so far beyond: partial volume."""
SMALLEST_MM2 = 12.0
"""Smaller spots in a section are clips or calcifications: calcium, but nothing is filled about them."""
EDGE_PIXELS = 3


def bone_share(
    signal: torch.Tensor, pixel_mm: float, clip_hu: Sequence[float], soft: torch.Tensor | None
) -> torch.Tensor:
    """1 in bone, 0 elsewhere, a ramp between: (n, y, x) for adjacent sections.

    signal: (n, y, x) HU, denoised. clip_hu: of each section, the value at which bright voxels were cut off,
    infinite if they were not. soft: (n, y, x), True in organs known not to be bone, or None.
    """
    dense_from = [min(DENSE_HU, max(clip - BELOW_CLIP_HU, LEAST_DENSE_HU)) for clip in clip_hu]
    cortex_from = [min(CORTEX_HU, max(clip - CORTEX_BELOW_CLIP_HU, LEAST_DENSE_HU)) for clip in clip_hu]
    dense = signal >= torch.tensor(dense_from)[:, None, None]
    cortex = signal >= torch.tensor(cortex_from)[:, None, None]
    bright = signal >= BRIGHT_HU
    if soft is not None:
        dense &= ~soft
        bright &= ~soft
    dense = _parts_with(cortex, dense)
    bone = _filled(dense, pixel_mm) | dense
    near = _grown(bone, NEIGHBOUR_MM, pixel_mm)
    near[1:] |= _grown(bone[:-1], NEIGHBOUR_MM, pixel_mm)
    near[:-1] |= _grown(bone[1:], NEIGHBOUR_MM, pixel_mm)
    bone = bone | (near & bright)
    share = _grown(bone, RIM_MM, pixel_mm).float()
    share = F.avg_pool2d(share[:, None], EDGE_PIXELS, 1, EDGE_PIXELS // 2, count_include_pad=False)[:, 0]
    return share if soft is None else share * ~soft


def _parts_with(cortex: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
    """Of the dense parts of each section, those that hold cortex."""
    kept = []
    for bright, brightest in zip(dense.numpy(), cortex.numpy()):
        parts, count = ndimage.label(bright, np.ones((3, 3)))
        chosen = np.zeros(count + 1, bool)
        chosen[parts[brightest]] = True
        chosen[0] = False
        kept.append(chosen[parts])
    return torch.as_tensor(np.stack(kept))


def _filled(dense: torch.Tensor, pixel_mm: float) -> torch.Tensor:
    """Dense pixels without spots, gaps closed, what they enclose filled."""
    large = torch.as_tensor(np.stack([_without_spots(one, pixel_mm) for one in dense.numpy()]))
    closed = ~_grown(~_grown(large, BRIDGE_MM / 2, pixel_mm), BRIDGE_MM / 2, pixel_mm) | large
    filled = [ndimage.binary_fill_holes(one) if one.any() else one for one in closed.numpy()]
    return torch.as_tensor(np.stack(filled))


def _without_spots(dense: np.ndarray, pixel_mm: float) -> np.ndarray:
    """One section without its small parts."""
    parts, _ = ndimage.label(dense, np.ones((3, 3)))
    large = np.bincount(parts.ravel()) * pixel_mm**2 >= SMALLEST_MM2
    large[0] = False
    return large[parts]


def _grown(mask: torch.Tensor, reach_mm: float, pixel_mm: float) -> torch.Tensor:
    """By so many mm along rows and columns."""
    reach = max(1, round(reach_mm / pixel_mm))
    grown = F.max_pool2d(mask[:, None].float(), (1, 2 * reach + 1), 1, (0, reach))
    return F.max_pool2d(grown, (2 * reach + 1, 1), 1, (reach, 0))[:, 0] > 0.5
