"""Images in any orientation, seen along the patient's axes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_ct import filled, lattice_image, points

from LiverCoreLib.geometry import Lattice, PatientVolume, patient_grid

ORDERS = list(itertools.permutations(range(3)))
SIGNS = list(itertools.product((1, -1), repeat=3))
TARGET = (2.0, 2.0, 2.0)


def rotation(axis, degrees) -> np.ndarray:
    """Turn by some degrees around an axis (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def permuted_direction(order, signs) -> np.ndarray:
    """Index axis i runs along patient axis order[i], backwards where the sign is -1."""
    matrix = np.zeros((3, 3))
    matrix[order, [0, 1, 2]] = signs
    return matrix


def image_with(direction, size=(5, 6, 7), spacing=(1.0, 1.5, 2.5)) -> sitk.Image:
    image = lattice_image(size, spacing, direction, centre=(10, -20, 30))
    return filled(image, np.arange(np.prod(size)).reshape(size[::-1]))


@settings(max_examples=48)
@given(st.sampled_from(ORDERS), st.sampled_from(SIGNS), st.sampled_from([0.0, 0.6, -0.9]))
def test_the_view_holds_each_voxel_at_its_place(order, signs, degrees):
    image = image_with(rotation((1, 2, 3), degrees) @ permuted_direction(order, signs))
    grid = patient_grid(Lattice.of(image), TARGET)
    assert not grid.is_oblique
    view = grid.view(sitk.GetArrayFromImage(image))
    assert view.shape == grid.shape
    places = np.stack([grid.view(part) for part in np.moveaxis(points(image), -1, 0)], axis=-1)
    z, y, x = np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij")
    expected = np.asarray(grid.origin_lps) + np.stack([x, y, z], -1) * grid.spacing_mm[::-1]
    np.testing.assert_allclose(places, expected, atol=1e-6 if degrees == 0 else 0.2)


def test_the_view_is_no_copy():
    image = image_with(permuted_direction((2, 0, 1), (1, -1, -1)))
    array = sitk.GetArrayFromImage(image)
    grid = patient_grid(Lattice.of(image), TARGET)
    grid.view(array)[:] = 7
    assert (array == 7).all()


@settings(max_examples=30)
@given(st.sampled_from(ORDERS), st.sampled_from(SIGNS), st.data())
def test_native_box_selects_the_same_voxels(order, signs, data):
    image = image_with(permuted_direction(order, signs))
    array = sitk.GetArrayFromImage(image)
    grid = patient_grid(Lattice.of(image), TARGET)
    box = []
    for length in grid.shape:
        start = data.draw(st.integers(0, length - 1))
        box.append(slice(start, data.draw(st.integers(start + 1, length))))
    np.testing.assert_array_equal(grid.view(array)[tuple(box)], grid.view(array[grid.native_box(tuple(box))]))


@pytest.mark.parametrize("degrees", [1.2, 20, 45, 90.0 - 20])
def test_an_oblique_image_lies_inside_its_grid(degrees):
    image = image_with(rotation((1, 0, 0.3), degrees), size=(20, 30, 9), spacing=(0.8, 0.8, 5.0))
    grid = patient_grid(Lattice.of(image), TARGET)
    assert grid.is_oblique
    assert max(grid.spacing_mm) <= 2.0
    low = np.asarray(grid.origin_lps) - np.asarray(grid.spacing_mm[::-1]) / 2
    high = low + np.asarray(grid.shape[::-1]) * grid.spacing_mm[::-1]
    corners = Lattice.of(image).point(list(itertools.product((-0.5, 19.5), (-0.5, 29.5), (-0.5, 8.5))))
    assert (corners >= low - 1e-6).all()
    assert (corners <= high + 1e-6).all()


def test_an_oblique_image_reads_as_a_linear_function_of_place():
    """Values linear in the patient come out linear on the patient's grid, fill outside."""
    image = lattice_image((40, 44, 36), (2.0, 2.0, 2.5), rotation((1, 1, 0), 25), centre=(5, 6, 7))
    image = filled(image, points(image) @ [1.0, 2.0, -0.5], np.float64)
    grid = patient_grid(Lattice.of(image), TARGET)
    volume = PatientVolume(image, grid, fill=-1000.0, offset=0.0, limits=(-1024.0, 1500.0))
    box = tuple(slice(0, length) for length in grid.shape)
    values = volume.read(box)
    z, y, x = np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij")
    expected = (np.asarray(grid.origin_lps) + np.stack([x, y, z], -1) * grid.spacing_mm[::-1]) @ [
        1.0,
        2.0,
        -0.5,
    ]
    inside = values > -900
    assert 0.2 < inside.mean() < 0.8
    core = tuple(slice(length // 3, -(length // 3)) for length in grid.shape)
    np.testing.assert_allclose(values[core], expected[core], atol=0.02)


@pytest.mark.parametrize("degrees", [0, 30])
def test_pieces_equal_the_whole_and_the_sample_its_voxels(degrees):
    image = image_with(rotation((0, 0, 1), degrees) @ permuted_direction((1, 2, 0), (1, -1, 1)), (12, 14, 10))
    grid = patient_grid(Lattice.of(image), TARGET)
    volume = PatientVolume(image, grid, fill=0.0, offset=0.0, limits=(-1e6, 1e6))
    whole = volume.read(tuple(slice(0, length) for length in grid.shape))
    assert whole.dtype == np.float32
    assert whole.flags.c_contiguous
    part = (slice(2, 5), slice(1, 7), slice(3, 9))
    for piece, same in ((volume.read(part), whole[part]), (volume.sample((3, 2, 4)), whole[::3, ::2, ::4])):
        assert piece.shape == same.shape
        # A place on the very border of a turned image is inside or outside by the last bit.
        assert np.isclose(piece, same, atol=1e-2).mean() > (0.9 if degrees else 0.999999)


def test_values_are_filled_shifted_and_clamped():
    values = np.array([np.nan, np.inf, -3024, 0, 5000, -np.inf] * 36).reshape(6, 6, 6)
    image = filled(lattice_image((6, 6, 6), (1, 1, 1)), values, np.float32)
    grid = patient_grid(Lattice.of(image), TARGET)
    volume = PatientVolume(image, grid, fill=-500.0, offset=10.0, limits=(-1024.0, 1500.0))
    read = volume.read((slice(0, 1), slice(0, 1), slice(0, 6)))
    np.testing.assert_array_equal(read.ravel(), [-490, -490, -1024, 10, 1500, -490])


def test_voxel_volume():
    assert Lattice.of(lattice_image((3, 3, 3), (2, 2, 5))).voxel_ml == pytest.approx(0.02)
