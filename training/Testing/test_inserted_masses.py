"""Cysts that are put into scans, and how a network with a known rule takes them."""

from __future__ import annotations

import pytest
import torch

from livercnn_training.augment_intensity import Dice
from livercnn_training.config import InputContract
from livercnn_training.inserted_masses import insert_cyst, measure

SPACING_MM = 4.0


def scan() -> tuple[torch.Tensor, torch.Tensor]:
    """A liver of 110 HU, a ball of radius 60 mm, in tissue of 40 HU."""
    axes = torch.meshgrid(*(torch.arange(50.0) - 25 for _ in range(3)), indexing="ij")
    liver = (sum(axis**2 for axis in axes).sqrt() * SPACING_MM < 60).float()
    return 40.0 + 70.0 * liver, liver


class Bright(torch.nn.Module):
    """Calls liver what is above 75 HU in the window -150 to 250."""

    def probability(self, volume, *, pad_value):
        return (volume * 200 + 50 > 75).float()


@pytest.mark.parametrize("inside", [True, False])
def test_a_cyst_stays_on_its_side_of_the_outline(inside):
    hu, liver = scan()
    shown, cyst = insert_cyst(hu, liver, SPACING_MM, 30.0, inside, Dice.for_step(torch.device("cpu"), 1))
    changed = shown != hu
    assert changed.any()
    assert not changed[(liver > 0.5) != inside].any()
    assert shown[cyst > 0.9].mean() == pytest.approx(10, abs=30)
    volume_ml = float((cyst > 0.5).sum()) * SPACING_MM**3 / 1000
    assert 5 < volume_ml < 400  # 113 mL, uneven, less what lies beyond the outline


def test_shares_are_those_of_a_network_that_follows_brightness():
    hu, liver = scan()
    none = measure(Bright(), InputContract(SPACING_MM), hu, liver, torch.zeros_like(hu))
    assert (none.dice, none.share_called_liver) == (1.0, 0.0)
    shown, cyst = insert_cyst(hu, liver, SPACING_MM, 30.0, True, Dice.for_step(torch.device("cpu"), 1))
    dark = measure(Bright(), InputContract(SPACING_MM), shown, liver, cyst)
    assert dark.share_called_liver < 0.1
    assert dark.dice < 1.0
