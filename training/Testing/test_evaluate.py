"""Evaluation: the statistics, the tables, and the command on a real bundle."""

from __future__ import annotations

import csv
import json
import math

import pytest
from tiny_scans import write_case

from livercnn_training.evaluate import CaseResult, evaluation_entries, summarise, table_lines


def result(case: str, **values: float) -> CaseResult:
    names = ["dice", "msd_mm", "hd95_mm", "volume_test_ml", "volume_reference_ml", "volume_difference_ml"]
    names += ["volume_difference_percent", "time_s", "hd_mm"]
    return CaseResult(case, case.split("/")[0], {**dict.fromkeys(names, 1.0), **values}, ())


def test_the_interval_is_students_and_no_dice_is_more_than_1():
    # By hand: mean .93, sd .0360555, t(.975, 2) = 4.302653: 0.8404331 to 1.0195669
    found = summarise([0.9, 0.92, 0.97], "dice")
    assert found["mean"] == 0.93 and found["sd"] == 0.0361 and found["median"] == 0.92
    assert found["ci95"] == [pytest.approx(0.8404, abs=1e-4), 1.0]


def test_infinite_distances_are_never_averaged_silently():
    found = summarise([1.0, 2.0, math.inf], "hd95_mm")
    assert found["mean"] is None and found["max"] is None and found["median"] == 2.0
    assert "sd" not in found
    json.dumps(found, allow_nan=False)


def test_sets_are_reported_apart_and_together():
    entries = evaluation_entries(
        [result("a/1", dice=0.9), result("a/2", dice=0.8), result("b/1", dice=0.7)], "c"
    )
    assert [(entry["n"], entry["metrics"]["dice"]["mean"]) for entry in entries] == [
        (2, 0.85),
        (1, 0.7),
        (3, 0.8),
    ]
    assert "cases" not in entries[2]
    lines = table_lines([result("a/1")], entries)
    assert any(line.startswith("| a + b | 3 | 0.8000") for line in lines)


def test_the_command_measures_a_folder_and_fills_the_card(tmp_path, capsys):
    from pathlib import Path

    import torch
    from tiny_scans import tiny_case

    import livercnn
    from livercnn_training.config import config_from_dict
    from livercnn_training.export import export_run
    from livercnn_training.loop import train

    torch.set_num_threads(1)
    config = config_from_dict(
        {
            "name": "tiny-model",
            "network": "unet3d",
            "network_config": {"widths": [8, 8]},
            "trainer": "windows",
            "steps": 2,
            "batch_size": 1,
            "input": {"spacing_mm": 6.0},
            "windows": {"size_voxels": [16, 24, 24]},
        }
    )
    train(
        config,
        [tiny_case("ct-btcv/1", 0)],
        tmp_path / "run",
        torch.device("cpu"),
        about={"cases": ["ct-btcv/1"]},
    )
    about = Path(__file__).parents[1] / "livercnn_training" / "configs" / "unet3d-ct.about.yaml"
    model = tmp_path / "tiny-model"
    export_run(tmp_path / "run", about, model, "configs/tiny.yaml")
    write_case(tmp_path / "set" / "one")
    arguments = ["evaluate", str(model), "--folder", str(tmp_path / "set"), "--device", "cpu"]
    arguments += ["--out", str(tmp_path / "out"), "--update-card"]
    assert livercnn.main(arguments) == 0, capsys.readouterr().err
    rows = list(csv.DictReader((tmp_path / "out" / "cases.csv").read_text().splitlines()))
    assert [row["case"] for row in rows] == ["set/one"]
    card = json.loads((model / "model.json").read_text())
    assert card["evaluation"][0]["n"] == 1
    assert card["evaluation"][0]["metrics"]["dice"]["mean"] == pytest.approx(float(rows[0]["dice"]), abs=1e-4)
    assert str(tmp_path) not in json.dumps(card)
    assert (tmp_path / "out" / "masks" / "set-one.seg.nrrd").is_file()
    assert livercnn.main([*arguments[:2], "--folder", str(tmp_path / "set"), "--cases", "nobody"]) == 2
    assert "No such case: nobody" in capsys.readouterr().err
