"""The standardizer's second stage: two networks in turn, perceptual features, and runs that go on."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_sections import tiny_sections

from livercnn_training.config import Adversarial, ConfigError, InputContract, TrainConfig, config_from_dict
from livercnn_training.data.pack import write_pack
from livercnn_training.data.sections import PackedSections, encode_sections
from livercnn_training.loop import train
from livercnn_training.standardizer.features import make_features, perceptual_loss
from livercnn_training.trainers import make_trainer

ROOT = Path(__file__).resolve().parents[2]
CPU = torch.device("cpu")
WINDOW = InputContract(hu_window=(-200.0, 600.0), offset_hu=100.0, scale_hu=200.0)


@pytest.fixture(autouse=True)
def _one_thread_and_seed():
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def packed() -> list[PackedSections]:
    return [tiny_sections("tiny/0"), tiny_sections("tiny/1", "validation")]


def tiny_config(**adversarial: object) -> TrainConfig:
    values = {
        "name": "tiny-standardizer",
        "network": "standardizer",
        "network_config": {"width": 8, "blocks": 1},
        "trainer": "adversarial",
        "steps": 4,
        "batch_size": 1,
        "input": {"hu_window": [-200.0, 600.0], "offset_hu": 100.0, "scale_hu": 200.0},
        "patches": {"size_pixels": 32, "margin_pixels": 8},
        "optimizer": {"name": "adam", "learning_rate": 0.001, "betas": [0.9, 0.99]},
        "schedule": {"warmup_steps": 1},
        "adversarial": {"discriminator_width": 4, "perceptual_weight": 0.0, **adversarial},
    }
    return config_from_dict(values)


def test_an_interrupted_run_ends_bit_for_bit_as_an_uninterrupted_one(packed, tmp_path):
    config = tiny_config()
    train(config, packed, tmp_path / "whole", CPU)
    train(config, packed, tmp_path / "part", CPU, stop_after_steps=2)
    train(config, packed, tmp_path / "part", CPU)
    expected, found = (load_file(tmp_path / run / "last.safetensors") for run in ("whole", "part"))
    assert expected.keys() == found.keys()
    assert any(name.startswith("opponent.model.discriminator") for name in expected)
    assert any(name.startswith("opponent.optimizer") for name in expected)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


def test_only_the_generator_is_averaged_and_exported(packed, tmp_path):
    from LiverStandardizeLib.networks import build

    train(tiny_config(), packed, tmp_path / "run", CPU, stop_after_steps=1)
    exported = load_file(tmp_path / "run" / "average.safetensors")
    network = build("standardizer", {"width": 8, "blocks": 1})
    assert exported.keys() == network.state_dict().keys()


def test_each_player_changes_itself_alone(packed):
    trainer = make_trainer(tiny_config(l1_weight=0.0), packed, CPU)
    batch = trainer.batch(0, 0)
    trainer.module(*batch).backward()
    generator, discriminator = trainer.module.network, trainer.opponent.discriminator
    assert generator.head.weight.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in discriminator.parameters())
    generator.zero_grad()
    trainer.opponent(*batch).backward()
    assert all(parameter.grad is not None for parameter in discriminator.parameters())
    assert all(parameter.grad is None for parameter in generator.parameters())


def test_the_discriminator_learns_to_tell(packed):
    """From sections that are too smooth: its loss falls well below log 2, that of a guess."""
    opponent = make_trainer(tiny_config(discriminator_width=8), packed, CPU).opponent
    optimizer = torch.optim.Adam(opponent.parameters(), 0.004, betas=(0.9, 0.99))
    losses = []
    for _ in range(60):
        opponent.made = torch.zeros(4, 1, 32, 32)
        loss = opponent(torch.zeros(0), 0.3 * torch.randn(4, 1, 32, 32))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] == pytest.approx(np.log(2), abs=0.15)
    assert np.mean(losses[-8:]) < 0.5 * np.log(2)


@pytest.mark.slow
def test_two_processes_train_together(packed, tmp_path):
    write_pack(tmp_path / "pack.npz", [encode_sections(one) for one in packed], {"cases": ["tiny/0"]})
    values = {**tiny_config().to_dict(), "steps": 2}
    (tmp_path / "recipe.json").write_text(json.dumps(values))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "livercnn_training.loop", "--config", str(tmp_path / "recipe.json")]
    command += ["--pack", str(tmp_path / "pack.npz"), "--out", str(tmp_path / "run"), "--device", "cpu"]
    paths = [str(ROOT / name) for name in ("training", "LiverCore", "LiverSegmentCNN", "LiverStandardize")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads((tmp_path / "run" / "last.json").read_text())["step"] == 2


class TestSegmenterFeatures:
    @pytest.fixture
    def settings(self) -> Adversarial:
        bundle = ROOT / "Resources" / "Models" / "unet3d-ct"
        return Adversarial(perceptual="segmenter", perceptual_path=str(bundle))

    def test_equal_sections_have_no_loss_and_other_organs_more_than_noise(self, settings):
        features = make_features(settings, WINDOW, CPU)
        y, x = torch.meshgrid(torch.arange(48.0), torch.arange(50.0), indexing="ij")
        section = 0.1 * torch.randn(1, 1, 48, 50)
        with_organ = section + 0.5 * (torch.hypot(x - 25, y - 24) < 10)
        assert float(perceptual_loss(features, section, section)) == 0
        other_noise = section + 0.01 * torch.randn(1, 1, 48, 50)
        small, large = (float(perceptual_loss(features, one, section)) for one in (other_noise, with_organ))
        assert large > 10 * small > 0

    def test_its_weights_do_not_learn(self, settings):
        features = make_features(settings, WINDOW, CPU)
        section = torch.zeros(1, 1, 32, 32, requires_grad=True)
        perceptual_loss(features, section, torch.ones(1, 1, 32, 32)).backward()
        assert section.grad is not None and section.grad.abs().sum() > 0
        assert all(parameter.grad is None for parameter in features.parameters())

    def test_another_folder_is_a_plain_error(self, tmp_path):
        with pytest.raises(ConfigError, match="bundle of a unet3d"):
            make_features(Adversarial(perceptual="segmenter", perceptual_path=str(tmp_path)), WINDOW, CPU)


class TestVgg19:
    @pytest.fixture
    def weights(self, tmp_path) -> Path:
        """A file laid out as torchvision's, its numbers random: 80 MB, so made where it is needed."""
        path, tensors, channels, layer = tmp_path / "vgg19.pth", {}, 3, 0
        for width, count in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
            for _ in range(count):
                tensors[f"features.{layer}.weight"] = 0.02 * torch.randn(width, channels, 3, 3)
                tensors[f"features.{layer}.bias"] = torch.zeros(width)
                channels, layer = width, layer + 2
            layer += 1
        assert "features.34.weight" in tensors and "features.35.weight" not in tensors
        tensors["classifier.0.weight"] = torch.zeros(2, 2)
        torch.save(tensors, path)
        return path

    def test_conv5_4_of_the_file_that_the_recipe_names(self, weights):
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        settings = Adversarial(perceptual_path=str(weights), perceptual_sha256=digest[:8])
        features = make_features(settings, WINDOW, CPU)
        found = features(torch.randn(1, 1, 32, 32))
        assert found.shape == (1, 512, 2, 2)
        assert float(found.min()) < 0, "before the ReLU"

    def test_another_file_is_refused(self, weights):
        with pytest.raises(ConfigError, match="not the file that the recipe means"):
            make_features(Adversarial(perceptual_path=str(weights)), WINDOW, CPU)

    def test_no_file_says_what_to_fetch(self, tmp_path):
        with pytest.raises(ConfigError, match=r"vgg19-dcbb9e9d\.pth"):
            make_features(Adversarial(perceptual_path=str(tmp_path / "none.pth")), WINDOW, CPU)


@pytest.mark.parametrize("name", ["protocols", "adversarial"])
def test_half_precision_changes_the_losses_little(packed, name):
    """As mixed precision computes on a GPU: no loss overflows, and slopes are finite."""
    config = config_from_dict({**tiny_config().to_dict(), "trainer": name})
    trainer = make_trainer(config, packed, CPU)
    batch = trainer.batch(0, 0)
    for module in filter(None, (trainer.module, trainer.opponent)):
        module.eval()  # or the spectral norms move on between the two passes
        losses = []
        for enabled in (False, True):
            trainer.module(*batch)  # what the discriminator judges
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                loss = module(*batch)
            losses.append(float(loss.detach()))
        assert losses[1] == pytest.approx(losses[0], rel=0.03)
        loss.backward()
        assert all(p.grad.isfinite().all() for p in module.parameters() if p.grad is not None)
