"""A liver that reaches the border of its volume."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from synthetic_ct import lattice_image

from LiverCoreLib.geometry import Lattice
from LiverSegmentCNNLib.edges import edge_warnings
from LiverSegmentCNNLib.restoring import NativeBox

SIDES = ("left", "back", "upper")
OPPOSITE = {"left": "right", "back": "front", "upper": "lower"}


def part_of(lattice: Lattice, box) -> NativeBox:
    return NativeBox(lattice, box, np.ones([side.stop - side.start for side in box], bool), None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("sign", [1, -1])
def test_each_side_has_the_patients_name(order, sign):
    direction = np.zeros((3, 3))
    direction[order, [0, 1, 2]] = sign
    lattice = Lattice.of(lattice_image((10, 10, 10), (5, 5, 5), direction))
    for index_axis in range(3):
        towards = SIDES[order[index_axis]]
        names = (OPPOSITE[towards], towards) if sign == 1 else (towards, OPPOSITE[towards])
        for end, name in zip((slice(0, 4), slice(6, 10)), names):
            box = [slice(3, 7)] * 3
            box[2 - index_axis] = end
            part = part_of(lattice, tuple(box))
            (warning,) = edge_warnings(part.mask, part)
            assert f"the {name} edge" in warning
            assert "4.0 cm2" in warning  # 4 x 4 voxels of 5 mm


def test_inside_the_volume_nothing_is_said():
    part = part_of(Lattice.of(lattice_image((10, 10, 10), (5, 5, 5))), (slice(1, 9),) * 3)
    assert edge_warnings(part.mask, part) == []


def test_a_touch_of_a_few_voxels_is_not_worth_a_warning():
    part = part_of(
        Lattice.of(lattice_image((10, 10, 10), (1, 1, 1))), (slice(0, 4), slice(1, 5), slice(1, 5))
    )
    assert edge_warnings(part.mask, part) == []


def test_an_empty_mask_touches_nothing():
    part = part_of(Lattice.of(lattice_image((10, 10, 10), (5, 5, 5))), (slice(0, 0),) * 3)
    assert edge_warnings(part.mask, part) == []
