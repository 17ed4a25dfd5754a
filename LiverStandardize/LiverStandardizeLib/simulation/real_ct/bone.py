"""Where a CT shows bone: bright because of calcium, not of contrast medium."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

DENSE_HU = 280.0
"""Brighter than contrast medium makes tissue in the portal phase; cortical bone is brighter."""
BRIDGE_MM = 5.0
"""Gaps in the cortex, or between trabeculae, that are closed: what lies in a shell of bone is bone."""
RIM_MM = 1.5
"""Bone reaches so far beyond what is dense: partial volume."""
SMALLEST_MM2 = 12.0
"""Smaller spots in a section are clips or calcifications: calcium, but nothing is filled about them."""
EDGE_PIXELS = 3
AT_CLIP_HU = 3.0


def bone_share(
    signal: torch.Tensor, pixel_mm: float, clip_hu: list[float], soft: torch.Tensor | None
) -> torch.Tensor:
    """1 in bone, 0 elsewhere, a ramp between: (n, y, x).

    signal: (n, y, x) HU, denoised. clip_hu: of each section, the value at which bright voxels were cut off,
    infinite if they were not. soft: (n, y, x), True in organs known not to be bone, or None.
    """
    dense_from = torch.tensor([min(DENSE_HU, clip - AT_CLIP_HU) for clip in clip_hu])[:, None, None]
    dense = signal >= dense_from
    if soft is not None:
        dense &= ~soft
    filled = np.stack([_filled(one, pixel_mm) for one in dense.numpy()])
    bone = torch.as_tensor(filled) | dense
    reach = max(1, round(RIM_MM / pixel_mm))
    share = F.max_pool2d(bone[:, None].float(), 2 * reach + 1, 1, reach)
    share = F.avg_pool2d(share, EDGE_PIXELS, 1, EDGE_PIXELS // 2, count_include_pad=False)[:, 0]
    return share if soft is None else share * ~soft


def _filled(dense: np.ndarray, pixel_mm: float) -> np.ndarray:
    """One section's dense pixels without spots, gaps closed, what they enclose filled."""
    parts, count = ndimage.label(dense, np.ones((3, 3)))
    if count == 0:
        return dense
    large = np.bincount(parts.ravel()) * pixel_mm**2 >= SMALLEST_MM2
    large[0] = False
    kept = large[parts]
    if not kept.any():
        return kept
    reach = max(1, round(BRIDGE_MM / pixel_mm / 2))
    grown = ndimage.distance_transform_edt(~kept) <= reach
    closed = ndimage.distance_transform_edt(grown) > reach
    return ndimage.binary_fill_holes(closed | kept)
