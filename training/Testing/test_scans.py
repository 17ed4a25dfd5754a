"""Training sees scans as inference does: the same grid arithmetic, the same lattice, labels in place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_scans import tiny_case

from livercnn_training.augment_geometry import Placement, random_placement
from livercnn_training.augment_intensity import Dice, augment_hu
from livercnn_training.config import Augmentation, config_from_dict
from livercnn_training.data.pack import level_values
from livercnn_training.losses import soft_dice_loss
from livercnn_training.scans import AIR_HU, load_scan, sample, whole_placement
from livercnn_training.trainers.segments import SegmentTrainer, make_active
from LiverSegmentCNNLib.networks.deepmedic3 import segment_inputs
from LiverSegmentCNNLib.resampling import axis_matrix

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def test_sampling_is_what_inference_resamples():
    """Training's smoothing and interpolation agree with LiverSegmentCNNLib.resampling inside the scan."""
    case, target = tiny_case("a", 0), 6.0
    scan = load_scan(case, target, CPU)
    hu, _ = sample(scan, whole_placement(scan, target))
    volume = level_values()[case.levels].astype(np.float64)
    for axis, spacing in enumerate(case.spacing_mm):
        matrix = axis_matrix(volume.shape[axis], spacing, hu.shape[axis], target)
        volume = np.moveaxis(np.tensordot(matrix, volume, (1, axis)), 0, axis)
    inner = (slice(1, -1),) * 3
    assert np.abs(volume - hu.numpy())[inner].max() < 2.0  # half floats and truncated kernels


@settings(max_examples=20)
@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(-20, 20), st.integers(0, 2**31))
def test_image_and_label_move_together(dz, dy, dx, seed):
    scan = load_scan(tiny_case("a", 1), 5.0, CPU)
    centre = tuple(e / 2 + d for e, d in zip(scan.extent_mm, (dz, dy, dx)))
    generator = torch.Generator().manual_seed(seed)
    hu, liver = sample(scan, random_placement((20, 24, 24), 5.0, centre, Augmentation(), generator))
    if (liver > 0.99).sum() > 50:
        assert hu[liver > 0.99].mean() == pytest.approx(120, abs=6)
    assert hu[liver < 0.01].mean() < 60


def test_outside_a_scan_is_air_without_liver():
    scan = load_scan(tiny_case("a", 1), 5.0, CPU)
    hu, liver = sample(scan, Placement((8, 8, 8), 5.0, (-500.0, 0.0, 0.0)))
    assert (hu == AIR_HU).all() and (liver == 0).all()


def test_an_augmented_scan_is_repeatable_and_within_its_clip():
    scan = load_scan(tiny_case("a", 2), 5.0, CPU)
    hu, liver = sample(scan, whole_placement(scan, 5.0))
    always = Augmentation(
        noise_probability=1, blur_probability=1, thick_slice_probability=1, lesion_probability=1,
        neighbour_mass_probability=1, lower_clip_hu=(-125.0,), upper_clip_hu=(160.0,),
    )  # fmt: skip
    first, second, other = (augment_hu(hu, liver, 5.0, always, Dice.for_step(CPU, 1, n)) for n in (5, 5, 6))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.isfinite(first).all() and first.min() >= -125 and first.max() <= 160
    assert not torch.equal(first, hu)


def test_no_augmentation_changes_nothing_but_the_clip():
    scan = load_scan(tiny_case("a", 2), 5.0, CPU)
    hu, liver = sample(scan, whole_placement(scan, 5.0))
    none = Augmentation(
        shift_hu=(0.0, 0.0), contrast=0.0, fat_shift_hu=0.0, liver_shift_hu=0.0, liver_contrast=0.0,
        noise_probability=0.0, blur_probability=0.0, thick_slice_probability=0.0, lower_clip_hu=(-2000.0,),
        upper_clip_hu=(2000.0,), lesion_probability=0.0, neighbour_mass_probability=0.0,
    )  # fmt: skip
    assert torch.allclose(augment_hu(hu, liver, 5.0, none, Dice.for_step(CPU, 0)), hu, atol=1e-3)


def segment_config(**segments: object):
    return config_from_dict(
        {
            "name": "t", "network": "deepmedic3", "trainer": "segments", "steps": 1, "batch_size": 2,
            "network_config": {"fine": [4, 4], "coarse": [4, 4], "joined": 8},
            "input": {"spacing_mm": 4.0}, "segments": {"output_voxels": 30, "active_scans": 2, **segments},
        }
    )  # fmt: skip


def test_training_segments_are_those_of_dense_inference():
    """A segment cut from the pyramid equals one cut from the padded volume by definition."""
    config = segment_config()
    volume = torch.rand(45, 60, 45)
    active = make_active(volume, torch.zeros_like(volume), config)
    padded = F.pad(volume, (150,) * 6, value=config.input.pad_value)
    expected = segment_inputs(padded, (150 + 15, 150 + 30, 150), 30)
    for volume_at_scale, scale, wanted in zip(active.pyramid, (1, 5, 15), expected):
        start = [c * 15 // scale for c in (1, 2, 0)]
        size = wanted.shape[-1]
        found = volume_at_scale[tuple(slice(s, s + size) for s in start)]
        assert torch.allclose(found, wanted[0, 0], atol=1e-5)


@pytest.mark.parametrize("coarse_only", [False, True])
def test_a_batch_has_the_shapes_that_the_network_wants(coarse_only):
    trainer = SegmentTrainer(segment_config(coarse_only=coarse_only), [tiny_case("a", 0)], CPU)
    p1, p2, p3, liver = trainer.batch(0, 0)
    edge = 18 if coarse_only else 30
    assert p1.shape[-1] == (0 if coarse_only else 50)
    assert p2.shape == (2, 1, 26, 26, 26) and p3.shape == (2, 1, 22, 22, 22)
    assert liver.shape == (2, 1, edge, edge, edge)
    assert torch.isfinite(trainer.module(p1, p2, p3, liver))


def test_frozen_coarse_pathways_do_not_change():
    trainer = SegmentTrainer(segment_config(coarse_frozen=True), [tiny_case("a", 0)], CPU)
    module = trainer.module.train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in module.parameters() if p.requires_grad], 0.1)
    module(*trainer.batch(0, 0)).backward()
    optimizer.step()
    changed = {name for name, value in module.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    assert not any(name.split(".")[1] in ("p2", "p3", "join2", "join3", "coarse_head") for name in changed)


def test_soft_dice_loss_of_known_overlaps():
    target = torch.zeros(1, 1, 10, 10, 10)
    target[..., :5] = 1
    perfect = torch.where(target > 0, 50.0, -50.0)
    assert soft_dice_loss(perfect, target, smooth=0.0) == pytest.approx(0.0, abs=1e-6)
    assert soft_dice_loss(-perfect, target, smooth=0.0) == pytest.approx(1.0, abs=1e-6)
    everything = torch.full_like(target, 50.0)
    assert soft_dice_loss(everything, target, smooth=0.0) == pytest.approx(1 - 2 / 3, abs=1e-6)
