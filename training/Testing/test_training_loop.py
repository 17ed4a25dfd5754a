"""Training as a whole: real runs on tiny scans, taken up again, exported, refused."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_scans import tiny_case

from livercnn_training import checkpoint
from livercnn_training.config import ConfigError, TrainConfig, config_from_dict, load_config
from livercnn_training.data.pack import PackedCase, encode_case, write_pack
from livercnn_training.loop import learning_rate, train

CONFIGS = Path(__file__).resolve().parents[1] / "livercnn_training" / "configs"
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def cases() -> list[PackedCase]:
    return [tiny_case(f"tiny/{number}", number) for number in range(3)]


def tiny_config(trainer: str, **changes: object) -> TrainConfig:
    values = {
        "name": f"tiny-{trainer}",
        "network": "unet3d" if trainer == "windows" else "deepmedic3",
        "network_config": {"widths": [8, 8, 8]}
        if trainer == "windows"
        else {"fine": [4, 4], "coarse": [4, 4], "joined": 8},
        "trainer": trainer,
        "steps": 4,
        "batch_size": 2,
        "input": {"spacing_mm": 6.0, "median_filter_voxels": 3},
        "windows": {"size_voxels": [16, 24, 24]},
        "segments": {"output_voxels": 15, "active_scans": 2},
        **changes,
    }
    return config_from_dict(values)


@pytest.mark.parametrize(
    ("trainer", "changes"),
    [
        ("windows", {}),
        ("segments", {}),
        ("segments", {"segments": {"output_voxels": 15, "active_scans": 2, "coarse_only": True}}),
    ],
)
def test_an_interrupted_run_ends_bit_for_bit_as_an_uninterrupted_one(cases, tmp_path, trainer, changes):
    config = tiny_config(trainer, **changes)
    whole = train(config, cases, tmp_path / "whole", CPU)
    part = train(config, cases, tmp_path / "part", CPU, stop_after_steps=2)
    assert not part["finished"] and part["steps"] == 2
    rest = train(config, cases, tmp_path / "part", CPU)
    assert whole["finished"] and rest["finished"]
    expected, found = (load_file(tmp_path / run / "last.safetensors") for run in ("whole", "part"))
    assert expected.keys() == found.keys()
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


def test_training_finds_the_tiny_liver(cases, tmp_path):
    config = tiny_config(
        "windows",
        steps=150,
        optimizer={"learning_rate": 0.01},
        schedule={"warmup_steps": 5},
        augmentation={"elastic_mm": 0.0, "neighbour_mass_probability": 0.0},
        ema_decay=0.9,
        freeze_norm_fraction=0.6,
        validation={"cases": ["tiny/2"], "every_steps": 150},
    )
    summary = train(config, cases, tmp_path / "run", CPU)
    assert summary["history"][-1]["validation"]["mean_dice"] > 0.85
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in rows if "loss" in row]
    assert losses[-1] < 0.7 * losses[0]


def test_a_later_stage_starts_from_given_weights(cases, tmp_path):
    train(tiny_config("windows"), cases, tmp_path / "first", CPU)
    config = tiny_config("windows", steps=1, optimizer={"learning_rate": 1e-12}, ema_decay=0.0)
    train(
        config,
        cases,
        tmp_path / "second",
        CPU,
        initial_weights=tmp_path / "first" / "average.safetensors",
    )
    first, second = (load_file(tmp_path / run / "average.safetensors") for run in ("first", "second"))
    assert all(np.allclose(first[name], second[name], atol=1e-6) for name in first if "norm" not in name)


def test_two_processes_train_together(cases, tmp_path):
    pack = tmp_path / "pack.npz"
    write_pack(pack, [encode_case(case) for case in cases], {"cases": [case.name for case in cases]})
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(tiny_config("windows", steps=2).to_dict()))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "livercnn_training.loop", "--config", str(recipe), "--pack", str(pack)]
    command += ["--out", str(tmp_path / "run"), "--device", "cpu"]
    root = Path(__file__).resolve().parents[2]
    paths = [str(root / name) for name in ("training", "LiverCore", "LiverSegmentCNN")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    state = json.loads((tmp_path / "run" / "last.json").read_text())
    assert state["step"] == 2
    assert state["hardware"].startswith("2 process(es)")


def test_the_loop_needs_nothing_beyond_torch_and_numpy():
    absent = ["SimpleITK", "scipy", "yaml", "safetensors", "jsonschema", "vtk", "matplotlib", "tensorboard"]
    loop = [
        "livercnn_training.loop",
        "livercnn_training.trainers.windows",
        "livercnn_training.trainers.segments",
    ]
    networks = ["LiverSegmentCNNLib.networks.deepmedic3_dense", "LiverSegmentCNNLib.networks.unet3d"]
    code = f"import sys\nsys.modules.update(dict.fromkeys({absent}))\nimport {', '.join(loop + networks)}\n"
    root = Path(__file__).resolve().parents[2]
    paths = [str(root / name) for name in ("training", "LiverCore", "LiverSegmentCNN")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class TestSchedule:
    def test_stepped_is_the_papers(self):
        config = load_config(CONFIGS / "deepmedic3-paper.yaml")
        per_epoch, warm = config.schedule.steps_per_epoch, config.schedule.warmup_steps
        assert config.optimizer.name == "sgd" and config.batch_size == 16
        assert config.segments.output_voxels == 15
        assert learning_rate(config, warm + 1) == pytest.approx(0.007)
        assert learning_rate(config, 32 * per_epoch) == pytest.approx(0.007 * config.schedule.factor)
        assert config.validation.every_steps == 8 * per_epoch

    def test_cosine_warms_up_and_ends_near_zero(self):
        config = tiny_config("windows", steps=1000, schedule={"warmup_steps": 10})
        rates = [learning_rate(config, step) for step in range(1000)]
        assert rates[0] == pytest.approx(config.optimizer.learning_rate / 10)
        assert max(rates) == pytest.approx(config.optimizer.learning_rate, rel=1e-3)
        assert rates[-1] < 1e-5
        assert all(a >= b for a, b in zip(rates[10:], rates[11:]))


class TestConfig:
    @pytest.mark.parametrize(
        "path", sorted(p for p in CONFIGS.glob("*.yaml") if not p.name.endswith(".about.yaml"))
    )
    def test_every_recipe_in_the_repository_loads_and_survives_json(self, path):
        config = load_config(path)
        assert config_from_dict(config.to_dict()) == config

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"stepz": 3}, "unknown setting 'stepz'"),
            ({"optimizer": {"lr": 1}}, "unknown setting 'optimizer.lr'"),
            ({"steps": "many"}, "'steps' must be int"),
            ({"trainer": "magic"}, "'trainer' is 'magic', expected one of windows, segments"),
            ({"windows": 3}, "must be a table"),
            ({"windows": {"size_voxels": 3}}, "'windows.size_voxels' must be a list"),
        ],
    )
    def test_bad_settings_are_named(self, change, message):
        values = {**tiny_config("windows").to_dict(), **change}
        with pytest.raises(ConfigError, match=message):
            config_from_dict(values)

    def test_a_missing_or_broken_file_is_a_plain_error(self, tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            load_config(tmp_path / "none.yaml")
        broken = tmp_path / "broken.yaml"
        broken.write_text("a: [1")
        with pytest.raises(ConfigError, match="not valid YAML"):
            load_config(broken)


def test_tensor_files_are_safetensors(tmp_path):
    tensors = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "step": np.array(7, np.int64),
        "half": np.ones(3, np.float16),
    }
    checkpoint.write_tensors(tmp_path / "x.safetensors", tensors)
    for read in (load_file, checkpoint.read_tensors):
        found = read(tmp_path / "x.safetensors")
        assert found.keys() == tensors.keys()
        assert all(
            np.array_equal(found[k], tensors[k]) and found[k].dtype == tensors[k].dtype for k in tensors
        )
    assert [path.name for path in tmp_path.iterdir()] == ["x.safetensors"]


def test_a_run_exports_a_bundle_that_verifies(cases, tmp_path):
    from livercnn_training.export import export_run, set_evaluation
    from LiverCoreLib.registry import verify_model

    config = dataclasses.replace(tiny_config("windows"), name="tiny-model")
    train(config, cases, tmp_path / "run", CPU, about={"cases": [f"ct-btcv/{n}" for n in range(3)]})
    bundle = export_run(
        tmp_path / "run", CONFIGS / "unet3d-ct.about.yaml", tmp_path / "tiny-model", "configs/tiny.yaml"
    )
    assert bundle.card.training["data"][0]["cases"] == 3
    assert bundle.card.architecture.config["folded_norm"] is True
    assert verify_model(tmp_path / "tiny-model").golden_difference < 1e-3
    entry = {
        "data_set": "made up",
        "kind": "phantom",
        "n": 1,
        "command": "none",
        "metrics": {"dice": {"mean": 0.5}},
    }
    changed = set_evaluation(tmp_path / "tiny-model", [entry])
    assert changed.card.evaluation[0]["metrics"]["dice"]["mean"] == 0.5
    assert changed.card.weights.sha256 == bundle.card.weights.sha256
    fast = {**entry, "command": "none --fast"}
    again = {**entry, "metrics": {"dice": {"mean": 0.6}}}
    changed = set_evaluation(tmp_path / "tiny-model", [fast])
    changed = set_evaluation(tmp_path / "tiny-model", [again])
    found = {e["command"]: e["metrics"]["dice"]["mean"] for e in changed.card.evaluation}
    assert found == {"none --fast": 0.5, "none": 0.6}
