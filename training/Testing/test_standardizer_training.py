"""Training of the standardizer: the source of paired patches, losses, validation, and runs that go on."""

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
from tiny_sections import tiny_sections

from livercnn_training.augment_intensity import Dice
from livercnn_training.config import ConfigError, TrainConfig, config_from_dict, load_config
from livercnn_training.data.cases import DataError
from livercnn_training.data.pack import write_pack
from livercnn_training.data.sections import PackedSections, encode_sections, of_split, open_sections
from livercnn_training.loop import learning_rate, train
from livercnn_training.players import make_optimizer
from livercnn_training.standardizer.bodies import varied
from livercnn_training.standardizer.lesions import WATER
from livercnn_training.standardizer.reference import grid_pattern_hu, make_reference, measure
from livercnn_training.standardizer.source import INPUTS, PairSource
from livercnn_training.trainers import make_trainer
from livercnn_training.trainers.protocols import StandardizerLoss
from LiverStandardizeLib.networks import build
from LiverStandardizeLib.simulation.image_engine.windows import WindowEngine

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "training" / "livercnn_training" / "configs"
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def packed() -> list[PackedSections]:
    return [tiny_sections("tiny/0"), tiny_sections("tiny/1"), tiny_sections("tiny/2", "validation")]


def tiny_config(**changes: object) -> TrainConfig:
    values = {
        "name": "tiny-standardizer",
        "network": "standardizer",
        "network_config": {"width": 8, "blocks": 1},
        "trainer": "protocols",
        "steps": 4,
        "batch_size": 2,
        "input": {"hu_window": [-200.0, 600.0], "offset_hu": 100.0, "scale_hu": 200.0},
        "patches": {"size_pixels": 32, "margin_pixels": 8, "coarse_weight": 0.5, "texture_weight": 0.3},
        "optimizer": {"name": "adam"},
        **changes,
    }
    return config_from_dict(values)


class TestPack:
    def test_what_is_packed_is_read(self, packed, tmp_path):
        write_pack(tmp_path / "sections.npz", [encode_sections(one) for one in packed], {"cases": ["tiny/0"]})
        found, about = open_sections(tmp_path / "sections.npz")
        assert about == {"cases": ["tiny/0"]}
        for one, other in zip(packed, found):
            assert np.array_equal(one.maps, other.maps) and np.array_equal(one.liver, other.liver)
            assert (one.name, one.pixel_mm, one.slice_mm, one.split) == (
                other.name,
                other.pixel_mm,
                other.slice_mm,
                other.split,
            )

    @pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
    def test_another_file_is_refused(self, tmp_path, content):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(DataError, match="livercnn pack-sections"):
            open_sections(tmp_path / "bad.npz")

    def test_a_pack_without_the_split_is_refused(self, packed):
        with pytest.raises(DataError, match="none of the split 'validation'"):
            of_split(packed[:2], "validation")


