"""Lesions that are drawn into training sections."""

from __future__ import annotations

import pytest
import torch

from livercnn_training.augment_intensity import Dice
from livercnn_training.standardizer.lesions import IODINE, KINDS, WATER, draw_lesion

CPU = torch.device("cpu")


class TestLesions:
    BOX = (30, 34, 30, 34)

    @pytest.fixture
    def liver(self) -> torch.Tensor:
        return torch.tensor([1.048, 2.25, 2.0])[:, None, None].expand(3, 64, 64).clone()

    def test_shares_make_a_whole(self):
        assert sum(kind.share for kind in KINDS.values()) == pytest.approx(1)
        assert all(0 <= kind.rimmed <= 1 and kind.uptake[0] >= 0 for kind in KINDS.values())

    def test_only_soft_tissue_inside_the_ellipse_is_changed(self, liver):
        soft = torch.ones(64, 64, dtype=torch.bool)
        soft[:, 32:] = False
        for number in range(20):
            maps = liver.clone()
            draw_lesion(maps, soft, self.BOX, 6.0, Dice.for_step(CPU, number))
            changed = (maps != liver).any(0)
            assert not changed[:, 32:].any() and not changed[:20].any() and not changed[44:].any()
            assert changed[30:34, 29:32].all()
            assert maps.isfinite().all() and (maps[IODINE] >= 0).all()

    def test_what_takes_up_less_is_more_watery(self, liver):
        """Contrast at 80 keV goes with that at 40 keV more steeply below the liver's HU, on average."""
        worth = torch.tensor([82.4, 19.1])
        soft, found = torch.ones(64, 64, dtype=torch.bool), []
        for number in range(400):
            maps = liver.clone()
            draw_lesion(maps, soft, self.BOX, 10.0, Dice.for_step(CPU, number))
            water, iodine = ((maps - liver)[place, 32, 32] for place in (WATER, IODINE))
            found.append(1000 * water + iodine * worth)
        low, high = torch.stack(found).T
        darker, brighter = low < -20, low > 20
        assert darker.sum() > 200 and brighter.sum() > 50
        assert float(high[darker].sum() / low[darker].sum()) > 0.3
        assert float(high[brighter].sum() / low[brighter].sum()) < 0.27
