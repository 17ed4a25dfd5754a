"""Components found on runs against scipy's labels of voxels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LiverSegmentCNNLib import components as module
from LiverSegmentCNNLib.components import Runs, components, largest_component

STRUCTURES = {6: ndimage.generate_binary_structure(3, 1), 26: np.ones((3, 3, 3), bool)}
masks = st.builds(
    lambda seed, shape, density: np.random.default_rng(seed).random(shape) < density,
    st.integers(0, 10_000),
    st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 9)),
    st.sampled_from([0.02, 0.1, 0.3, 0.6, 1.0]),
)


def labels_of_voxels(mask: np.ndarray, connectivity: int) -> np.ndarray:
    """Run labels, from 1, put back on the voxels."""
    runs = Runs.of(mask)
    result = np.zeros(mask.shape, int)
    z, y, x = runs.places()
    for row in zip(z, y, x, runs.lengths, runs.labels(connectivity) + 1):
        result[row[0], row[1], row[2] : row[2] + row[3]] = row[4]
    return result


@settings(max_examples=80)
@given(masks, st.sampled_from([6, 26]))
def test_labels_agree_with_scipy(mask, connectivity):
    found = labels_of_voxels(mask, connectivity)
    expected, count = ndimage.label(mask, STRUCTURES[connectivity])
    np.testing.assert_array_equal(found > 0, mask)
    pairs = np.unique(np.stack([found[mask], expected[mask]]), axis=1)
    assert pairs.shape[1] == count
    assert len(set(pairs[0])) == len(set(pairs[1])) == count


@settings(max_examples=40)
@given(masks, st.integers(1, 40))
def test_runs_hold_the_mask_whatever_the_memory_at_once(mask, voxels_at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_VOXELS_AT_ONCE", voxels_at_once)
        runs = Runs.of(mask)
        again = np.zeros(mask.shape, bool)
        runs.fill(again, True)
    np.testing.assert_array_equal(again, mask)
    assert runs.lengths.sum() == mask.sum()


@settings(max_examples=40)
@given(masks)
def test_largest_component_is_scipys(mask):
    found = largest_component(mask)
    expected, count = ndimage.label(mask)
    sizes = np.bincount(expected.ravel(), minlength=2)[1:]
    assert found.sum() == (sizes.max() if count else 0)
    assert not (found & ~mask).any()
    assert ndimage.label(found)[1] == min(count, 1)


def test_of_equals_the_first_is_kept():
    mask = np.zeros((3, 3, 7), bool)
    mask[0, 0, :3] = mask[2, 2, 4:] = True
    assert largest_component(mask)[0, 0, 0]


@settings(max_examples=40)
@given(masks, st.integers(0, 100))
def test_components_agree_with_scipy(mask, seed):
    beside = (np.random.default_rng(seed).random(mask.shape) < 0.1) & ~mask
    found = components(mask, beside)
    labels, count = ndimage.label(mask, STRUCTURES[26])
    assert len(found) == count
    assert sorted(component.voxels for component in found) == sorted(np.bincount(labels[mask])[1:])
    assert [component.voxels for component in found] == sorted((c.voxels for c in found), reverse=True)
    around = ndimage.binary_dilation(beside, STRUCTURES[26])
    for component in found:
        own = labels == labels[component.place]
        assert mask[component.place]
        assert own.sum() == component.voxels
        assert component.touches == (own & around).any()
        voxels = np.argwhere(own)
        distances = ((voxels - voxels.mean(axis=0)) ** 2).sum(axis=1)
        chosen = ((component.place - voxels.mean(axis=0)) ** 2).sum()
        assert chosen == pytest.approx(distances.min())


def test_nothing_has_no_components():
    nothing = np.zeros((3, 4, 5), bool)
    assert components(nothing, ~nothing) == []
    assert not largest_component(nothing).any()
    assert not largest_component(np.zeros((0, 0, 0), bool)).any()
