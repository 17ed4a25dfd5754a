"""The whole pipeline in memory, with a stand-in for the network."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from synthetic_ct import abdomen, brightness_model, dice, filled, liver_of, mask_array, points

from LiverCoreLib.devices import DeviceError
from LiverCoreLib.errors import Cancelled
from LiverCoreLib.image_checks import UnsupportedImage
from LiverSegmentCNNLib import LiverSegmentation, segment_liver
from LiverSegmentCNNLib.postprocessing import PostprocessingReport, RemovedComponent
from LiverSegmentCNNLib.segment import SegmentationError

STAGES = ["starting", "checks", "model", "preprocessing", "network", "restoring", "postprocessing", "total"]


@pytest.fixture(scope="module")
def scan() -> sitk.Image:
    return abdomen()


@pytest.fixture(scope="module")
def model():
    return brightness_model()


@pytest.fixture(scope="module")
def result(scan, model) -> LiverSegmentation:
    return segment_liver(scan, model, device="cpu", probability=True)


def test_the_mask_is_the_liver_on_the_scans_own_grid(scan, result):
    assert result.mask.GetPixelID() == sitk.sitkUInt8
    for image in (result.mask, result.probability):
        assert image.GetSize() == scan.GetSize()
        np.testing.assert_allclose(image.GetOrigin(), scan.GetOrigin())
        np.testing.assert_allclose(image.GetSpacing(), scan.GetSpacing())
        np.testing.assert_allclose(image.GetDirection(), scan.GetDirection())
    assert set(np.unique(sitk.GetArrayViewFromImage(result.mask))) == {0, 1}
    assert dice(mask_array(result.mask), liver_of(scan)) > 0.99


def test_the_volume_is_that_of_the_mask(scan, result):
    assert result.volume_ml == pytest.approx(mask_array(result.mask).sum() * 27 / 1000)
    assert result.volume_ml == pytest.approx(4 / 3 * np.pi * 70 * 55 * 50 / 1000, rel=0.01)
    assert result.components.kept_ml == pytest.approx(result.volume_ml)
    assert result.warnings == ()


def test_the_probability_explains_the_mask(result):
    probability = sitk.GetArrayFromImage(result.probability)
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert not (mask_array(result.mask) & (probability <= 0.5)).any()


def test_report_is_plain_data_with_all_that_is_needed_to_repeat_it(result):
    report = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert sorted(report["timings_s"]) == sorted(STAGES)
    assert report["timings_s"]["total"] >= sum(report["timings_s"][name] for name in STAGES[:-1]) - 1e-6
    provenance = report["provenance"]
    assert provenance["model"]["id"] == "test-ct"
    assert provenance["model"]["sha256"] == "0" * 64
    assert provenance["device"]["device"] == "cpu"
    assert provenance["parameters"]["threshold"] == 0.5
    assert provenance["versions"]["torch"] == torch.__version__


def test_results_cannot_be_changed(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.volume_ml = 1.0


def test_nothing_is_left_changed(scan, model):
    before = sitk.GetArrayFromImage(scan), torch.get_num_threads()
    itk_before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    result = segment_liver(scan, model, threads=2)
    assert result.provenance["device"]["threads"] == 2
    assert torch.get_num_threads() == before[1]
    assert sitk.ProcessObject.GetGlobalDefaultNumberOfThreads() == itk_before
    np.testing.assert_array_equal(sitk.GetArrayViewFromImage(scan), before[0])


def test_a_higher_threshold_gives_a_smaller_liver(scan, model, result):
    smaller = segment_liver(scan, model, threshold=0.995)
    assert smaller.volume_ml < result.volume_ml
    assert smaller.provenance["parameters"]["threshold"] == 0.995


def test_without_postprocessing_islands_stay(scan, model, result):
    values = sitk.GetArrayFromImage(scan)
    far = (np.abs(points(scan) - [90, 0, 0]) < 12).all(axis=-1)
    values[far] = 110
    image = filled(scan, values)
    plain = segment_liver(image, model, postprocess=False)
    cleaned = segment_liver(image, model)
    assert plain.components is None
    assert (mask_array(plain.mask) & far).any()
    assert not (mask_array(cleaned.mask) & far).any()
    (island,) = cleaned.components.removed
    assert far[island.voxel_kji]
    assert island.volume_ml == pytest.approx(far.sum() * 0.027, rel=0.1)
    assert plain.volume_ml == pytest.approx(cleaned.volume_ml + cleaned.components.removed_ml)


def test_fast_reaches_a_network_that_knows_it_and_is_a_warning_otherwise(scan, model):
    fast_model = brightness_model(supports_fast=True)
    assert segment_liver(scan, fast_model, fast=True).warnings == ()
    assert fast_model.network.calls[-1]["fast"] is True
    (warning,) = segment_liver(scan, model, fast=True).warnings
    assert "fast option changed nothing" in warning
    assert model.network.calls[-1]["fast"] is False


def test_no_liver_is_a_warning_not_an_error(scan, model):
    values = np.minimum(sitk.GetArrayFromImage(scan), 35)
    empty = segment_liver(filled(scan, values), model, probability=True)
    assert empty.volume_ml == 0
    assert "No liver was found" in empty.warnings[0]
    assert not mask_array(empty.mask).any()
    json.dumps(empty.to_dict())


def test_an_implausible_volume_is_said(scan, model):
    values = np.minimum(sitk.GetArrayFromImage(scan), 35)
    values[(np.abs(points(scan) - [0, 0, 20]) < 12).all(axis=-1)] = 110
    (warning,) = segment_liver(filled(scan, values), model).warnings
    assert "not plausible" in warning


def test_a_cut_liver_is_said(scan, model):
    (warning,) = segment_liver(scan[:, :, :35], model).warnings
    assert "upper edge" in warning


def test_a_few_slices_are_said_to_be_too_little(scan, model):
    some = scan[:, :, :15]
    assert any("wants the whole abdomen" in text for text in segment_liver(some, model).warnings)


def test_what_the_checks_found_is_among_the_warnings(scan, model, result):
    raw = filled(scan, np.maximum(sitk.GetArrayFromImage(scan) + 1024, 0), np.uint16)
    shifted = segment_liver(raw, model)
    assert "1024 was subtracted" in shifted.warnings[0]
    assert shifted.provenance["parameters"]["hu_offset"] == -1024
    np.testing.assert_array_equal(mask_array(shifted.mask), mask_array(result.mask))


def test_bad_arguments_are_refused_before_any_work(scan, model):
    for threshold in (0.0, 1.0, -1, 7):
        with pytest.raises(SegmentationError, match="between 0 and 1") as caught:
            segment_liver(scan, model, threshold=threshold)
        assert caught.value.id == "bad-threshold"
    with pytest.raises(DeviceError):
        segment_liver(scan, model, threads=0)
    with pytest.raises(DeviceError):
        segment_liver(scan, model, device="abacus")


def test_an_image_that_fails_the_checks_never_reaches_the_network(scan):
    model = brightness_model()
    with pytest.raises(UnsupportedImage):
        segment_liver(filled(scan, np.maximum(sitk.GetArrayFromImage(scan), 0)), model)
    assert model.network.calls == []


def test_progress_rises_from_0_to_1(scan, model):
    calls = []
    segment_liver(scan, model, progress=lambda fraction, message: calls.append((fraction, message)))
    fractions = [fraction for fraction, _ in calls]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert all(message for _, message in calls)


def test_cancel_at_every_call(scan, model):
    """Whenever the caller says stop, the pipeline stops there, and its thread settings are put back."""
    total = []
    segment_liver(scan, model, progress=lambda fraction, message: total.append(fraction))
    threads = torch.get_num_threads()
    for stop_at in range(1, len(total) + 1, 2):
        calls = []

        def progress(fraction, message, calls=calls, stop_at=stop_at):
            calls.append(fraction)
            if len(calls) == stop_at:
                raise Cancelled()

        with pytest.raises(Cancelled):
            segment_liver(scan, model, threads=1, progress=progress)
        assert len(calls) == stop_at
    assert torch.get_num_threads() == threads


def test_the_network_gets_what_its_interface_promises(scan):
    model = brightness_model()
    segment_liver(scan, model)
    (call,) = model.network.calls
    assert call["pad_value"] == pytest.approx(-1.0)
    assert call["region"].dtype == torch.bool
    assert tuple(call["region"].shape) == call["shape"]


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 0, 2)])
def test_turned_and_flipped_scans_give_the_same_liver(scan, model, result, order):
    def rearrange(image):
        return sitk.Flip(sitk.PermuteAxes(image, order), (True, False, True))

    again = segment_liver(rearrange(scan), model)
    np.testing.assert_array_equal(mask_array(again.mask), mask_array(rearrange(result.mask)))


def test_an_oblique_scan_gives_the_same_liver(scan, model, result):
    turn = sitk.Euler3DTransform((0, 0, 20), 0.2, -0.3, 0.4)
    grid = sitk.Image(150, 130, 100, sitk.sitkInt16)
    grid.SetSpacing((2.5, 2.5, 3.0))
    grid.SetDirection(turn.GetMatrix())
    grid.SetOrigin((-np.reshape(turn.GetMatrix(), (3, 3)) @ [186, 161, 148]).tolist())
    oblique = sitk.Resample(scan, grid, sitk.Transform(), sitk.sitkLinear, -1000)
    again = segment_liver(oblique, model)
    back = sitk.Resample(again.mask, result.mask, sitk.Transform(), sitk.sitkNearestNeighbor)
    assert dice(mask_array(back), mask_array(result.mask)) > 0.98
    assert again.volume_ml == pytest.approx(result.volume_ml, rel=0.01)


def test_the_report_says_where_removed_parts_were() -> None:
    mask = sitk.Image(10, 20, 30, sitk.sitkUInt8)
    mask.SetSpacing((0.5, 2.0, 3.0))
    mask.SetOrigin((100.0, -50.0, 10.0))
    mask.SetDirection((-1, 0, 0, 0, 1, 0, 0, 0, -1))
    part = RemovedComponent(2.5, False, (4, 3, 2))
    segmentation = LiverSegmentation(
        mask=mask,
        probability=None,
        volume_ml=1000.0,
        components=PostprocessingReport(1000.0, (part,)),
        warnings=(),
        timings_s={},
        provenance={},
    )
    (removed,) = segmentation.to_dict()["components"]["removed"]
    assert removed["voxel_kji"] == (4, 3, 2)
    assert removed["centre_lps_mm"] == pytest.approx([100 - 2 * 0.5, -50 + 3 * 2.0, 10 - 4 * 3.0])


def test_the_raw_mask_is_what_post_processing_began_with(scan, model):
    both = segment_liver(scan, model, device="cpu", raw=True)
    alone = segment_liver(scan, model, device="cpu", postprocess=False)
    assert (mask_array(both.raw) == mask_array(alone.mask)).all()
    assert segment_liver(scan, model, device="cpu").raw is None
