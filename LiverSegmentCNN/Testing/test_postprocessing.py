"""Laws of post-processing, and what it reports."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LiverCoreLib.card import Postprocessing
from LiverCoreLib.errors import Cancelled
from LiverSegmentCNNLib.postprocessing import postprocess

RULE = Postprocessing(erode_mm=2.0, keep="largest_component")
VOXEL_ML = 0.008


def ball(shape, centre, radius) -> np.ndarray:
    z, y, x = np.ogrid[tuple(slice(0, n) for n in shape)]
    return (z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2 <= radius**2


def run(mask, rule=RULE, spacing=(2.0, 2.0, 2.0), **options):
    return postprocess(mask, spacing, rule, voxel_ml=VOXEL_ML, **options)


def random_mask(seed: int) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(14, 20, 24)), 1.5)
    return noise > np.quantile(noise, 0.6)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 2.0, 4.5]))
def test_laws(seed, erode_mm):
    mask = random_mask(seed)
    before = mask.copy()
    rule = Postprocessing(erode_mm, "largest_component")
    kept, report = run(mask, rule)
    np.testing.assert_array_equal(mask, before)
    assert kept.any()
    assert not (kept & ~mask).any()
    assert report.kept_ml == pytest.approx(kept.sum() * VOXEL_ML)
    assert report.removed_ml == pytest.approx((mask & ~kept).sum() * VOXEL_ML)
    volumes = [component.volume_ml for component in report.removed]
    assert volumes == sorted(volumes, reverse=True)
    assert all((mask & ~kept)[component.voxel_kji] for component in report.removed)
    again, second = run(kept, rule)
    if not report.warnings:
        np.testing.assert_array_equal(again, kept)
        assert second.removed_ml == 0


@settings(max_examples=10)
@given(st.integers(0, 1000), st.permutations(range(3)), st.tuples(*[st.sampled_from([1, -1])] * 3))
def test_turning_the_mask_turns_the_result(seed, order, steps):
    mask = random_mask(seed)
    spacing = np.array([2.0, 1.0, 1.5])

    def turn(array):
        return array.transpose(order)[tuple(slice(None, None, step) for step in steps)]

    kept, report = run(mask, spacing=tuple(spacing))
    turned, turned_report = run(turn(mask), spacing=tuple(spacing[list(order)]))
    assert turned_report.kept_ml == pytest.approx(report.kept_ml)
    np.testing.assert_array_equal(turned, turn(kept))


def test_an_island_and_what_hangs_on_a_thread_are_removed_and_reported():
    shape = (24, 40, 60)
    liver = ball(shape, (12, 15, 15), 10)
    stomach = ball(shape, (12, 15, 38), 7)
    thread = np.zeros(shape, bool)
    thread[12, 15, 15:38] = True
    island = ball(shape, (12, 33, 53), 4)
    kept, report = run(liver | stomach | thread | island, first=(100, 200, 300))
    assert not (kept & (stomach | island)).any()
    assert np.count_nonzero(kept ^ liver) < 0.03 * liver.sum()
    hanging, apart = report.removed
    assert hanging.attached
    assert hanging.volume_ml == pytest.approx((stomach | thread).sum() * VOXEL_ML, rel=0.05)
    assert not apart.attached
    assert apart.volume_ml == pytest.approx(island.sum() * VOXEL_ML)
    assert apart.voxel_kji == (112, 233, 353)
    json.dumps(report.to_dict())


def test_a_cut_liver_keeps_its_first_slice():
    mask = ball((10, 30, 30), (0, 15, 15), 9)
    kept, _ = run(mask)
    assert kept[0].sum() > 0.97 * mask[0].sum()


def test_keep_all_changes_nothing():
    mask = random_mask(1)
    kept, report = run(mask, Postprocessing(2.0, "all"))
    np.testing.assert_array_equal(kept, mask)
    assert report.removed == ()
    assert report.kept_ml == pytest.approx(mask.sum() * VOXEL_ML)


def test_what_is_too_thin_to_erode_is_kept_with_a_warning():
    mask = np.zeros((9, 12, 12), bool)
    mask[4, 2:9, 5] = True
    mask[4, 2:4, 9] = True
    kept, report = run(mask)
    np.testing.assert_array_equal(np.argwhere(kept)[:, 2], 5)
    assert kept.sum() == 7
    assert "thicker than 4 mm" in report.warnings[0]
    assert report.smaller_count == 1


@pytest.mark.parametrize("shape", [(0, 0, 0), (5, 6, 7)])
def test_an_empty_mask_stays_empty(shape):
    kept, report = run(np.zeros(shape, bool))
    assert kept.shape == shape
    assert not kept.any()
    assert report.kept_ml == report.removed_ml == 0


@pytest.mark.parametrize("step", range(4))
def test_cancel_at_each_step(step):
    calls = []

    def progress(fraction, message):
        calls.append(fraction)
        if len(calls) > step:
            raise Cancelled()

    with pytest.raises(Cancelled):
        run(ball((20, 20, 20), (10, 10, 10), 7), progress=progress)
    assert calls == sorted(calls)
