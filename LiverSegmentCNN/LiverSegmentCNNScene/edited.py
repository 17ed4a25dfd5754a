"""Whether a CNN mask is still as it landed."""

from __future__ import annotations

import numpy as np

from LiverCoreScene import masks
from LiverCoreScene.roles import edited_since

from .segments import fingerprint_of
from .working_copies import Mask

_MM3_PER_ML = 1000.0


def edited_volume_ml(mask: Mask) -> float | None:
    """The volume of a CNN mask that was edited since it landed; None if it was not, or nobody knows."""
    if mask.segment is None:
        return None
    now = fingerprint_of(mask.node, mask.segment_id)
    if not now or not edited_since(mask.node, mask.segment_id, now):
        return None
    grid = masks.grid_of_segment(mask.node, mask.segment_id)
    return 0.0 if grid is None else now["voxels"] * float(np.prod(grid.spacing_mm)) / _MM3_PER_ML
