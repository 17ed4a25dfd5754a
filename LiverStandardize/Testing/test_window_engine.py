"""Windows of sections: what the engine for whole sections shows there, at any pixel size."""

from __future__ import annotations

import pytest
import torch

from LiverStandardizeLib.simulation.checks.objects import Lattice, plain_abdomen
from LiverStandardizeLib.simulation.image_engine.engine import ImageEngine
from LiverStandardizeLib.simulation.image_engine.windows import WindowEngine

SIZE, PIXEL_MM, WINDOW = 128, 3.0, 48
INSIDE = (..., slice(12, -12), slice(12, -12))


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def maps() -> torch.Tensor:
    return torch.as_tensor(plain_abdomen(Lattice(SIZE, PIXEL_MM)).maps)[:1].float()


def window_of(images: torch.Tensor, left: int, top: int) -> torch.Tensor:
    return images[..., top : top + WINDOW, left : left + WINDOW]


def test_a_window_is_a_part_of_its_section(maps):
    whole = ImageEngine(SIZE, PIXEL_MM).scan(maps)
    left, top = 30, 44
    middle = torch.tensor(
        [[(left + WINDOW / 2 - SIZE / 2) * PIXEL_MM, (top + WINDOW / 2 - SIZE / 2) * PIXEL_MM]]
    )
    window = WindowEngine(SIZE * PIXEL_MM, WINDOW, PIXEL_MM)
    part = window.draw(window.prepare_windows(maps, middle))
    torch.testing.assert_close(
        part.signal[INSIDE], window_of(whole.signal, left, top)[INSIDE], rtol=0, atol=1.0
    )
    torch.testing.assert_close(part.iodine_hu, whole.iodine_hu)


def test_its_noise_is_that_of_the_place(maps):
    generator = torch.Generator().manual_seed(0)
    draws = 12
    whole = ImageEngine(SIZE, PIXEL_MM).scan(maps.expand(draws, -1, -1, -1), generator)
    window = WindowEngine(SIZE * PIXEL_MM, WINDOW, PIXEL_MM)
    prepared = window.prepare_windows(maps.expand(draws, -1, -1, -1), torch.zeros(draws, 2))
    part = window.draw(prepared, generator)
    start = (SIZE - WINDOW) // 2
    for beam in range(2):
        expected = float(window_of(whole.noise, start, start)[:, beam].std())
        assert float(part.noise[:, beam].std()) == pytest.approx(expected, rel=0.05)


def test_smaller_pixels_show_the_same_hu(maps):
    window = WindowEngine(SIZE * PIXEL_MM, WINDOW, PIXEL_MM / 2)
    fine = window.draw(window.prepare_windows(maps, torch.zeros(1, 2))).signal
    whole = ImageEngine(SIZE, PIXEL_MM).scan(maps).signal
    start = (SIZE - WINDOW // 2) // 2
    coarse = whole[..., start : start + WINDOW // 2, start : start + WINDOW // 2]
    assert fine[INSIDE].mean() == pytest.approx(float(coarse[..., 6:-6, 6:-6].mean()), abs=2.0)