class TestSource:
    def test_a_batch_follows_from_seed_step_and_rank_alone(self, packed):
        first, second = (PairSource(tiny_config(), packed[:2], CPU) for _ in range(2))
        second.batch(0, 0)  # what was drawn before does not matter
        for one, other in zip(first.batch(3, 1), second.batch(3, 1)):
            assert torch.equal(one, other)
        assert not torch.equal(first.batch(3, 1)[0], first.batch(3, 0)[0])
        assert not torch.equal(first.batch(3, 1)[0], first.batch(4, 1)[0])

    def test_patches_of_all_protocols_show_the_same_place(self, packed):
        inputs, targets, clean, lesions = PairSource(tiny_config(), packed[:2], CPU).batch(0, 0)
        assert inputs.shape == (2, 6, 32, 32)
        assert targets.shape == clean.shape == lesions.shape == (2, 1, 32, 32)
        assert torch.equal(inputs[:, INPUTS.index("M80")], targets[:, 0])
        assert inputs.isfinite().all()
        body = targets[:, 0] > -200
        for number in range(len(INPUTS)):
            assert ((inputs[:, number] > -200) == body).float().mean() > 0.98

    def test_targets_without_noise_are_what_is_left_at_a_boundless_dose(self, packed):
        fixed = {"kernel_lp_cm": [3.8, 3.8], "pixel_mm": [1.6, 1.6]}
        noisy, still = (
            PairSource(tiny_config(scans={**fixed, "dose": [dose, dose]}), packed[:2], CPU).batch(1, 0)
            for dose in (1.0, 1e9)
        )
        assert float((noisy[1] - noisy[2]).std()) > 1
        assert float((still[1] - still[2]).abs().max()) < 0.5
        torch.testing.assert_close(noisy[2], still[2], rtol=0, atol=0.5)

    def test_lesions_are_shown_where_they_were_drawn(self, packed):
        bodies = {"most_lesions": 9, "lesion_radius_mm": [15.0, 25.0]}
        source = PairSource(tiny_config(bodies=bodies), packed[:2], CPU)
        for number in range(6):
            dice = Dice.for_step(CPU, 5, number)
            section = source._section(dice)
            maps, lesions = varied(section, source.config.bodies, dice)
            soft = (section.maps[WATER] > 0.85) & (section.maps[WATER] < 1.2)
            assert not lesions[~soft].any()
            assert 0 <= float(lesions.min()) and float(lesions.max()) <= 1
            engine = WindowEngine(section.pixel_mm * maps.shape[-1], 64, section.pixel_mm)
            (shown,) = engine.show(lesions[None, None], torch.zeros(1, 2))
            torch.testing.assert_close(shown[0], lesions, rtol=0, atol=1e-4)

    def test_the_liver_is_brighter_the_lower_the_energy(self, packed):
        """Iodine, 2 mg/mL: +165 HU at 40 keV, +74 at 60, +38 at 80 (NIST, to the simulation's 5 HU)."""
        reference = make_reference(packed[2:], CPU)
        liver = {name: float(reference.inputs[:, n][reference.liver].mean()) for n, name in enumerate(INPUTS)}
        assert liver["M40"] - liver["M80"] == pytest.approx(2 * (82.4 - 19.1), abs=10)
        assert liver["M60"] - liver["M80"] == pytest.approx(2 * (36.8 - 19.1), abs=5)

    def test_dose_changes_noise_as_its_root(self, packed):
        still = {
            "most_lesions": 0,
            "tissue_hu": 0.0,
            "iodine_level": 0.0,
            "iodine_unevenness": 0.0,
            "unenhanced_probability": 0.0,
        }
        fixed = {"kernel_lp_cm": [3.8, 3.8], "body_scale": [1.0, 1.0], "native_pixel_probability": 1.0}

        def batch(dose: float) -> torch.Tensor:
            config = tiny_config(bodies=still, scans={**fixed, "dose": [dose, dose]})
            return PairSource(config, packed[:2], CPU).batch(0, 0)[1]

        unlimited = batch(1e9)
        low, high = (float((batch(dose) - unlimited).std()) for dose in (1.0, 4.0))
        assert low / high == pytest.approx(2.0, rel=0.15)


