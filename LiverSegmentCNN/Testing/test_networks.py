"""The networks: their arithmetic, and that whole-volume inference is what the definition says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LiverCoreLib.errors import Cancelled
from LiverSegmentCNNLib.median import median3
from LiverSegmentCNNLib.networks import UnknownNetwork, build
from LiverSegmentCNNLib.networks.deepmedic3 import (
    PAPER,
    DeepMedic3,
    input_sizes,
    margins,
    segment_inputs,
)
from LiverSegmentCNNLib.networks.layers import fold_network
from LiverSegmentCNNLib.networks.unet3d import fold, unfold

PAD = -0.2


@pytest.fixture(autouse=True)
def _one_thread_and_seed():
    torch.manual_seed(0)
    torch.set_num_threads(1)


def small_deepmedic() -> DeepMedic3:
    network = build(
        "deepmedic3", {"fine": [4, 8], "coarse": [8, 8], "joined": 8, "dropout": 0.5, "folded_norm": True}
    )
    # Spread the logits: with near-constant output an error in the lattice would not show.
    with torch.no_grad():
        network.classifier.weight.mul_(20)
        network.coarse_head.weight.mul_(20)
    return network.eval()


def small_unet() -> torch.nn.Module:
    return build("unet3d", {"widths": [8, 8, 16]})


def tiled_probability(network: DeepMedic3, volume: torch.Tensor) -> torch.Tensor:
    """The definition: 15^3 segments of the volume padded by 150 voxels, one after the other."""
    sizes = volume.shape
    padding = [p for n in reversed(sizes) for p in (150, 150 + (-n) % 15)]
    padded = F.pad(volume, padding, value=PAD)
    result = torch.zeros([n + (-n) % 15 for n in sizes])
    with torch.inference_mode():
        for corner in np.ndindex(*(n // 15 for n in result.shape)):
            start = tuple(15 * c for c in corner)
            inputs = segment_inputs(padded, tuple(150 + s for s in start))
            result[tuple(slice(s, s + 15) for s in start)] = torch.sigmoid(network(*inputs))[0, 0]
    return result[tuple(slice(0, n) for n in sizes)]


def sure_but_for(cell: tuple[int, int, int]):
    """A coarse head that excludes liver but in one cell."""

    def coarse_logits(context: torch.Tensor) -> torch.Tensor:
        logits = torch.full((1, 1, *context.shape[2:]), -9.0)
        logits[(0, 0, *cell)] = 0.0
        return logits

    return coarse_logits


class TestDeepMedic:
    def test_inputs_and_margins_are_the_papers(self):
        assert input_sizes(15) == (35, 23, 21)
        assert input_sizes(45) == (65, 29, 23)
        assert margins() == (10, 50, 150)
        with pytest.raises(ValueError, match="multiple of 15"):
            input_sizes(20)

    def test_standard_widths_have_1_39_million_parameters(self):
        network = build("deepmedic3", {"folded_norm": True})
        assert sum(p.numel() for p in network.parameters()) == 1_386_530

    def test_paper_widths_build_and_run(self):
        network = DeepMedic3(PAPER).eval()
        inputs = [torch.randn(1, 1, n, n, n) for n in input_sizes(15)]
        with torch.inference_mode():
            assert network(*inputs).shape == (1, 1, 15, 15, 15)
        assert network.second.out_channels == 150

    def test_dense_equals_tiling(self):
        network, volume = small_deepmedic(), 0.1 * torch.randn(31, 62, 40)
        dense = network.probability(volume, pad_value=PAD, everywhere=True)
        assert dense.std() > 0.01
        assert torch.allclose(dense, tiled_probability(network, volume), atol=1e-5)

    def test_dense_does_not_depend_on_the_tiles(self, monkeypatch):
        from LiverSegmentCNNLib.networks import deepmedic3_dense

        network, volume = small_deepmedic(), 0.1 * torch.randn(30, 50, 64)
        whole = network.probability(volume, pad_value=PAD)
        monkeypatch.setattr(deepmedic3_dense, "LARGEST_TILE", 20)
        assert torch.allclose(whole, network.probability(volume, pad_value=PAD), atol=1e-6)

    def test_region_limits_work_and_changes_nothing_inside(self):
        network, volume = small_deepmedic(), 0.1 * torch.randn(40, 60, 50)
        region = torch.zeros(volume.shape, dtype=torch.bool)
        region[10:20, 30:50, 22:41] = True
        whole = network.probability(volume, pad_value=PAD)
        part = network.probability(volume, pad_value=PAD, region=region)
        assert torch.allclose(whole[region], part[region], atol=1e-6)
        assert (part == 0).float().mean() > 0.8

    def test_the_fine_pathway_does_not_run_where_the_coarse_head_excludes_liver(self):
        network, volume = small_deepmedic(), 0.1 * torch.randn(45, 105, 105)
        everywhere = network.probability(volume, pad_value=PAD, everywhere=True)
        with torch.no_grad():
            network.coarse_head.weight.zero_()
            network.coarse_head.bias.fill_(-6.0)  # a probability of .0025
        assert network.probability(volume, pad_value=PAD).max() == 0
        network.coarse_logits = sure_but_for((4, 10, 10))
        part = network.probability(volume, pad_value=PAD).clone()
        near = (slice(5, 40), slice(35, 70), slice(35, 70))  # three cells around, of five voxels
        assert torch.allclose(part[near], everywhere[near], atol=1e-6)
        part[near] = 0
        assert part.max() == 0

    def test_fast_lets_the_coarse_head_decide_where_it_is_sure(self):
        network, volume = small_deepmedic(), 0.1 * torch.randn(30, 45, 45)
        with torch.no_grad():
            network.coarse_head.weight.zero_()
            network.coarse_head.bias.fill_(-20.0)
        assert network.probability(volume, pad_value=PAD, fast=True).max() < 1e-6
        with torch.no_grad():
            network.coarse_head.bias.fill_(0.0)  # undecided everywhere: P1 runs everywhere
        fast = network.probability(volume, pad_value=PAD, fast=True)
        assert torch.allclose(fast, network.probability(volume, pad_value=PAD), atol=1e-6)

    def test_cancelling_leaves_between_tiles(self):
        def stop(fraction: float, message: str) -> None:
            if fraction > 0.1:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            small_deepmedic().probability(torch.zeros(20, 20, 20), pad_value=PAD, progress=stop)


class TestUNet:
    def test_unfold_is_the_inverse_of_fold(self):
        x = torch.randn(2, 3, 4, 6, 8)
        assert torch.equal(unfold(fold(x)), x)

    @pytest.mark.parametrize("size", [(8, 8, 8), (9, 11, 7), (1, 5, 30)])
    def test_any_size_goes_through(self, size):
        probability = fold_network(small_unet()).probability(torch.randn(size), pad_value=-1.0)
        assert probability.shape == size
        assert 0 <= probability.min() and probability.max() <= 1

    def test_probability_is_the_sigmoid_of_the_training_path(self):
        network = fold_network(small_unet())
        volume = torch.randn(16, 12, 20)
        with torch.inference_mode():
            expected = torch.sigmoid(network(volume[None, None]))[0, 0]
        assert torch.allclose(network.probability(volume, pad_value=-1.0), expected, atol=1e-6)

    def test_what_lies_beyond_an_odd_end_does_not_move_the_rest(self):
        """A volume of odd size gives, away from its end, what a longer one gives."""
        network = fold_network(build("unet3d", {"widths": [8, 8, 8]}))
        volume = torch.randn(64, 64, 96)
        whole = network.probability(volume, pad_value=-1.0)
        part = network.probability(volume[:, :, :90], pad_value=-1.0)  # 45, 23 and 12 coarse voxels
        assert torch.allclose(part[:, :, :40], whole[:, :, :40], atol=1e-4)
        assert whole.std() > 1e-3

    def test_the_input_is_left_alone(self):
        volume = torch.randn(8, 8, 8)
        before = volume.clone()
        fold_network(small_unet()).probability(volume, pad_value=-1.0)
        assert torch.equal(volume, before)


@pytest.mark.parametrize("name", ["unet3d", "deepmedic3"])
def test_folding_the_norms_changes_nothing(name):
    config = {"widths": [8, 8]} if name == "unet3d" else {"fine": [4, 4], "coarse": [4, 4], "joined": 8}
    network = build(name, config)
    inputs = (
        [torch.randn(2, 1, 16, 16, 16)]
        if name == "unet3d"
        else [torch.randn(2, 1, n, n, n) for n in input_sizes(15)]
    )
    network.train()
    for _ in range(5):  # give the norms statistics of their own
        network(*[3 * x + 1 for x in inputs])
    network.eval()
    folded = fold_network(network)
    with torch.inference_mode():
        assert torch.allclose(network(*inputs), folded(*inputs), atol=1e-4)
    loaded = build(name, {**config, "folded_norm": True})
    loaded.load_state_dict(folded.state_dict(), strict=True)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNetwork, match="not one of deepmedic3, unet3d"):
        build("os.system", {})
    with pytest.raises(UnknownNetwork, match="no setting 'width'"):
        build("unet3d", {"width": [8]})


class TestMedian:
    @settings(max_examples=25)
    @given(
        st.tuples(st.integers(1, 6), st.integers(1, 7), st.integers(1, 8)),
        st.integers(0, 2**31 - 1),
        st.sampled_from([np.float32, np.int16]),
    )
    def test_equals_scipy(self, shape, seed, kind):
        values = np.random.default_rng(seed).integers(-50, 50, shape).astype(kind)
        expected = ndimage.median_filter(values, 3, mode="nearest")
        assert np.array_equal(median3(torch.from_numpy(values)).numpy(), expected)

    def test_slabs_do_not_show(self, monkeypatch):
        from LiverSegmentCNNLib import median

        volume = torch.randn(12, 9, 10)
        whole = median3(volume)
        monkeypatch.setattr(median, "_CPU_SLAB_VOXELS", 100)
        assert torch.equal(median3(volume), whole)
