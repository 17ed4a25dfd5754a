"""The protocol study on small phantoms, with its controls, from end to end; and on a real CT."""

from __future__ import annotations

import csv
from pathlib import Path

import experiment_exams  # noqa: F401  makes the bundles of the libraries' tests importable
import pytest
from realdata import requires_data

import livercnn

pytestmark = pytest.mark.slow


def cells(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    from bundle_factory import write_bright_bundle

    folder = tmp_path_factory.mktemp("models") / "bright-ct"
    write_bright_bundle(folder)
    return folder


def test_phantoms_with_controls_and_lesions(tmp_path, segmenter, capsys):
    out = tmp_path / "out"
    arguments = ["experiments", "protocols", str(out), "--phantoms", "2", "--lesion-phantoms", "1"]
    arguments += ["--fit", "1", "--size", "96", "--slices", "32", "--no-network", "--model", str(segmenter)]
    arguments += ["--device", "cpu", "--threads", "1"]
    assert livercnn.main(arguments) == 0
    said = capsys.readouterr().out
    assert "phantom: 2 measured" in said and "phantom with lesions: 1 measured" in said
    assert "its controls stand alone" in said
    images = {(row["standardizer"], row["protocol"]): row for row in cells(out / "images-phantom.csv")}
    assert float(images["", "M40"]["bias_hu"]) > 30  # iodine in the liver is worth more at 40 keV
    assert abs(float(images["linear", "M40"]["bias_hu"])) < 15
    assert float(images["linear", "M40"]["crop_difference_hu"]) == 0
    lesions = {
        (row["standardizer"], row["protocol"]): row for row in cells(out / "images-phantom-with-lesions.csv")
    }
    kept = lesions["", "M40"]["lesions_kept"].split(";")
    assert len(kept) == 4 and float(kept[-1]) > 1.5  # 30 mm; more contrast at 40 keV than at 80
    assert float(lesions["linear", "M40"]["lesions_kept"].split(";")[-1]) == pytest.approx(1, abs=0.15)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Contrast of known lesions" in page and "Liver HU and noise" in page
    assert (out / "exams" / "phantom-9000000" / "M40.nii.gz").is_file()


@requires_data
def test_a_real_ct_as_an_exam(tmp_path):
    """One validation CT: its FBP is the CT, iodine is brighter at 40 keV, the liver is that of the label."""
    import numpy as np
    import SimpleITK as sitk

    from livercnn_training.experiments.ct_exams import ct_plans, spread
    from livercnn_training.experiments.exam_store import obtain

    plans = {plan.name: plan for plan in ct_plans("validation")}
    assert len(plans) == 8 and len(spread(list(plans), 4)) == 4
    plan = plans["ct-btcv-11"]
    exam, is_new = obtain(plan, tmp_path, lambda fraction, message: None)
    assert is_new and set(exam.images) == {"FBP", "IR", "OPT", "M40", "M60", "M80"}
    liver = sitk.GetArrayViewFromImage(exam.liver) > 0
    hu = {
        name: float(np.median(sitk.GetArrayViewFromImage(exam.images[name])[liver])) for name in exam.images
    }
    assert hu["M40"] > hu["M60"] > hu["M80"]
    again, is_new = obtain(plan, tmp_path, lambda fraction, message: None)
    assert not is_new
    assert (
        sitk.GetArrayViewFromImage(again.images["M40"]) == sitk.GetArrayViewFromImage(exam.images["M40"])
    ).all()
