"""The measures of each family against a direct transcription of its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from LiverMetricsLib import compare
from LiverMetricsLib.mesh import mesh_of
from LiverMetricsLib.packed import Box, pack_label
from LiverMetricsLib.triangle_distance import point_triangle_mm

OFFSETS_18 = [
    (dz, dy, dx)
    for dz in (-1, 0, 1)
    for dy in (-1, 0, 1)
    for dx in (-1, 0, 1)
    if 0 < abs(dz) + abs(dy) + abs(dx) < 3
]

mask_pairs = st.tuples(
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6)), st.floats(0.05, 0.95)
).flatmap(
    lambda drawn: st.tuples(
        st_numpy.arrays(bool, drawn[0], elements=st.floats(0, 1).map(lambda v: v < drawn[1])),
        st_numpy.arrays(bool, drawn[0], elements=st.floats(0, 1).map(lambda v: v < drawn[1])),
    )
)
spacings = st.tuples(*[st.floats(0.3, 6.0)] * 3)


def surface_points(mask, spacing):
    padded = np.pad(mask, 1)
    points = []
    for z, y, x in np.argwhere(padded):
        if not all(padded[z + dz, y + dy, x + dx] for dz, dy, dx in OFFSETS_18):
            points.append(((z - 1) * spacing[2], (y - 1) * spacing[1], (x - 1) * spacing[0]))
    return np.array(points)


def surfel_points(mask, spacing):
    padded = np.pad(mask, 1)
    points = []
    for z, y, x in np.ndindex(*(n - 1 for n in padded.shape)):
        cell = padded[z : z + 2, y : y + 2, x : x + 2]
        if cell.any() and not cell.all():
            points.append(((z - 0.5) * spacing[2], (y - 0.5) * spacing[1], (x - 0.5) * spacing[0]))
    return np.array(points)


def all_distances(points, others):
    return np.sqrt(((points[:, None] - others[None]) ** 2).sum(axis=2)).min(axis=1)


@settings(max_examples=60, deadline=None)
@given(pair=mask_pairs, spacing=spacings)
def test_voxel_family(as_image, pair, spacing):
    reference, test = pair
    if not (reference.any() and test.any()):
        return
    of_test, of_reference = surface_points(test, spacing), surface_points(reference, spacing)
    forth, back = all_distances(of_test, of_reference), all_distances(of_reference, of_test)
    pooled = np.concatenate([forth, back])

    result = compare(as_image(reference, spacing), as_image(test, spacing))

    expected = {
        "dice": 2 * (test & reference).sum() / (test.sum() + reference.sum()),
        "volume_test_ml": test.sum() * math.prod(spacing) / 1000,
        "volume_reference_ml": reference.sum() * math.prod(spacing) / 1000,
        "volume_ratio": test.sum() / reference.sum(),
        "volume_difference_ml": (int(test.sum()) - int(reference.sum())) * math.prod(spacing) / 1000,
        "volume_difference_percent": 100 * (test.sum() / reference.sum() - 1),
        "msd_mm": pooled.mean(),
        "masd_mm": (forth.mean() + back.mean()) / 2,
        "msd_test_to_reference_mm": forth.mean(),
        "msd_reference_to_test_mm": back.mean(),
        "rmsd_mm": math.sqrt((pooled**2).mean()),
        "hd_mm": pooled.max(),
        "hd95_mm": max(np.percentile(forth, 95), np.percentile(back, 95)),
        "hd95_pooled_mm": np.percentile(pooled, 95),
    }
    for name, value in expected.items():
        assert getattr(result, name) == pytest.approx(value, abs=1e-6), name
    if result.hd_mm > 0:
        x, y, z = result.hd_point_lps
        worst = pooled.max() - 1e-9  # rounding decides between equals
        places = np.concatenate([of_test[forth >= worst], of_reference[back >= worst]])
        assert np.abs(places - (z, y, x)).sum(axis=1).min() < 1e-6


@settings(max_examples=40, deadline=None)
@given(pair=mask_pairs, spacing=spacings)
def test_surfel_positions_and_maxima(as_image, pair, spacing):
    reference, test = pair
    if not (reference.any() and test.any()):
        return
    of_test, of_reference = surfel_points(test, spacing), surfel_points(reference, spacing)
    forth, back = all_distances(of_test, of_reference), all_distances(of_reference, of_test)

    result = compare(as_image(reference, spacing), as_image(test, spacing), family="surfel", tolerance_mm=1e9)

    assert result.hd_mm == pytest.approx(max(forth.max(), back.max()), abs=1e-6)
    assert result.surface_dice == pytest.approx(1.0)
    assert result.msd_mm <= result.hd_mm + 1e-9


@settings(max_examples=25, deadline=None)
@given(pair=mask_pairs, spacing=spacings)
def test_mesh_distances_against_every_triangle(as_image, pair, spacing):
    reference, test = pair
    if not (reference.any() and test.any()):
        return
    steps = np.diag(spacing[::-1])
    meshes = [packed_mesh(mask) for mask in (test, reference)]
    corners = [mesh.corners_mm(steps) for mesh in meshes]
    directed = [
        point_triangle_mm((mesh.indices @ steps)[:, None], other[None]).min(axis=1)
        for mesh, other in zip(meshes, corners[::-1])
    ]
    areas = [mesh.vertex_areas(steps) for mesh in meshes]
    weighted = sum((values * area).sum() for values, area in zip(directed, areas))

    result = compare(as_image(reference, spacing), as_image(test, spacing), family="mesh")

    assert result.hd_mm == pytest.approx(max(values.max() for values in directed), abs=1e-6)
    assert result.msd_mm == pytest.approx(weighted / sum(area.sum() for area in areas), abs=1e-6)


def packed_mesh(mask):
    return mesh_of(pack_label(mask, (0, 0, 0), 1, Box((0, 0, 0), mask.shape)))
