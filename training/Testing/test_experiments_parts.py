"""Parts of the experiments against values worked out by hand: controls, measures, sentences, pre-test."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk
from experiment_exams import SPACING_MM, abdomen, image_of, write_exam

from livercnn_training.data.phantom_sections import TRAINING_SEEDS, VALIDATION_SEEDS
from livercnn_training.experiments import image_measures, phantom_exams
from livercnn_training.experiments.exam_measures import TARGET_MASK, TRUTH
from livercnn_training.experiments.exam_run import ExamResult
from livercnn_training.experiments.exams import LESIONS, PHANTOM, PROTOCOLS, Exam, ExamPlan
from livercnn_training.experiments.findings import findings
from livercnn_training.experiments.image_tables import targets_table
from livercnn_training.experiments.kind_results import CHANGED, KindResults
from livercnn_training.experiments.lesion_exams import lesion_plans
from livercnn_training.experiments.lesion_tables import lesion_table
from livercnn_training.experiments.simple_standardizers import fit_histogram, fit_linear


def hu_of(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayFromImage(image).astype(float)


def test_ages_are_those_of_lees_test_set():
    """Table 1: 10.1 +- 8.7 years, 7 months to 49 years."""
    ages = np.array(phantom_exams.ages_years(43))
    assert ages.mean() == pytest.approx(10.1, abs=0.5) and ages.std(ddof=1) == pytest.approx(8.7, abs=1.0)
    assert ages.min() == pytest.approx(7 / 12, abs=0.01) and ages.max() == 49
    few = phantom_exams.ages_years(5)
    assert np.mean(few) == pytest.approx(10.1, abs=1.0)


def test_no_seed_of_the_study_is_one_of_training():
    """Training takes a few thousand seeds from each of its two beginnings."""
    size = phantom_exams.PhantomSize()
    tested = {plan.recipe["phantom"] for plan in phantom_exams.phantom_plans(500, size)}
    fitted = {
        plan.recipe["phantom"]
        for plan in phantom_exams.phantom_plans(500, size, phantom_exams.FIRST_FIT_SEED)
    }
    assert not tested & fitted
    assert min(tested | fitted) > 10 * max(TRAINING_SEEDS, VALIDATION_SEEDS)


def planted_exam(slope: float, intercept: float, noise_hu: float = 0.0) -> Exam:
    """Every protocol is (M80 - intercept) / slope: a line maps it back."""
    image, liver = abdomen(3)
    hu, rng = hu_of(image), np.random.default_rng(0)
    body = hu > -300
    other = np.where(body, (hu - intercept) / slope + rng.normal(0, noise_hu, hu.shape), hu)
    images = {name: image_of(other) for name in PROTOCOLS if name != "M80"}
    return Exam("planted", {**images, "M80": image}, liver)


def test_a_planted_line_is_found_and_maps_back():
    exam = planted_exam(0.5, 10.0)
    control = fit_linear([exam])
    for protocol in CHANGED:
        slope, intercept = control.lines[protocol]
        assert slope == pytest.approx(0.5, abs=0.01) and intercept == pytest.approx(10, abs=1)
    made = hu_of(control.standardize(exam.images["M40"], "M40"))
    target = hu_of(exam.images["M80"])
    assert np.abs(made - target)[target > -300].max() <= 2  # rounding to whole HU, twice
    assert np.abs(made - target)[target < -900].max() <= 1  # air stays air


def test_noise_does_not_flatten_the_line_by_much():
    noisy = planted_exam(0.5, 10.0, noise_hu=40.0)
    slope, _ = fit_linear([noisy]).lines["M40"]
    assert slope == pytest.approx(0.5, abs=0.06)  # voxel by voxel it would be far lower


def test_histogram_matching_undoes_a_monotone_change():
    image, liver = abdomen(3)
    hu = hu_of(image)
    bent = image_of(np.where(hu > -300, 200 * np.tanh(hu / 150), hu))
    exam = Exam("planted", {"M40": bent, "M80": image}, liver)
    made = hu_of(fit_histogram([exam]).standardize(bent, "M40"))
    assert np.abs(made - hu)[hu > -300].mean() < 1.5
    empty = image_of(np.full(hu.shape, -1000))
    assert hu_of(fit_histogram([exam]).standardize(empty, "M40")).max() == -1000


def test_bias_and_noise_are_those_that_were_planted():
    image, liver = abdomen(1, noise_hu=0.0)
    exam = Exam("one", {"M80": image}, liver)
    region = image_measures.inner_liver(exam)
    hu, rng = hu_of(image), np.random.default_rng(5)
    noisy = image_of(hu + 7 + rng.normal(0, 20, hu.shape))
    quiet = image_of(hu + rng.normal(0, 10, hu.shape))
    assert image_measures.bias_hu(noisy, image, region) == pytest.approx(7, abs=1)
    ratio = image_measures.noise_hu(noisy, region) / image_measures.noise_hu(quiet, region)
    assert ratio == pytest.approx(2, rel=0.1)


def test_a_lesion_that_loses_contrast_is_caught():
    image, liver = abdomen(1, noise_hu=0.0)
    hu = hu_of(image)
    lesions = np.zeros_like(hu)
    lesions[12:16, 26:30, 20:24] = 1
    before = image_of(np.where(lesions, 60, hu))
    after = image_of(np.where(lesions, 85, hu))
    erased = image_of(hu)
    exam = Exam("one", {"M80": before}, liver, image_of(lesions, np.uint8), (20.0,))
    (whole,) = image_measures.lesion_sums(before, exam)
    voxel_ml = float(np.prod(SPACING_MM)) / 1000
    assert whole == pytest.approx(-50 * 64 * voxel_ml, rel=0.01)
    assert image_measures.lesion_sums(after, exam)[0] / whole == pytest.approx(0.5, abs=0.01)
    assert image_measures.lesion_sums(erased, exam)[0] / whole == pytest.approx(0, abs=0.01)


def test_a_crop_changes_histogram_matching_and_not_the_line():
    exam = planted_exam(0.5, 10.0)
    region = image_measures.inner_liver(exam)
    line, histogram = fit_linear([exam]), fit_histogram([exam])
    measure = image_measures.crop_difference_hu
    assert measure(line, exam.images["M40"], "M40", exam, region) == 0
    assert abs(measure(histogram, exam.images["M40"], "M40", exam, region)) > 1


# --- lesions ----------------------------------------------------------------------------------------------


def lesion_results(kept: dict[str, list[list[float]]]) -> KindResults:
    """Exams with lesions of 5 and 20 mm: kind to what "gan" keeps of -1 and -100 HU mL, an exam a row."""
    targets, results = [-1.0, -100.0], []
    for kind, exams in kept.items():
        for number, shares in enumerate(exams):
            recipe = {"lesions_mm": [5.0, 20.0], "lesion_kind": kind}
            after = [share * one for share, one in zip(shares, targets)]
            rows = {
                "": tuple({"protocol": p, "lesions_hu_ml": targets} for p in PROTOCOLS),
                "gan": tuple({"protocol": p, "lesions_hu_ml": after} for p in CHANGED),
            }
            plan = ExamPlan(f"{kind}-{number}", LESIONS, recipe, lambda progress: None)
            results.append(ExamResult(plan, (), rows))
    return KindResults(LESIONS, tuple(results), (), (SimpleNamespace(name="gan", is_simple=False),))


def test_contrast_is_pooled_by_kind_and_diameter():
    table = lesion_table(lesion_results({"cyst": [[0.5, 0.9], [1.5, 1.1]], "metastasis": [[1.0, 0.8]]}))
    keys = [column.key for column in table.columns]
    rows = {(row[0], row[1], row[2]): dict(zip(keys, row)) for row in table.rows}
    assert len(rows) == len(CHANGED) * 2 * 2
    cysts = rows["M40", "gan", "cyst"]
    assert (cysts["kept_5_mm"], cysts["kept_20_mm"]) == (pytest.approx(100), pytest.approx(100))
    assert (cysts["n"], cysts["least"], cysts["most"]) == (2, pytest.approx(50), pytest.approx(150))
    assert rows["M40", "original", "metastasis"]["kept_20_mm"] == pytest.approx(100)
    assert rows["IR", "gan", "metastasis"]["kept_20_mm"] == pytest.approx(80)


def test_targets_of_lesions_are_judged_pooled_and_one_by_one():
    table = targets_table(lesion_results({"cyst": [[0.5, 0.95], [1.5, 1.05]]}))
    (pooled, single) = ([str(cell) for cell in row] for row in table.rows)
    assert "each kind and diameter" in pooled[1] and pooled[2].startswith("10 of 10") and pooled[3] == "yes"
    assert "every single lesion" in single[1] and single[2].startswith("10 of 20") and single[3] == "no"


def test_kinds_of_lesions_come_by_turns():
    plans = lesion_plans(4, phantom_exams.PhantomSize())
    kinds = [plan.recipe["lesion_kind"] for plan in plans]
    assert kinds == ["metastasis", "cyst", "hypervascular", "metastasis"]
    assert len({plan.recipe["phantom"] for plan in plans}) == 4


# --- sentences --------------------------------------------------------------------------------------------


def results_with(
    dice: dict[str, dict[str, list[float]]],
    bias: dict[str, float] | None = None,
    other: dict[str, list[float]] | None = None,
) -> KindResults:
    """Results of made-up exams: stage to protocol (all others as "") to a Dice for each exam.

    other: protocol to the Dice of a second segmenter on original images.
    """
    count = len(next(iter(next(iter(dice.values())).values())))
    standardizers = tuple(
        SimpleNamespace(name=stage.partition(": ")[2], is_simple=stage != "standardized: gan")
        for stage in dice
        if stage != "original"
    )
    measured = [("net", stage, of) for stage, of in dice.items()]
    measured += [("any", "original", other)] if other else []
    results = []
    for number in range(count):
        rows = tuple(
            {
                "case": f"p{number}", "method": method, "protocol": p, "stage": stage, "reference": reference,
                "dice": of.get(p, of[""])[number],
            }
            for method, stage, of in measured
            for p in CHANGED
            for reference in (TARGET_MASK, TRUTH)
        )  # fmt: skip
        images = {
            name: tuple({"protocol": p, "bias_hu": value, "noise_ratio": 1.0} for p in CHANGED)
            for name, value in (bias or {}).items()
        }
        plan = ExamPlan(f"p{number}", PHANTOM, {}, lambda progress: None)
        results.append(ExamResult(plan, rows, images))
    segmenters = tuple(SimpleNamespace(name=name) for name in dict.fromkeys(one[0] for one in measured))
    return KindResults(PHANTOM, tuple(results), segmenters, standardizers)


ORIGINAL = {"": [0.8, 0.82, 0.81], "M40": [0.1, 0.12, 0.08]}


def test_sentences_say_which_control_wins_and_where():
    found = findings(
        results_with(
            {
                "original": ORIGINAL,
                "standardized: gan": {"": [0.95, 0.96, 0.94], "M60": [0.90, 0.91, 0.92]},
                "standardized: linear": {"": [0.90, 0.91, 0.92], "M60": [0.94, 0.96, 0.95]},
            }
        )
    )
    assert "it fails on M40" in found[0] and "0.100 (M40) to 0.810" in found[0]
    assert any(
        "gan raises" in one and "5 of 5 protocols, most on M40 (0.100 to 0.950)" in one for one in found
    )
    wins = [one for one in found if "A simple control wins" in one]
    assert len(wins) == 2  # against the mask and against the truth
    # 0.94 0.96 0.95 - 0.90 0.91 0.92: differences .04 .05 .03, t(2) = 4.303, SD .01 -> +- .0248
    assert "linear" in wins[0] and "on 1 of 5 protocols" in wins[0]
    assert "M60 0.950 against 0.910 (difference +0.040, 95 % CI +0.015 to +0.065)" in wins[0]


def test_sentences_say_where_no_control_wins():
    stages = {"original": {"": [0.9, 0.91, 0.9]}, "standardized: gan": {"": [0.95, 0.96, 0.94]}}
    found = findings(results_with(stages))
    assert "it fails on no protocol" in found[0]
    assert any(
        "No simple control reaches the mean Dice of net with gan on any protocol" in one for one in found
    )


def test_a_rule_that_is_nearer_to_the_targets_hu_is_named():
    stages = {
        name: {"": [0.9, 0.91, 0.9]} for name in ("original", "standardized: gan", "standardized: linear")
    }
    found = findings(results_with(stages, {"gan": -4.0, "linear": 1.0}))
    assert any("linear comes nearer to the liver HU of M80 than gan on FBP, IR" in one for one in found)


def test_a_segmenter_that_needs_no_standardization_is_named_as_a_control():
    stages = {"original": {"": [0.9, 0.91, 0.9]}, "standardized: gan": {"": [0.93, 0.94, 0.92]}}
    better_on_one = {"": [0.90, 0.90, 0.90], "M40": [0.96, 0.95, 0.94]}
    (found,) = [one for one in findings(results_with(stages, other=better_on_one)) if "needs no" in one]
    assert found.startswith("A control wins that needs no standardization: any on original images")
    assert "at least that of net after gan on 1 of 5 protocols: M40 0.950 against 0.930" in found
    (found,) = [one for one in findings(results_with(stages, other={"": [0.8] * 3})) if "needs no" in one]
    assert found.startswith("The control that needs no standardization, any on original images")
    assert found.endswith("below that of net after gan on all protocols.")


# --- pre-test ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [True, False])
def test_the_pretest_finds_the_protocol_that_is_worst(tmp_path, capsys, label):
    from bundle_factory import write_bright_bundle

    import livercnn

    write_bright_bundle(tmp_path / "bright-ct")
    for seed, name in enumerate(("one", "two")):
        write_exam(tmp_path / "exams" / name, seed, label=label)
    arguments = ["experiments", "pretest", str(tmp_path / "out"), "--folder", str(tmp_path / "exams")]
    arguments += ["--model", str(tmp_path / "bright-ct"), "--device", "cpu", "--threads", "1"]
    assert livercnn.main(arguments) == 0
    said = capsys.readouterr().out
    measure = "Dice with the true liver" if label else "mean Dice with the masks of the other protocols"
    assert said.startswith(f"FBP serves bright-ct best: {measure}") and "M40 0." in said
    assert "The lead is small" in said  # M80 and FBP are the same image here
    assert (tmp_path / "out" / "report.html").is_file() and (tmp_path / "out" / "pretest.csv").is_file()
    journal = (tmp_path / "out" / "journal.jsonl").read_bytes()
    assert livercnn.main(arguments) == 0
    assert (tmp_path / "out" / "journal.jsonl").read_bytes() == journal


def test_the_mean_decides_and_empty_masks_get_no_credit():
    from livercnn_training.experiments.pretest import best_protocol

    best, means = best_protocol({"a": {"FBP": 0.9, "M80": 0.7}, "b": {"FBP": 0.5, "M80": 0.8}})
    assert best == "M80" and means == {"FBP": pytest.approx(0.7), "M80": pytest.approx(0.75)}
    assert not math.isnan(means["FBP"])
