"""Losses of the standardizer's training: what they ask for, and what does not matter to them."""

from __future__ import annotations

import pytest
import torch

from livercnn_training.standardizer.losses import coarse_loss, grid_loss, pixel_loss, texture_loss


class TestLosses:
    def test_texture_asks_for_the_amount_of_noise_not_its_place(self):
        torch.manual_seed(0)
        noise, other = 0.02 * torch.randn(2, 12, 1, 64, 64)
        least = float(texture_loss(noise, other))
        assert float(texture_loss(noise, noise)) == 0
        for factor in (0.0, 0.5, 0.8, 1.25, 2.0, 3.0):
            assert float(texture_loss(factor * noise, other)) > 1.05 * least
        assert float(texture_loss(0 * noise, other)) == pytest.approx(0.02, rel=0.3)

    def test_stripes_do_not_stand_in_for_noise(self):
        """As much made up in blocks of four pixels as is missing: worse than that it is missing."""
        torch.manual_seed(0)
        noise, other = 0.02 * torch.randn(2, 4, 1, 64, 64)
        stripes = torch.tensor([3.0, -1.0, -1.0, -1.0]).repeat(16) / 3**0.5
        striped = 0.6 * noise + 0.8 * 0.02 * stripes.expand_as(noise)
        assert float(striped.std()) == pytest.approx(float(other.std()), rel=0.05)
        assert float(texture_loss(striped, other)) > float(texture_loss(0.6 * noise, other))

    def test_what_repeats_with_the_blocks_of_pixels_is_found_and_noise_is_not(self):
        torch.manual_seed(0)
        noise, other = 0.02 * torch.randn(2, 2, 1, 128, 128)
        stripes = (0.005 * torch.tensor([3.0, -1.0, -1.0, -1.0]) / 3**0.5).repeat(32)
        found = [float(grid_loss(noise + pattern, other)) for pattern in (0.0, 0.3, stripes)]
        assert found[1] == pytest.approx(found[0], rel=1e-3)
        assert found[0] < 0.002 < 2 * found[0] < found[2]
        assert float(grid_loss(other[..., :50, :34], other[..., :50, :34] * 0)) > 0  # no multiple of an area

    def test_little_noise_counts_as_much_as_much_noise(self):
        torch.manual_seed(0)
        wanted = torch.randn(2, 1, 64, 64) * torch.tensor([0.01, 0.04])[:, None, None, None]

        def slope(number: int) -> float:
            """Of the loss, by the share of one image's noise that is missing."""
            share = torch.ones(2, 1, 1, 1)
            share[number] = 0.5
            return float(texture_loss(share * wanted, wanted))

        assert slope(0) == pytest.approx(slope(1), rel=0.2)

    def test_air_beside_it_changes_nothing_for_a_tissue(self):
        torch.manual_seed(0)
        wanted = 0.02 * torch.randn(1, 1, 64, 128)
        alone = float(texture_loss(0.5 * wanted, wanted))
        aired = torch.cat([wanted, torch.zeros(1, 1, 64, 128)], dim=-1)
        assert float(texture_loss(0.5 * aired, aired)) == pytest.approx(alone, rel=0.15)

    def test_texture_does_not_look_at_what_is_coarse(self):
        torch.manual_seed(0)
        noise = 0.02 * torch.randn(1, 1, 64, 64)
        ramp = torch.linspace(0, 0.2, 64).expand_as(noise)
        assert float(texture_loss(noise + 0.3, noise)) < 1e-4
        assert float(texture_loss(noise + ramp, noise)) < 0.05 * 0.02

    def test_coarse_means_are_compared_under_noise(self):
        torch.manual_seed(0)
        noise, other = 0.02 * torch.randn(2, 4, 1, 64, 64)
        assert float(coarse_loss(noise + 0.01, other)) == pytest.approx(0.01, rel=0.2)
        assert float(coarse_loss(noise, other)) < 0.005

    def test_noise_is_compared_without_the_edges_around_it(self):
        torch.manual_seed(0)
        noise, other = 0.02 * torch.randn(2, 4, 1, 64, 64)
        edges = torch.linspace(0, 40, 64).sin().sign().expand_as(noise) * (torch.arange(64) > 31)
        alone = float(texture_loss(0.5 * noise, other))
        beside = float(texture_loss(edges + 0.5 * noise, edges + other, edges))
        assert beside == pytest.approx(alone, rel=0.1)
        softer = float(texture_loss(0.5 * edges + 0.5 * noise, edges + other, edges))
        assert softer == pytest.approx(alone, rel=0.2)  # what is wrong with an edge is no noise
        assert float(texture_loss(0.5 * edges + 0.5 * noise, edges + other)) > 5 * alone

    @pytest.mark.parametrize("loss", [pixel_loss, coarse_loss])
    def test_weights_say_what_counts(self, loss):
        wanted = torch.zeros(1, 1, 32, 32)
        made, weights = wanted.clone(), torch.ones_like(wanted)
        made[..., :16], weights[..., :16] = 1.0, 3.0
        assert float(loss(made, wanted)) == pytest.approx(0.5)
        assert float(loss(made, wanted, weights)) == pytest.approx(0.75)

    @pytest.mark.parametrize("loss", [pixel_loss, texture_loss, coarse_loss])
    def test_there_is_a_slope_everywhere(self, loss):
        image = torch.zeros(1, 1, 32, 32, requires_grad=True)
        loss(image, torch.zeros(1, 1, 32, 32)).backward()
        assert image.grad is not None and image.grad.isfinite().all()
