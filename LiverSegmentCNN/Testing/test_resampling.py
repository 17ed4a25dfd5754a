"""Laws of the resampling matrices, and agreement with scipy's filters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LiverCoreLib.errors import Cancelled
from LiverSegmentCNNLib import resampling
from LiverSegmentCNNLib.resampling import (
    InPlane,
    axis_matrix,
    multiply_first_axis,
    output_count,
    resample_slabs,
    slab_ranges,
    smoothing_sigma_mm,
)

counts = st.integers(1, 60)
spacings = st.floats(0.4, 8.0)


@settings(max_examples=60)
@given(counts, spacings, counts, spacings, st.floats(-30, 30), st.booleans())
def test_rows_are_weighted_means(n_in, spacing_in, n_out, spacing_out, offset, antialias):
    matrix = axis_matrix(n_in, spacing_in, n_out, spacing_out, offset, antialias=antialias)
    assert matrix.shape == (n_out, n_in)
    assert matrix.dtype == np.float32
    assert (matrix >= 0).all()
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-5)


@settings(max_examples=40)
@given(counts, spacings, counts)
def test_flipping_the_signal_flips_the_result(n_in, spacing_in, n_out):
    spacing_out = n_in * spacing_in / n_out  # the output covers the input exactly
    matrix = axis_matrix(n_in, spacing_in, n_out, spacing_out)
    np.testing.assert_allclose(matrix[::-1, ::-1], matrix, atol=1e-4)


@settings(max_examples=40)
@given(counts, spacings, spacings, st.floats(0.1, 10))
def test_only_ratios_of_lengths_count(n_in, spacing_in, spacing_out, scale):
    n_out = output_count(n_in, spacing_in, spacing_out)
    a = axis_matrix(n_in, spacing_in, n_out, spacing_out)
    b = axis_matrix(n_in, spacing_in * scale, n_out, spacing_out * scale)
    np.testing.assert_allclose(a, b, atol=1e-4)


def test_equal_spacing_changes_nothing():
    np.testing.assert_allclose(axis_matrix(7, 1.3, 7, 1.3), np.eye(7), atol=1e-6)


def test_a_shift_by_whole_voxels_picks_voxels_and_repeats_the_last():
    picked = axis_matrix(4, 2.0, 4, 2.0, 4.0) @ np.arange(4.0)
    np.testing.assert_allclose(picked, [2, 3, 3, 3])


def test_positions_of_a_ramp_are_kept():
    """A straight line stays the same line, read at the new voxels' centres, away from its ends."""
    centres_in = (np.arange(80) + 0.5) * 0.8
    for spacing_out in (0.5, 0.8, 2.0, 3.1):
        n_out = output_count(80, 0.8, spacing_out)
        centres_out = (np.arange(n_out) + 0.5) * spacing_out
        result = axis_matrix(80, 0.8, n_out, spacing_out) @ centres_in
        inner = (centres_out > 10) & (centres_out < 54)
        np.testing.assert_allclose(result[inner], centres_out[inner], atol=1e-4)


def test_agrees_with_scipy_gaussian_and_linear_interpolation():
    signal = np.random.default_rng(0).normal(size=100)
    spacing_in, spacing_out, offset, n_out = 0.75, 2.0, 3.0, 30
    sigma = smoothing_sigma_mm(spacing_in, spacing_out) / spacing_in
    smooth = ndimage.gaussian_filter1d(signal, sigma, mode="nearest", radius=int(np.ceil(4 * sigma)))
    positions = (offset + (np.arange(n_out) + 0.5) * spacing_out) / spacing_in - 0.5
    expected = ndimage.map_coordinates(smooth, [positions], order=1, mode="nearest")
    result = axis_matrix(100, spacing_in, n_out, spacing_out, offset) @ signal
    np.testing.assert_allclose(result, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("spacing_in", "spacing_out", "sigma"),
    [(1, 1, 0), (2, 1, 0), (1, 2, 0.5 * 3**0.5), (0.5, 2, 0.25 * 15**0.5)],
)
def test_smoothing_width(spacing_in, spacing_out, sigma):
    assert smoothing_sigma_mm(spacing_in, spacing_out) == pytest.approx(sigma)


@pytest.mark.parametrize(
    ("n", "source", "target", "expected"), [(10, 1.0, 2.0, 5), (11, 1, 2, 6), (1, 0.5, 2, 1)]
)
def test_output_covers_the_input(n, source, target, expected):
    assert output_count(n, source, target) == expected


def test_rounding_of_a_spacing_adds_no_voxel():
    assert output_count(300, 2.0000000001, 2.0) == 300


def test_slabs_equal_the_dense_product(monkeypatch):
    volume = np.random.default_rng(1).normal(size=(37, 45, 90)).astype(np.float32)
    matrices = [axis_matrix(n, 1.0, output_count(n, 1.0, 1.7), 1.7) for n in volume.shape]
    expected = np.einsum("az,by,cx,zyx->abc", *matrices, volume, optimize=True)
    for slab_voxels in (1, 9 * 45 * 90, 10**9):
        monkeypatch.setattr(resampling, "SLAB_VOXELS", slab_voxels)
        result = resample_slabs(lambda start, stop: volume[start:stop], matrices)
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, atol=1e-4)


def test_in_plane_and_first_axis_equal_matrix_products():
    volume = np.random.default_rng(2).normal(size=(3, 20, 70)).astype(np.float32)
    along_z, along_y, along_x = (
        axis_matrix(3, 3, 8, 1),
        axis_matrix(20, 1, 51, 0.4),
        axis_matrix(70, 1, 28, 2.5),
    )
    np.testing.assert_allclose(InPlane(along_y, along_x)(volume), along_y @ volume @ along_x.T, atol=1e-4)
    np.testing.assert_allclose(
        multiply_first_axis(along_z, volume), np.einsum("az,zyx->ayx", along_z, volume), atol=1e-4
    )


@pytest.mark.parametrize("slices", [1, 5, 12])
def test_slab_ranges_tile_the_slices(slices):
    ranges = list(slab_ranges(slices, resampling.SLAB_VOXELS // 4))
    assert [start for start, _ in ranges] == [0] + [stop for _, stop in ranges[:-1]]
    assert ranges[-1][1] == slices
    assert max(stop - start for start, stop in ranges) <= 4


def test_cancel_stops_between_slabs(monkeypatch):
    monkeypatch.setattr(resampling, "SLAB_VOXELS", 1)
    volume = np.zeros((10, 4, 4), np.float32)
    read = []

    def read_slab(start, stop):
        read.append(start)
        return volume[start:stop]

    def progress(fraction, message):
        if fraction > 0.25:
            raise Cancelled()

    matrices = [axis_matrix(n, 1, n, 1) for n in volume.shape]
    with pytest.raises(Cancelled):
        resample_slabs(read_slab, matrices, progress)
    assert read == [0, 1, 2]
