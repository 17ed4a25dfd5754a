"""Agreement with other packages where the definitions coincide; those that are absent are skipped."""

from __future__ import annotations

import numpy as np
import pytest

from LiverMetricsLib import compare
from LiverMetricsLib.cell_table import CORNERS, cell_areas

SPACING = (0.9, 1.2, 2.5)


@pytest.fixture(scope="module")
def masks(ball):
    """Lumpy, overlapping and random at their rims, so that every neighbourhood occurs."""
    shape = (24, 40, 44)
    rng = np.random.default_rng(11)
    reference = ball(shape, (18, 22, 28), 14, SPACING) | ball(shape, (26, 30, 34), 9, SPACING)
    test = ball(shape, (19, 24, 27), 14, SPACING) | ball(shape, (12, 20, 20), 6, SPACING)
    return [mask & (rng.random(shape) > 0.03) for mask in (reference, test)]


@pytest.fixture(scope="module")
def images(masks, as_image):
    return [as_image(mask, SPACING) for mask in masks]


@pytest.fixture(scope="module")
def surface_distance():
    return pytest.importorskip("surface_distance", reason="the package surface-distance is not installed")


@pytest.mark.filterwarnings("ignore")
def test_surfel_family_is_that_of_surface_distance(masks, images, surface_distance):
    reference, test = masks
    theirs = surface_distance.compute_surface_distances(reference, test, SPACING[::-1])
    to_test, to_reference = surface_distance.compute_average_surface_distance(theirs)

    ours = compare(*images, family="surfel", tolerance_mm=1.0)

    assert ours.msd_reference_to_test_mm == pytest.approx(to_test, abs=1e-9)
    assert ours.msd_test_to_reference_mm == pytest.approx(to_reference, abs=1e-9)
    assert ours.hd_mm == pytest.approx(surface_distance.compute_robust_hausdorff(theirs, 100), abs=1e-9)
    assert ours.hd95_mm == pytest.approx(surface_distance.compute_robust_hausdorff(theirs, 95), abs=1e-9)
    assert ours.surface_dice == pytest.approx(
        surface_distance.compute_surface_dice_at_tolerance(theirs, 1.0), abs=1e-12
    )
    assert ours.dice == pytest.approx(surface_distance.compute_dice_coefficient(reference, test), abs=1e-12)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 1.0, 0.7), (0.7, 0.8, 5.0)])
def test_surfel_areas_are_those_of_surface_distance_for_every_state(surface_distance, spacing):
    from surface_distance import lookup_tables

    theirs = lookup_tables.create_table_neighbour_code_to_surface_area(spacing)
    # Their code gives corner (0, 0, 0) the weight 128 and corner (1, 1, 1) the weight 1.
    weights = lookup_tables.ENCODE_NEIGHBOURHOOD_3D_KERNEL[tuple(CORNERS.T)]
    codes = [sum(int(weights[bit]) for bit in range(8) if state >> bit & 1) for state in range(256)]
    assert cell_areas(np.diag(spacing)) == pytest.approx(theirs[codes], abs=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_hausdorff_and_means_are_those_of_medpy(masks, images):
    """medpy's surface has the 6-, 18- or 26-neighbourhood; connectivity 2 is ours."""
    medpy = pytest.importorskip("medpy.metric.binary", reason="the package medpy is not installed")
    reference, test = masks
    ours = compare(*images)
    options = {"voxelspacing": SPACING[::-1], "connectivity": 2}
    assert ours.dice == pytest.approx(medpy.dc(test, reference), abs=1e-12)
    assert ours.hd_mm == pytest.approx(medpy.hd(test, reference, **options), abs=1e-6)
    assert ours.msd_test_to_reference_mm == pytest.approx(medpy.asd(test, reference, **options), abs=1e-6)
    assert ours.msd_reference_to_test_mm == pytest.approx(medpy.asd(reference, test, **options), abs=1e-6)
    # medpy pools both directions for assd and for hd95.
    assert ours.msd_mm == pytest.approx(medpy.assd(test, reference, **options), abs=1e-6)
    assert ours.hd95_pooled_mm == pytest.approx(medpy.hd95(test, reference, **options), abs=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_dice_and_hausdorff_are_those_of_monai(masks, images):
    """MONAI's edges use the 6-neighbourhood; masks without one-voxel dents have the same distance."""
    metrics = pytest.importorskip("monai.metrics", reason="the package monai is not installed")
    import torch

    reference, test = (torch.as_tensor(mask[None, None].astype(np.float32)) for mask in masks)
    ours = compare(*images)
    assert ours.dice == pytest.approx(float(metrics.compute_dice(test, reference)), abs=1e-6)
    theirs = metrics.compute_hausdorff_distance(
        test, reference, include_background=True, spacing=SPACING[::-1]
    )
    assert ours.hd_mm == pytest.approx(float(theirs), abs=0.5 * max(SPACING))


def test_dice_and_hausdorff_are_those_of_simpleitk(images):
    import SimpleITK as sitk

    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*images)
    ours = compare(*images)
    assert ours.dice == pytest.approx(overlap.GetDiceCoefficient(1), abs=1e-9)
