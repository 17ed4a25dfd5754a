"""One's own paired reconstructions: what is checked before they are trained on, and that they train."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from scipy import ndimage

from livercnn_training.command_pack_pairs import add_arguments, run
from livercnn_training.config import config_from_dict
from livercnn_training.data.cases import DataError
from livercnn_training.data.paired_exams import packed_exam, paired_exams
from livercnn_training.data.registration import measured_shift
from livercnn_training.data.sections import open_sections
from livercnn_training.experiments.experiment_error import ExperimentError
from livercnn_training.loop import train
from livercnn_training.trainers import make_trainer

CPU = torch.device("cpu")
OFFSET_HU = {"FBP": 20.0, "M40": 90.0, "M80": 0.0}


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def body(seed: int) -> np.ndarray:
    """A soft cylinder with a liver, a spine and blobs, in HU (z, y, x), with noise."""
    rng = np.random.default_rng(seed)
    z, y, x = np.mgrid[:16, :72, :80].astype(float)
    hu = np.where(np.hypot(y - 36, x - 40) < 30, 40.0, -1000.0)
    hu = np.where(np.hypot(y - 34, x - 28) < 12 + z / 6, 100.0, hu)
    hu = np.where(np.hypot(y - 56, x - 40) < 6, 250.0, hu)
    for centre_z, centre_y, centre_x in rng.uniform((0, 20, 30), (16, 50, 56), (6, 3)):
        blob = np.sqrt((z - centre_z) ** 2 + (y - centre_y) ** 2 + (x - centre_x) ** 2) < 4
        hu = np.where(blob, 160.0, hu)
    return ndimage.gaussian_filter(hu, (0.3, 0.6, 0.6)) + rng.normal(0, 8, hu.shape)


def write(path: Path, hu: np.ndarray, spacing_mm: tuple[float, float, float] = (2.0, 2.0, 3.0)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = sitk.GetImageFromArray(hu.round().astype(np.int16))
    image.SetSpacing(spacing_mm)
    sitk.WriteImage(image, str(path))


def write_exam(folder: Path, seed: int, protocols: tuple[str, ...] = ("FBP", "M40", "M80")) -> None:
    for name in protocols:
        hu = body(seed)
        write(folder / f"{name}.nii.gz", hu + OFFSET_HU[name] * (hu > 80))


@pytest.mark.parametrize("wanted", [(0, 0, 0), (0, 3, -2), (1, 0, 0), (0, 0.5, 0)])
def test_a_known_shift_is_found_whatever_the_contrast(wanted):
    first = body(0)
    second = ndimage.shift(first + 90.0 * (first > 80), wanted, order=1, mode="nearest")
    found = measured_shift(first, second)
    assert found.voxels == pytest.approx(wanted, abs=0.2)
    assert found.clarity > 100


def test_packed_exams_are_what_the_files_hold(tmp_path):
    write_exam(tmp_path / "one", 1)
    (plan,) = paired_exams(tmp_path)
    packed = packed_exam(plan, "train")
    assert packed.protocols == ("FBP", "M40", "M80") and packed.liver is None
    assert packed.hu.shape == (16, 3, 72, 80) and packed.pixel_mm == 2.0
    assert np.array_equal(packed.hu[:, 2], body(1).round().clip(-1024, 3071).astype(np.int16))


class TestRefused:
    def test_a_shifted_image(self, tmp_path):
        write_exam(tmp_path / "one", 1, ("M80",))
        write(tmp_path / "one" / "M40.nii.gz", np.roll(body(1), 2, axis=2))
        with pytest.raises(DataError, match=r"M40 lies 2\.0, .* voxels \(x, y, z\) beside M80"):
            packed_exam(paired_exams(tmp_path)[0], "train")

    def test_another_patient(self, tmp_path):
        rng = np.random.default_rng(0)
        write_exam(tmp_path / "one", 1, ("M80",))
        write(tmp_path / "one" / "FBP.nii.gz", ndimage.gaussian_filter(rng.normal(0, 900, (16, 72, 80)), 2))
        with pytest.raises(DataError, match="do not show the same scan"):
            packed_exam(paired_exams(tmp_path)[0], "train")

    def test_another_grid(self, tmp_path):
        write_exam(tmp_path / "one", 1, ("M80",))
        write(tmp_path / "one" / "M40.nii.gz", body(1), (2.0, 2.0, 3.1))
        with pytest.raises(ExperimentError, match="different grids"):
            packed_exam(paired_exams(tmp_path)[0], "train")

    def test_pixels_that_are_not_square(self, tmp_path):
        for name in ("FBP", "M80"):
            write(tmp_path / "one" / f"{name}.nii.gz", body(1), (2.0, 2.5, 3.0))
        with pytest.raises(DataError, match="not square"):
            packed_exam(paired_exams(tmp_path)[0], "train")

    def test_exams_with_other_protocols(self, tmp_path):
        write_exam(tmp_path / "one", 1)
        write_exam(tmp_path / "two", 2, ("FBP", "M80"))
        with pytest.raises(DataError, match="same protocols of every exam"):
            paired_exams(tmp_path)

    def test_an_exam_without_the_target(self, tmp_path):
        write_exam(tmp_path / "one", 1, ("FBP", "M40"))
        with pytest.raises(ExperimentError, match=r"lacks M80\.nii\.gz"):
            paired_exams(tmp_path)


def test_from_folders_to_a_run(tmp_path, capsys):
    import argparse

    for number in range(2):
        write_exam(tmp_path / "exams" / f"exam{number}", number)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    pack = tmp_path / "pairs.npz"
    assert run(parser.parse_args([str(tmp_path / "exams"), str(pack)]), None) == 0
    assert "exam1: 16 slices, FBP, M40, M80 (validation)" in capsys.readouterr().out
    packed, about = open_sections(pack)
    assert about["cases"] == ["own/exam0"]
    config = config_from_dict(
        {
            "name": "own",
            "network": "standardizer",
            "network_config": {"width": 8, "blocks": 1},
            "trainer": "protocols",
            "steps": 2,
            "batch_size": 2,
            "input": {"hu_window": [-200.0, 600.0], "offset_hu": 100.0, "scale_hu": 200.0},
            "patches": {"size_pixels": 32},
            "validation": {"every_steps": 2},
        }
    )
    inputs, targets = make_trainer(config, packed, CPU).batch(0, 0)
    assert inputs.shape == (2, 3, 32, 32) and torch.equal(inputs[:, 2:], targets)
    summary = train(config, packed, tmp_path / "run", CPU, about=about)
    figures = summary["history"][-1]["validation"]
    assert figures["protocols"]["M80"]["before"]["mae_hu"] == 0
    assert "liver_bias_hu" not in figures["protocols"]["M40"]["after"]


def test_holding_all_out_is_refused(tmp_path):
    import argparse

    write_exam(tmp_path / "exams" / "one", 1)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(DataError, match="cannot be held out"):
        run(parser.parse_args([str(tmp_path / "exams"), str(tmp_path / "pairs.npz")]), None)
