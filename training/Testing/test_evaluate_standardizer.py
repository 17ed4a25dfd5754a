"""Figures of a standardizer: likeness by hand, exams with a known answer, and what the card keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import SimpleITK as sitk

from livercnn_training.evaluate_standardizer import (
    SOURCES,
    ExamFigures,
    evaluation_entries,
    evaluation_plans,
    measure_exam,
    table_lines,
)
from livercnn_training.experiments.exams import CT, PHANTOM, PROTOCOLS, TARGET, Exam
from livercnn_training.image_similarity import psnr_db, ssim

WINDOW = (-200.0, 600.0)


class TestLikeness:
    def test_psnr_of_a_known_error(self):
        target = np.zeros((1, 4, 4))
        region = np.ones(target.shape, bool)
        assert psnr_db(target + 8.0, target, 800.0, region) == pytest.approx(20 * math.log10(100))
        assert psnr_db(target, target, 800.0, region) == math.inf

    def test_what_lies_outside_the_region_does_not_count(self):
        target = np.zeros((1, 4, 4))
        image, region = target.copy(), np.ones(target.shape, bool)
        image[0, 0, 0], region[0, 0, 0] = 1000.0, False
        assert psnr_db(image, target, 800.0, region) == math.inf

    def test_ssim_is_one_for_equals_less_for_blur_and_none_for_other_noise(self):
        rng = np.random.default_rng(0)
        target, other = rng.normal(0, 50, (2, 2, 64, 64))
        region = np.ones(target.shape, bool)
        assert ssim(target, target, 800.0, region) == pytest.approx(1.0)
        assert ssim(0.5 * target, target, 800.0, region) < 0.9
        assert abs(ssim(other, target, 100.0, region)) < 0.2

    def test_ssim_of_a_shift_alone(self):
        """Flat images differ in luminance only: (2 a b + c1) / (a^2 + b^2 + c1), c1 = (0.01 range)^2."""
        flat = np.full((1, 16, 16), 100.0)
        region = np.ones(flat.shape, bool)
        expected = (2 * 100 * 120 + 64) / (100**2 + 120**2 + 64)
        assert ssim(flat + 20, flat, 800.0, region) == pytest.approx(expected)


class Shift:
    """A standardizer that takes away what it is told, by protocol."""

    name, key, is_simple = "shift", {}, True

    def __init__(self, by_hu: dict[str, float]) -> None:
        self.by_hu = by_hu

    def standardize(self, image: sitk.Image, protocol: str, progress: object = None) -> sitk.Image:
        return image - self.by_hu[protocol]


@pytest.fixture(scope="module")
def exam() -> Exam:
    """Every protocol is the target plus a number of HU; IR has half of its noise."""
    rng = np.random.default_rng(0)
    z, y, x = np.mgrid[:12, :64, :64]
    body = np.hypot(y - 32, x - 32) < 30
    liver = np.hypot(y - 32, x - 26) < 16
    noise = rng.normal(0, 12, body.shape)
    clean = np.where(body, 60.0 + 40 * liver, -1000.0)
    images = {}
    for number, name in enumerate(PROTOCOLS):
        extra = 0 if name == TARGET else 10.0 * (number + 1)
        images[name] = _image(clean + extra * body + noise * (0.5 if name == "IR" else 1.0))
    return Exam("made up", images, _image(liver.astype(np.uint8)))


def _image(array: np.ndarray) -> sitk.Image:
    image = sitk.GetImageFromArray(array.astype(np.uint8 if array.dtype == np.uint8 else np.float32))
    image.SetSpacing((2.0, 2.0, 3.0))
    return image


def test_bias_and_noise_before_and_after(exam):
    offsets = {name: 10.0 * (number + 1) for number, name in enumerate(PROTOCOLS)}
    values = measure_exam(exam, PHANTOM, Shift(offsets), WINDOW, lambda fraction, message: None).values
    for name in SOURCES:
        assert values[f"{name}_original_liver_bias_hu"] == pytest.approx(offsets[name], abs=1)
        assert values[f"{name}_liver_bias_hu"] == pytest.approx(0, abs=1)
    assert values["IR_liver_noise_ratio"] == pytest.approx(0.5, abs=0.02)
    assert values["M40_liver_noise_ratio"] == pytest.approx(1.0, abs=0.02)
    assert values["FBP_mae_hu"] == pytest.approx(0, abs=1e-3)


def test_an_exam_without_a_known_liver_has_likeness_alone(exam):
    blind = Exam("blind", exam.images)
    nothing = dict.fromkeys(PROTOCOLS, 0.0)
    values = measure_exam(blind, CT, Shift(nothing), WINDOW, lambda fraction, message: None).values
    assert "FBP_psnr_db" in values and "FBP_liver_bias_hu" not in values


def test_phantoms_and_cts_are_kept_apart():
    figures = [
        ExamFigures("one", PHANTOM, {"M40_psnr_db": 40.0, "M40_original_psnr_db": 20.0}),
        ExamFigures("two", PHANTOM, {"M40_psnr_db": math.inf, "M40_original_psnr_db": 22.0}),
        ExamFigures("ct", CT, {"M40_psnr_db": 30.0, "M40_original_psnr_db": 21.0}),
    ]
    phantom, real = evaluation_entries(figures, "livercnn evaluate x")
    assert (phantom["kind"], phantom["n"], real["kind"], real["n"]) == ("phantom", 2, "real", 1)
    assert phantom["metrics"]["M40_original_psnr_db"]["mean"] == 21.0
    assert phantom["metrics"]["M40_psnr_db"]["mean"] is None
    assert phantom["cases"][1] == {"case": "two", "M40_psnr_db": None, "M40_original_psnr_db": 22.0}
    text = "\n".join(table_lines([real]))
    assert "| M40 | 21.0 -> 30.0 |" in text


def test_phantoms_of_the_evaluation_are_none_that_training_draws():
    from livercnn_training.experiments.phantom_exams import TRAINING_BELOW

    assert all(plan.recipe["phantom"] >= TRAINING_BELOW for plan in evaluation_plans(3, 20, []))
