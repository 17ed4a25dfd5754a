"""Masks of one bit per voxel, and the search on them, against plain arrays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from LiverMetricsLib import packed
from LiverMetricsLib.near_search import search_near
from LiverMetricsLib.packed import (
    Box,
    bit_indices,
    bits_at,
    count_bits,
    erode_18,
    find_label,
    neighbour_x,
    pack_label,
)

SHAPE = (5, 7, 150)  # rows of three words


def whole(mask):
    return pack_label(mask, (0, 0, 0), 1, Box((0, 0, 0), mask.shape))


@pytest.fixture(params=[0.02, 0.5, 0.97])
def mask(request):
    return np.random.default_rng(1).random(SHAPE) < request.param


def test_packing_keeps_every_voxel_and_a_margin(mask):
    words = whole(mask)
    assert words.shape == (7, 9, 3)
    assert np.array_equal(bit_indices(words), np.argwhere(np.pad(mask, 1)))
    assert count_bits(words) == mask.sum()
    everywhere = np.argwhere(np.ones((7, 9, 152)))
    assert np.array_equal(bits_at(words, everywhere), np.pad(mask, 1).ravel())


def test_counting_does_not_need_numpy_2(mask, monkeypatch):
    monkeypatch.setattr(packed, "_COUNT_IN_WORDS", None)
    assert count_bits(whole(mask)) == mask.sum()


@pytest.mark.parametrize("start", [(0, 0, 0), (-2, 3, -70), (9, 0, 0), (-40, 0, 0)])
def test_packing_a_box_elsewhere(mask, start):
    """Voxels outside the box are cut, the box outside the voxels is background."""
    box = Box((-1, 2, -3), (4, 9, 131))
    words = pack_label(mask, start, 1, box)
    expected = np.argwhere(mask) + start
    inside = ((expected >= box.lower) & (expected < box.upper)).all(axis=1)
    assert np.array_equal(bit_indices(words), expected[inside] - box.lower + 1)


def test_erosion_is_that_of_the_18_neighbourhood(mask):
    padded = np.pad(mask, 1)
    expected = ndimage.binary_erosion(padded, ndimage.generate_binary_structure(3, 2))
    assert np.array_equal(bit_indices(erode_18(whole(mask))), np.argwhere(expected))


@pytest.mark.parametrize("step", [-63, -4, -1, 0, 1, 4, 63])
def test_neighbours_along_x_cross_words(mask, step):
    voxels = np.zeros((7, 9, 192), dtype=bool)
    voxels[1:-1, 1:-1, 1:151] = mask
    expected = np.zeros_like(voxels)
    if step >= 0:
        expected[:, :, : 192 - step] = voxels[:, :, step:]
    else:
        expected[:, :, -step:] = voxels[:, :, :step]
    assert np.array_equal(bit_indices(neighbour_x(whole(mask), step)), np.argwhere(expected))


def test_finding_a_label(mask):
    labels = np.where(mask, 7, 2).astype(np.int16)
    count, box = find_label(labels, 7)
    found = np.argwhere(mask)
    assert count == mask.sum()
    assert box == Box(tuple(found.min(axis=0)), tuple(found.max(axis=0) + 1))
    assert find_label(labels, 3) == (0, None)


@pytest.mark.parametrize(
    "steps",
    [
        np.diag([1.0, 1.0, 1.0]),
        np.diag([5.0, 0.7, 0.8]),
        np.diag([0.5, 2.0, 3.0]),
        np.array([[2.0, 0.0, 0.0], [0.4, 0.9, 0.0], [-0.3, 0.5, 0.8]]),
    ],
    ids=["isotropic", "thick", "fine", "sheared"],
)
@pytest.mark.parametrize("share", [0.001, 0.01, 0.2])
def test_near_search_and_tree_agree(steps, share):
    """What is settled is exact, what is left is farther than anything settled."""
    rng = np.random.default_rng(2)
    targets = rng.random(SHAPE) < share
    targets[2, 3, 70] = True
    points = (rng.random(SHAPE) < 0.1) & ~targets
    tree = cKDTree(np.argwhere(targets) @ steps)
    exact = np.sort(tree.query(np.argwhere(points) @ steps)[0])

    near = search_near(whole(points), whole(targets), steps)

    left = bit_indices(near.left)
    beyond = np.sort(tree.query((left - 1) @ steps)[0]) if len(left) else np.zeros(0)
    assert np.concatenate([near.values_mm, beyond]) == pytest.approx(exact, abs=1e-9)
    if near.values_mm.size:
        assert bits_at(whole(points), near.farthest_index[None])[0]
        distance, _ = tree.query((near.farthest_index - 1) @ steps)
        assert distance == pytest.approx(near.values_mm.max(), abs=1e-9)
