"""The standardizer's networks: size, identity at the start, and that a pixel depends on nothing far away."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from LiverStandardizeLib.networks import UnknownNetwork, build
from LiverStandardizeLib.networks.discriminator import Discriminator, DiscriminatorConfig
from LiverStandardizeLib.networks.generator import Generator, GeneratorConfig, channels_last, fine_bands


@pytest.fixture(autouse=True)
def _one_thread_and_seed():
    torch.manual_seed(0)
    torch.set_num_threads(1)


@pytest.fixture
def small() -> Generator:
    """A network that changes its input much, with a reach of 51 pixels."""
    network = Generator(GeneratorConfig(width=8, blocks=1))
    nn.init.normal_(network.head.weight, std=0.3)
    return network.eval()


def multiply_adds_per_pixel(network: nn.Module, size: int = 64) -> float:
    total = 0

    def count(layer: nn.Conv2d, _inputs: object, output: torch.Tensor) -> None:
        nonlocal total
        total += layer.weight.numel() * output.shape[-2] * output.shape[-1]

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        network(torch.zeros(1, 1, size, size))
    return total / size**2


def test_size_is_that_of_the_design() -> None:
    network = build("standardizer", {})
    weights = sum(parameter.numel() for parameter in network.parameters())
    assert weights == pytest.approx(0.75e6, rel=0.02)
    assert multiply_adds_per_pixel(network) == pytest.approx(46e3, rel=0.01)


def test_starts_as_the_identity() -> None:
    sections = torch.randn(2, 1, 37, 50)
    with torch.inference_mode():
        assert torch.equal(build("standardizer", {"width": 8, "blocks": 2})(sections), sections)


@pytest.mark.parametrize("size", [(1, 1), (3, 9), (4, 4), (31, 64), (65, 66)])
def test_any_size(small: Generator, size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert small(torch.randn(1, 1, *size)).shape == (1, 1, *size)


def test_four_pixels_further_is_the_same_four_pixels_further(small: Generator) -> None:
    sections = torch.randn(1, 1, 160, 168)
    inside = slice(small.reach_pixels + 4, -small.reach_pixels - 4)
    with torch.inference_mode():
        moved = small(sections.roll((4, -8), dims=(2, 3))).roll((-4, 8), dims=(2, 3))
        torch.testing.assert_close(
            moved[..., inside, inside], small(sections)[..., inside, inside], rtol=0, atol=1e-5
        )


def test_nothing_beyond_the_reach_matters(small: Generator) -> None:
    """The field of view may be cropped, or hold another body further off: HU stay."""
    sections = torch.randn(1, 1, 60, 200)
    with torch.inference_mode():
        full = small(sections)
        cropped = small(sections[..., :120])
        other = sections.clone()
        other[..., 120:] = 5 * torch.randn(80)
        changed = small(other)
    kept = 120 - small.reach_pixels
    assert kept > 60
    torch.testing.assert_close(cropped[..., :kept], full[..., :kept], rtol=0, atol=1e-5)
    torch.testing.assert_close(changed[..., :kept], full[..., :kept], rtol=0, atol=1e-5)
    assert not torch.allclose(changed[..., 100:120], full[..., 100:120], atol=1e-3)


def test_the_reach_is_no_larger_than_said_and_is_reached(small: Generator) -> None:
    section = torch.randn(1, 1, 8, 2 * 64 + 8, requires_grad=True)
    small(section)[0, 0, :, 64:68].sum().backward()
    assert section.grad is not None
    columns = section.grad.abs().sum(dim=(0, 1, 2)).nonzero().flatten()
    assert int(columns.min()) >= 64 - small.reach_pixels
    assert int(columns.min()) < 64 - small.reach_pixels + 4


def test_a_batch_is_its_sections(small: Generator) -> None:
    sections = torch.randn(3, 1, 45, 52)
    channels_last(small)
    with torch.inference_mode():
        one_by_one = torch.cat([small(one[None]) for one in sections])
        torch.testing.assert_close(small(sections), one_by_one, rtol=0, atol=1e-5)


@pytest.mark.parametrize("config", [{"width": 0}, {"blocks": 0}])
def test_impossible_sizes(config: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        build("standardizer", config)


@pytest.mark.parametrize("config", [{"bands": 2}, {"bands": -1}, {"bands": 6, "protocols": ["M40"]}])
def test_impossible_bands(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="bands must be 0 to 5"):
        build("standardizer", config)


class TestBands:
    """Bands of fine detail that a protocol weights."""

    def test_they_and_what_is_left_are_the_section(self) -> None:
        sections = torch.randn(2, 1, 40, 52).double()
        bands = fine_bands(sections, 3)
        assert bands.shape == (2, 3, 40, 52)
        coarse = sections - bands.sum(1, keepdim=True)
        # three smoothings of variance 1, 4 and 16 pixels squared leave 1 / (4 pi 21) of white noise's power
        assert float(coarse.var()) == pytest.approx(1 / (4 * torch.pi * 21), rel=0.6)

    @pytest.mark.parametrize("size", [(1, 1), (3, 50), (128, 128)])
    def test_a_plain_section_has_none(self, size: tuple[int, int]) -> None:
        assert fine_bands(torch.full((1, 1, *size), 7.0), 4).abs().max() < 1e-5

    def test_a_wave_lies_in_the_band_of_its_length(self) -> None:
        for level in range(4):
            period = 3.0 * 2**level
            wave = torch.cos(2 * torch.pi / period * torch.arange(256)).expand(1, 1, 256, 256)
            powers = fine_bands(wave, 4)[..., 64:192, 64:192].square().mean((0, 2, 3))
            assert int(powers.argmax()) == level

    def test_the_network_weights_them_by_protocol_alone(self) -> None:
        network = Generator(GeneratorConfig(width=8, blocks=1, protocols=("IR", "M80"), bands=2)).eval()
        sections = torch.randn(2, 1, 24, 24)
        with torch.no_grad():
            assert torch.equal(network(sections, torch.tensor([1, 2])), sections)
            network.bands.weight[1] = torch.tensor([0.05, 0.0])  # times TOLD_GAIN
            made = network(sections, torch.tensor([1, 2]))
        torch.testing.assert_close(made[:1], sections[:1] + 0.5 * fine_bands(sections[:1], 2)[:, :1])
        assert torch.equal(made[1], sections[1])


def test_unknown_names() -> None:
    with pytest.raises(UnknownNetwork, match="not one of standardizer"):
        build("pix2pix", {})
    with pytest.raises(UnknownNetwork, match="no setting 'widths'"):
        build("standardizer", {"widths": [8]})


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (33, 47)])
def test_the_discriminator_judges_every_pixel(size: tuple[int, int]) -> None:
    network = Discriminator(DiscriminatorConfig(width=4))
    assert network(torch.randn(2, 1, *size)).shape == (2, 1, *size)


def test_layers_of_the_discriminator_have_a_norm_of_one() -> None:
    network = Discriminator(DiscriminatorConfig(width=4))
    for _ in range(50):  # each pass in training mode is one step of the power iteration
        network(torch.randn(1, 1, 16, 16))
    for layer in [*network.down, *network.up, *network.last]:
        norm = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2)
        assert float(norm) == pytest.approx(1.0, abs=0.02)


def test_mixing_in_parts_is_mixing_side_by_side(small: Generator) -> None:
    sections = torch.randn(2, 1, 40, 52)
    with torch.no_grad():
        parts = small(sections)
        together = small.train()(sections)
    torch.testing.assert_close(parts, together, rtol=0, atol=1e-5)


class TestTold:
    """A network that can be told of protocols."""

    def _network(self) -> Generator:
        network = Generator(GeneratorConfig(width=8, blocks=2, protocols=("M40", "M80")))
        nn.init.normal_(network.head.weight, std=0.3)
        for block in network.blocks:
            nn.init.normal_(block.style.weight, std=0.03)
        nn.init.normal_(network.line.weight, std=0.03)
        return network.eval()

    def test_codes(self) -> None:
        network = self._network()
        assert [network.code_of(name) for name in ("M40", "M80", None, "T1")] == [1, 2, 0, 0]
        assert Generator(GeneratorConfig(width=8, blocks=1)).code_of("M40") == 0

    def test_protocols_make_a_difference_and_each_section_has_its_own(self) -> None:
        network, sections = self._network(), torch.randn(1, 1, 24, 24).expand(3, -1, -1, -1)
        with torch.inference_mode():
            answers = network(sections, torch.tensor([0, 1, 2]))
            for code, answer in enumerate(answers):
                torch.testing.assert_close(answer, network(sections[:1], torch.tensor([code]))[0])
            torch.testing.assert_close(answers[0], network(sections[:1])[0])  # nothing is known
        assert min((a - b).abs().max() for a, b in zip(answers, answers.roll(1, 0))) > 0.01

    def test_before_it_learned_protocols_make_none(self) -> None:
        network = Generator(GeneratorConfig(width=8, blocks=2, protocols=("M40", "M80")))
        nn.init.normal_(network.head.weight, std=0.3)
        sections = torch.randn(1, 1, 24, 24)
        with torch.inference_mode():
            assert torch.equal(network(sections, torch.tensor([1])), network(sections))

    def test_bundles_hold_their_names(self) -> None:
        network = build("standardizer", {"width": 8, "blocks": 1, "protocols": ["M40", "M80"]})
        assert network.code_of("M80") == 2