class TestInputsOfAStep:
    def loss_of(self, **patches: object) -> StandardizerLoss:
        sizes = {"size_pixels": 32, "margin_pixels": 8}
        network = {"width": 8, "blocks": 1, "protocols": list(INPUTS)}
        config = tiny_config(network_config=network, patches={**sizes, "untold_fraction": 0.0, **patches})
        return StandardizerLoss(config)

    def seen(self, loss: StandardizerLoss) -> torch.Tensor:
        """Which of the protocols, patches of 0, 1, 2, ... at the start, the identity gives back, by step."""
        inputs = torch.arange(6.0)[None, :, None, None].expand(2, 6, 32, 32)
        steps = []
        for seed in range(200):
            torch.manual_seed(seed)
            made, wanted = loss.made_and_wanted(inputs, inputs[:, 5:])
            assert made.shape == wanted.shape
            steps.append(made.detach()[: made.shape[0] // 2, 0, 0, 0])
        return torch.stack(steps).long()

    def test_all_take_part_unless_told_otherwise(self):
        assert torch.equal(self.seen(self.loss_of()), torch.arange(6).expand(200, 6))

    def test_few_are_drawn_by_weight_and_none_twice(self):
        seen = self.seen(self.loss_of(inputs_per_step=2, input_weights={"M40": 20.0, "M80": 0.0}))
        assert seen.shape == (200, 2) and (seen[:, 0] != seen[:, 1]).all()
        times = torch.bincount(seen.flatten(), minlength=6)
        assert times[INPUTS.index("M40")] > 180 and times[INPUTS.index("M80")] == 0
        assert (times[[INPUTS.index(name) for name in ("FBP", "IR", "OPT", "M60")]] > 20).all()

    @pytest.mark.parametrize(
        "patches, said",
        [
            ({"input_weights": {"M41": 2.0}}, "input_weights' names 'M41'"),
            ({"input_weights": {"M40": -1.0}}, "input_weights.M40' must be 0 or more"),
            ({"inputs_per_step": 0}, "inputs_per_step' must be 1 to 6"),
            ({"inputs_per_step": 5, "input_weights": {"M40": 0.0, "IR": 0.0}}, "must be 1 to 4"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, patches, said):
        with pytest.raises(ConfigError, match=said):
            self.loss_of(**patches)

    def test_each_is_told_its_own_name(self):
        loss = self.loss_of(inputs_per_step=2)
        with torch.no_grad():
            for code in range(1, 7):  # a shift of ten times its code
                loss.network.line.weight[code] = torch.tensor([0.0, float(code)])
        seen = self.seen(loss)
        protocols = seen % 10
        assert torch.equal(seen, protocols + 10 * (protocols + 1))


def test_the_identity_measures_as_what_goes_in(packed):
    config = tiny_config()
    figures = measure(
        build("standardizer", {"width": 8, "blocks": 1}), make_reference(packed[2:], CPU), config.input
    )
    for name, row in figures["protocols"].items():
        assert row["after"]["liver_bias_hu"] == pytest.approx(row["before"]["liver_bias_hu"], abs=0.01), name
    assert figures["protocols"]["M80"]["after"]["mae_hu"] == pytest.approx(0, abs=1e-3)
    assert figures["largest_liver_bias_hu"] > 50


def test_an_interrupted_run_ends_bit_for_bit_as_an_uninterrupted_one(packed, tmp_path):
    config = tiny_config()
    whole = train(config, packed, tmp_path / "whole", CPU)
    part = train(config, packed, tmp_path / "part", CPU, stop_after_steps=2)
    rest = train(config, packed, tmp_path / "part", CPU)
    assert not part["finished"] and whole["finished"] and rest["finished"]
    expected, found = (load_file(tmp_path / run / "last.safetensors") for run in ("whole", "part"))
    assert expected.keys() == found.keys()
    assert all(np.array_equal(expected[name], found[name]) for name in expected)


class TestLearns:
    """A recipe may let parts of the network learn while the rest stays."""

    NETWORK = {"width": 8, "blocks": 1, "protocols": list(INPUTS), "bands": 2}

    def test_named_parts_alone(self, packed, tmp_path):
        config = tiny_config(network_config=self.NETWORK, learns=["bands"])
        torch.manual_seed(config.seed)  # as a fresh run begins
        before = StandardizerLoss(config).network.state_dict()
        train(config, packed, tmp_path / "run", CPU)
        after = load_file(tmp_path / "run" / "average.safetensors")
        changed = {name for name, value in after.items() if not np.array_equal(value, before[name])}
        assert changed == {"bands.weight"}

    def test_such_a_run_goes_on_where_it_was_interrupted(self, packed, tmp_path):
        config = tiny_config(network_config=self.NETWORK, learns=["bands", "line"])
        train(config, packed, tmp_path / "whole", CPU)
        train(config, packed, tmp_path / "part", CPU, stop_after_steps=2)
        train(config, packed, tmp_path / "part", CPU)
        whole, part = (load_file(tmp_path / run / "last.safetensors") for run in ("whole", "part"))
        assert all(np.array_equal(whole[name], part[name]) for name in whole)

    def test_parts_that_are_not_there(self, packed, tmp_path):
        with pytest.raises(ConfigError, match="'learns' names 'bands'; the network has stem, "):
            train(tiny_config(learns=["bands"]), packed, tmp_path / "run", CPU)


def test_the_loss_can_be_learned(packed):
    """One batch, again and again: the protocols come together."""
    network = {"width": 8, "blocks": 1, "protocols": list(INPUTS), "bands": 2}
    patches = {"size_pixels": 48, "margin_pixels": 8, "coarse_weight": 0.5, "untold_fraction": 0.0}
    trainer = make_trainer(tiny_config(network_config=network, patches=patches), packed, CPU)
    batch = trainer.batch(1, 0)  # of a liver with contrast
    optimizer = torch.optim.Adam(trainer.module.parameters(), 0.01)
    losses = []
    for _ in range(100):
        loss = trainer.module(*batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.4 * losses[0]  # noise that cannot be foreseen remains


def test_a_run_keeps_what_validation_found(packed, tmp_path):
    config = tiny_config(steps=2, validation={"every_steps": 1})
    summary = train(config, packed, tmp_path / "run", CPU)
    assert [row["step"] for row in summary["history"]] == [1, 2]
    assert set(summary["history"][0]["validation"]["protocols"]) == set(INPUTS)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert any("validation" in row for row in rows)


class TestMixture:
    def test_real_cts_are_drawn_as_often_as_the_recipe_says(self):
        bodies = [tiny_sections("phantom/1"), dataclasses.replace(tiny_sections("ct-x/1"), blurred=True)]
        source = PairSource(tiny_config(patches={"real_fraction": 0.25}), bodies, CPU)
        drawn = [source._section(Dice.for_step(CPU, 0, step)).blurred for step in range(400)]
        assert np.mean(drawn) == pytest.approx(0.25, abs=0.06)

    def test_phantoms_alone_will_do(self):
        source = PairSource(tiny_config(patches={"real_fraction": 1.0}), [tiny_sections("phantom/1")], CPU)
        assert not source._section(Dice.for_step(CPU, 0, 0)).blurred

    def test_what_a_scanner_has_blurred_is_not_blurred_again(self):
        body = tiny_sections("ct-x/1", "validation")
        sharp = make_reference([dataclasses.replace(body, blurred=True)], CPU).clean
        soft = make_reference([body], CPU).clean
        edge = [float((image[..., 1:] - image[..., :-1]).abs().max()) for image in (sharp, soft)]
        assert edge[0] > 1.1 * edge[1]


@pytest.mark.slow
def test_two_processes_train_together(packed, tmp_path):
    write_pack(
        tmp_path / "pack.npz", [encode_sections(one) for one in packed], {"cases": ["tiny/0", "tiny/1"]}
    )
    (tmp_path / "recipe.json").write_text(json.dumps(tiny_config(steps=2).to_dict()))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "livercnn_training.loop", "--config", str(tmp_path / "recipe.json")]
    command += ["--pack", str(tmp_path / "pack.npz"), "--out", str(tmp_path / "run"), "--device", "cpu"]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads((tmp_path / "run" / "last.json").read_text())["step"] == 2


def test_training_needs_nothing_beyond_torch_and_numpy():
    absent = ["SimpleITK", "scipy", "yaml", "safetensors", "jsonschema", "vtk", "matplotlib", "tensorboard"]
    code = f"import sys\nsys.modules.update(dict.fromkeys({absent}))\n"
    code += "import livercnn_training.loop, livercnn_training.trainers.protocols"
    done = subprocess.run([sys.executable, "-c", code], env=_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _environment() -> dict[str, str]:
    paths = [str(ROOT / name) for name in ("training", "LiverCore", "LiverSegmentCNN", "LiverStandardize")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


class TestPaper:
    def test_the_recipe_is_the_papers(self):
        config = load_config(CONFIGS / "standardizer-m80.yaml")
        assert config.patches.size_pixels == 256 and config.patches.texture_weight == 0
        per_epoch = config.schedule.steps_per_epoch
        assert config.steps == 200 * per_epoch
        assert config.network_config == {"width": 48, "blocks": 4}
        for epoch, rate in ((0, 1e-4), (100, 1e-4), (101, 0.95e-4), (199, 1e-4 * 0.95**99)):
            assert learning_rate(config, epoch * per_epoch + 1) == pytest.approx(rate)

    def test_the_optimizer_is_the_papers(self):
        config = load_config(CONFIGS / "standardizer-m80.yaml")
        optimizer = make_optimizer(config, build("standardizer", {"width": 8, "blocks": 1}))
        assert type(optimizer) is torch.optim.Adam
        assert all(g["betas"] == (0.9, 0.99) and g["weight_decay"] == 0 for g in optimizer.param_groups)

    def test_the_small_recipe_differs_in_size_alone(self):
        paper, small = (load_config(CONFIGS / f"standardizer-m80{end}.yaml") for end in ("", "-cpu"))
        assert small.network == paper.network and small.input.hu_window == paper.input.hu_window
        assert dataclasses.asdict(small.scans) == dataclasses.asdict(paper.scans)


def test_a_run_exports_a_bundle_that_verifies(packed, tmp_path):
    from livercnn_training.export import export_run
    from LiverCoreLib.registry import verify_model

    about = {"cases": ["phantom/1", "phantom/2"]}
    train(tiny_config(), packed, tmp_path / "run", CPU, about=about)
    texts = CONFIGS / "standardizer-m80.about.yaml"
    bundle = export_run(tmp_path / "run", texts, tmp_path / "tiny-standardizer", "configs/tiny.yaml")
    card = bundle.card
    assert (card.task, card.output.target_protocol, card.architecture.name) == (
        "standardize",
        "M80",
        "standardizer",
    )
    assert card.input.hu_window == (-200.0, 600.0) and card.training["data"][0]["cases"] == 2
    assert verify_model(tmp_path / "tiny-standardizer").golden_difference < 1e-4


def test_stripes_of_the_networks_blocks_are_seen_and_noise_is_not():
    torch.manual_seed(0)
    where = torch.ones(3, 64, 64, dtype=torch.bool)
    noise = 15 * torch.randn(3, 64, 64)
    stripes = torch.zeros(3, 64, 64)
    stripes[:, ::4] = 8.0  # one row in four: a mean of 2, a standard deviation of 3.6 over the 16 places
    assert grid_pattern_hu(noise + 5, where) < 1.5
    assert grid_pattern_hu(noise + stripes, where) == pytest.approx(3.6, abs=1.0)
