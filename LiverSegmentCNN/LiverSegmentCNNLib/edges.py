"""Whether a segmented liver reaches the border of its volume, where it may have been cut off."""

from __future__ import annotations

import numpy as np

from .restoring import NativeBox

SMALLEST_CONTACT_CM2 = 0.25
# along x, y, z of LPS: name of the side at the low and at the high end
_SIDES = (("right", "left"), ("front", "back"), ("lower", "upper"))


def edge_warnings(liver: np.ndarray, part: NativeBox) -> list[str]:
    """A plain sentence for each side of the volume that the liver (bool k, j, i over `part.box`) touches."""
    lattice = part.lattice
    warnings = []
    for index_axis in range(3):
        array_axis = 2 - index_axis
        face_cm2 = np.prod([lattice.spacing[other] for other in range(3) if other != index_axis]) / 100
        for end, is_at_border in (
            (0, part.box[array_axis].start == 0),
            (-1, part.box[array_axis].stop == lattice.size[index_axis]),
        ):
            if not is_at_border or liver.shape[array_axis] == 0:
                continue
            contact_cm2 = np.count_nonzero(np.take(liver, end, axis=array_axis)) * face_cm2
            if contact_cm2 >= SMALLEST_CONTACT_CM2:
                side = _side(lattice.directions[:, index_axis], end)
                warnings.append(
                    f"The liver touches the {side} edge of the volume over {contact_cm2:.1f} cm2: it may be "
                    "cut off there and its volume too small."
                )
    return warnings


def _side(direction: np.ndarray, end: int) -> str:
    """The patient's side at the low (0) or high (-1) end of an index axis with this direction (LPS)."""
    axis = int(np.argmax(np.abs(direction)))
    grows = direction[axis] > 0
    return _SIDES[axis][1 if grows == (end == -1) else 0]
