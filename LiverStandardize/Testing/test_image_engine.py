"""The fast engine: laws of its transfer and noise, and that it agrees with the projection engine."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from LiverStandardizeLib.simulation.checks.measures import row_share
from LiverStandardizeLib.simulation.checks.objects import Lattice, iodine_cylinder
from LiverStandardizeLib.simulation.image_engine import ImageEngine
from LiverStandardizeLib.simulation.image_engine.transfer import sector_windows, transfer_of
from LiverStandardizeLib.simulation.physics import Scanner
from LiverStandardizeLib.simulation.projection import ParallelBeam, ProjectionEngine

torch.set_num_threads(1)

PIXEL_MM = 2.0
SIZE = 96


@pytest.fixture(scope="module")
def cylinder():
    return iodine_cylinder(Lattice(SIZE, PIXEL_MM), 160.0, (2.0, 4.0))


@pytest.fixture(scope="module")
def engine():
    return ImageEngine(SIZE, PIXEL_MM)


def draws(engine, maps, count=8):
    """Noise (count, 2, y, x) of one section."""
    many = maps.expand(count, -1, -1, -1)
    return engine.scan(many, torch.Generator().manual_seed(0)).noise


# --- transfer ---------------------------------------------------------------------------------------------


def test_sectors_share_every_direction():
    directions = torch.linspace(-math.pi, math.pi, 500)
    torch.testing.assert_close(sector_windows(directions).sum(0), torch.ones(500))


@pytest.mark.parametrize("size", [64, 65])
def test_noise_filters_keep_the_variance_of_white_noise(size):
    geometry = ParallelBeam.covering(size, 0.9)
    response = transfer_of(geometry, 3.8, torch.device("cpu")).noise
    impulses = torch.fft.irfft2(response.to(torch.complex64), s=(size, size))
    assert float(impulses.square().sum()) == pytest.approx(1.0, rel=1e-4)


def test_noise_has_no_mean_and_signal_keeps_its_own():
    transfer = transfer_of(ParallelBeam.covering(64, 0.9), 3.8, torch.device("cpu"))
    assert float(transfer.signal[0, 0]) == 1.0
    assert float(transfer.noise[:, 0, 0].abs().max()) < 1e-4
    assert float(transfer.signal.min()) >= 0
    assert float(transfer.signal.max()) == 1.0


# --- signal -----------------------------------------------------------------------------------------------


def test_water_is_zero_and_air_is_not(engine, cylinder):
    signal = engine.scan(cylinder.maps).signal[0]
    for mask in (cylinder.centre, cylinder.rim):
        assert float(signal[:, torch.as_tensor(mask)].mean(1).abs().max()) < 1.0
    assert float(signal[:, 0, 0].max()) < -990


def test_iodine_is_worth_more_where_less_lies_around_it():
    lattice = Lattice(SIZE, PIXEL_MM)
    water = lattice.disc((0, 0), 80)
    worth = []
    for place in ((0.0, 0.0), (62.0, 0.0)):
        maps = torch.as_tensor(np.stack([water, 0 * water, lattice.disc(place, 8)])[None])
        signal = ImageEngine(SIZE, PIXEL_MM, replace(Scanner(), bowtie_cm=0.0)).scan(maps).signal
        worth.append(float(signal[0, 0][torch.as_tensor(lattice.disc(place, 3) == 1)].mean()))
    assert worth[1] > 1.01 * worth[0]


# --- noise ------------------------------------------------------------------------------------------------


def test_noise_falls_with_the_root_of_the_dose(cylinder):
    quiet = replace(Scanner(), electronic_noise_photons=0.0)
    louder = replace(quiet, low_mas=quiet.low_mas / 4)
    amount = [ImageEngine(SIZE, PIXEL_MM, one).prepare(cylinder.maps).noise_hu for one in (quiet, louder)]
    torch.testing.assert_close(amount[1][:, 0], 2 * amount[0][:, 0])
    torch.testing.assert_close(amount[1][:, 1], amount[0][:, 1])


def test_thick_slices_are_quieter(cylinder):
    quiet = replace(Scanner(), electronic_noise_photons=0.0)
    amount = [
        ImageEngine(SIZE, PIXEL_MM, replace(quiet, slice_mm=one)).prepare(cylinder.maps).noise_hu
        for one in (1.0, 4.0)
    ]
    torch.testing.assert_close(amount[0], 2 * amount[1])


def test_a_body_is_noisier_in_its_middle(engine, cylinder):
    noise = draws(engine, cylinder.maps)
    centre, rim = (noise[:, 0][:, torch.as_tensor(mask)].std() for mask in (cylinder.centre, cylinder.rim))
    assert centre > 1.1 * rim


def test_noise_runs_along_the_longer_way(engine):
    """Views along a wide body are the noisy ones: their noise changes from row to row."""
    lattice = Lattice(SIZE, PIXEL_MM)
    water = lattice.ellipse((0, 0), (90, 45))
    maps = torch.as_tensor(np.stack([water, 0 * water, 0 * water])[None])
    assert row_share(draws(engine, maps)[:, 0, 36:60, 36:60], PIXEL_MM) > 1.5


def test_the_two_beams_have_noise_of_their_own(engine, cylinder):
    noise = draws(engine, cylinder.maps)
    body = cylinder.maps[0, 0] == 1
    correlation = torch.corrcoef(noise[:, :, body].transpose(0, 1).flatten(1))[0, 1]
    assert abs(float(correlation)) < 0.03


def test_a_seed_is_a_noise_and_draws_share_the_signal(engine, cylinder):
    prepared = engine.prepare(cylinder.maps)
    one, same, other = (engine.draw(prepared, torch.Generator().manual_seed(seed)) for seed in (5, 5, 6))
    assert torch.equal(one.noise, same.noise)
    assert not torch.equal(one.noise, other.noise)
    assert not engine.draw(prepared).noise.any()


def test_a_batch_is_its_sections(engine, cylinder):
    small = iodine_cylinder(Lattice(SIZE, PIXEL_MM), 110.0, (3.0,)).maps
    both = engine.prepare(torch.cat([cylinder.maps, small]))
    alone = engine.prepare(small)
    torch.testing.assert_close(both.signal[1:], alone.signal, atol=1e-2, rtol=1e-4)
    torch.testing.assert_close(both.noise_hu[1:], alone.noise_hu, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(both.iodine_hu[1:], alone.iodine_hu)


@pytest.mark.parametrize("shape", [(3, SIZE, SIZE), (1, 2, SIZE, SIZE), (1, 3, SIZE, 2 * SIZE)])
def test_other_maps_are_refused(engine, shape):
    with pytest.raises(ValueError, match="must be"):
        engine.scan(torch.ones(shape))


# --- agreement --------------------------------------------------------------------------------------------


def test_both_engines_show_the_same(engine, cylinder):
    """At low resolution, so that it takes a second; `livercnn phantom --verify` does it in full."""
    projection = ProjectionEngine(SIZE, PIXEL_MM)
    prepared = projection.prepare(cylinder.maps)
    fast, slow = engine.scan(cylinder.maps), projection.draw(prepared)
    for mask in cylinder.inserts:
        inside = torch.as_tensor(mask)
        torch.testing.assert_close(
            fast.signal[0][:, inside].mean(1), slow.signal[0][:, inside].mean(1), rtol=0.02, atol=1.0
        )
    generator = torch.Generator().manual_seed(0)
    body = torch.as_tensor(Lattice(SIZE, PIXEL_MM).disc((0, 0), 60) == 1)
    noise = torch.cat([projection.draw(prepared, generator).noise for _ in range(2)])
    wanted = noise[:, :, body].std(dim=(0, 2))
    found = draws(engine, cylinder.maps)[:, :, body].std(dim=(0, 2))
    torch.testing.assert_close(found, wanted, rtol=0.08, atol=0)
