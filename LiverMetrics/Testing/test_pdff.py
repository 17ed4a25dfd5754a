"""PDFF inside a mask: numbers worked out by hand, geometry, units, and what cannot be measured."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError
from LiverMetricsLib.pdff import BIN_EDGES_PCT, PdffMeasurement, measure_pdff
from LiverMetricsLib.pdff_units import map_units

FAT_PCT = 95.0


def map_in_percent(shape=(12, 20, 24)) -> np.ndarray:
    """A liver of 8 % on the left, 12 % on the right, in a rim of fat."""
    values = np.full(shape, FAT_PCT, np.float32)
    values[2:-2, 2:-2, 2:12] = 8
    values[2:-2, 2:-2, 12:-2] = 12
    return values


def liver(shape=(12, 20, 24)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[2:-2, 2:-2, 2:-2] = True
    return mask


def refusal(*args, **options) -> str:
    with pytest.raises(LiverCNNError) as caught:
        measure_pdff(*args, **options)
    assert caught.value.message.endswith(".")
    return caught.value.id


def test_statistics_are_those_of_the_voxels(as_image):
    found = measure_pdff(as_image(map_in_percent(), (2, 2, 5)), as_image(liver(), (2, 2, 5)))
    assert found.mean_pct == pytest.approx(10)
    assert found.sd_pct == pytest.approx(2 * math.sqrt(2560 / 2559))
    assert found.percentiles_pct == pytest.approx({5: 8, 25: 8, 75: 12, 95: 12})
    assert (found.voxels, found.inside_share, found.without_value) == (8 * 16 * 20, 1.0, 0)
    assert found.volume_ml == pytest.approx(2560 * 20 / 1000)
    assert found.mask_volume_ml == pytest.approx(found.volume_ml)
    assert len(found.histogram) == len(BIN_EDGES_PCT) - 1
    assert (found.histogram[8], found.histogram[12], sum(found.histogram)) == (1280, 1280, 2560)
    assert (found.units.name, found.units.from_values) == ("percent", True)
    assert PdffMeasurement.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize(("units", "scale"), [("fraction", 0.01), ("permille", 10), ("percent", 1)])
def test_units_only_scale(as_image, units, scale):
    found = measure_pdff(as_image(map_in_percent() * np.float32(scale)), as_image(liver()), units=units)
    assert found.mean_pct == pytest.approx(10, abs=1e-4)
    assert (found.units.name, found.units.from_values) == (units, False)


def test_a_fraction_is_told_by_its_values(as_image):
    found = measure_pdff(as_image(map_in_percent() / np.float32(100)), as_image(liver()))
    assert (found.units.name, found.units.from_values) == ("fraction", True)
    assert found.mean_pct == pytest.approx(10, abs=1e-4)


def test_units_that_values_do_not_tell_are_asked_for():
    for highest in (12.0, 950.0, 250.0, 4.0):  # liver alone, per mille or a signal, a signal, unknown
        with pytest.raises(LiverCNNError) as caught:
            map_units(np.linspace(0, highest, 1000))
        assert caught.value.id == "pdff-units-unclear"
    assert map_units(np.linspace(0, 12.0, 1000), "percent").name == "percent"


def test_a_ct_is_no_map():
    ct = np.concatenate([np.full(700, -1000.0), np.linspace(-100, 100, 300)])
    for units in ("", "percent", "permille"):
        with pytest.raises(LiverCNNError) as caught:
            map_units(ct, units)
        assert caught.value.id == "no-pdff-map"


def test_the_mask_is_found_on_another_grid(as_image):
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, -1.0]])
    values = sitk.Resample(
        as_image(map_in_percent(), (2, 2, 5)), [40, 48, 24], sitk.Transform(), sitk.sitkNearestNeighbor,
        [47.5, -0.5, 56.0], [1, 1, 2.5], turn.ravel().tolist(), FAT_PCT,
    )  # fmt: skip
    found = measure_pdff(values, as_image(liver(), (2, 2, 5)))
    assert found.mean_pct == pytest.approx(10, abs=0.2)
    assert found.volume_ml == pytest.approx(found.mask_volume_ml, rel=0.05)
    assert found.inside_share > 0.95


def test_erosion_leaves_out_the_rim(as_image):
    wide = np.zeros((12, 20, 24), bool)
    wide[1:-1, 1:-1, 1:-1] = True  # one voxel of fat around
    spacing = (2, 2, 5)
    with_rim = measure_pdff(as_image(map_in_percent(), spacing), as_image(wide, spacing))
    assert with_rim.mean_pct > 20
    found = measure_pdff(as_image(map_in_percent(), spacing), as_image(wide, spacing), erosion_mm=5.0)
    assert found.mean_pct == pytest.approx(10)
    assert found.voxels == (10 - 2) * (18 - 4) * (22 - 4)  # centres at 5 mm along z, 2 and 4 mm in plane
    assert found.mask_volume_ml == with_rim.mask_volume_ml


def test_erosion_counts_the_edge_of_the_mask_image_as_outside(as_image):
    cropped = sitk.RegionOfInterest(as_image(liver()), [20, 16, 8], [2, 2, 2])
    found = measure_pdff(as_image(map_in_percent()), cropped, erosion_mm=1.0)
    assert found.voxels == 6 * 14 * 18


def test_a_mask_partly_outside_is_measured_or_refused(as_image):
    values = as_image(map_in_percent())
    half_out = as_image(liver(), origin=(6, 0, 0))
    found = measure_pdff(values, half_out)
    assert found.inside_share == pytest.approx(16 / 20)
    assert found.voxels == 16 * 16 * 8
    assert refusal(values, as_image(liver(), origin=(14, 0, 0))) == "mask-outside-map"
    assert refusal(values, as_image(liver(), origin=(500, 0, 0))) == "mask-outside-map"


def test_voxels_without_a_number_are_left_out_and_counted(as_image):
    values = map_in_percent()
    values[4, 4:6, 4] = np.nan, np.inf
    values[5, 5, 5:7] = -3, 104
    found = measure_pdff(as_image(values), as_image(liver()))
    assert (found.without_value, found.voxels) == (2, 2558)
    assert (found.below_0_pct, found.above_100_pct, sum(found.histogram)) == (1, 1, 2556)
    values[2:-2, 2:-2, 2:-2] = np.nan
    assert refusal(as_image(values), as_image(liver())) == "no-map-values"
    assert refusal(as_image(np.full((4, 5, 6), np.nan)), as_image(liver())) == "no-map-values"


def test_what_cannot_be_measured_is_said(as_image):
    values = as_image(map_in_percent())
    assert refusal(values, as_image(np.zeros((12, 20, 24), bool))) == "empty-mask"
    assert refusal(values, as_image(liver()), erosion_mm=50.0) == "mask-eroded-away"
    tiny = as_image(np.ones((1, 1, 1), bool), (0.1, 0.1, 0.1), (5.3, 5.3, 5.3))
    assert refusal(values, tiny) == "mask-eroded-away"
    for options in ({"erosion_mm": -1.0}, {"erosion_mm": math.nan}, {"units": "HU"}):
        assert refusal(values, as_image(liver()), **options) == "invalid-argument"


def test_one_voxel_has_no_deviation(as_image):
    mask = np.zeros((12, 20, 24), bool)
    mask[5, 5, 5] = True
    found = measure_pdff(as_image(map_in_percent()), as_image(mask))
    assert (found.voxels, found.mean_pct, found.median_pct) == (1, 8, 8)
    assert math.isnan(found.sd_pct)
