"""The six reconstructions of images whose water, iodine and noise are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from LiverStandardizeLib.simulation.checks.measures import (
    edge_mtf50_lp_cm,
    mean_frequency_lp_cm,
    noise_power,
    row_share,
)
from LiverStandardizeLib.simulation.checks.objects import Lattice
from LiverStandardizeLib.simulation.physics import iodine_hu_per_mg_ml
from LiverStandardizeLib.simulation.protocols import (
    PROTOCOLS,
    EnergyImages,
    Settings,
    decompose,
    make_protocols,
)
from LiverStandardizeLib.simulation.protocols.filters import gaussian_blur, slope_hu_per_mm
from LiverStandardizeLib.simulation.protocols.iterative import NOISE_TAKEN, iterative
from LiverStandardizeLib.simulation.protocols.mixing import (
    LOW_SHARE,
    OPTIMUM_CENTRE_HU,
    optimum_contrast,
)

torch.set_num_threads(1)

PIXEL_MM = 0.8
KERNEL_LP_CM = 3.8
WORTH = (50.0, 12.3)
CLASSIC = Settings(classic_monoenergetic=True)


def images_of(water_hu: torch.Tensor, iodine_mg_ml: torch.Tensor, noise: torch.Tensor | None = None):
    """A scan (n, 2, y, x) of known water and iodine (n, y, x)."""
    signal = torch.stack([water_hu + iodine_mg_ml * worth for worth in WORTH], dim=1)
    noise = torch.zeros_like(signal) if noise is None else noise
    return EnergyImages(signal, noise, torch.tensor([WORTH] * len(signal)), PIXEL_MM)


def flat(iodine_mg_ml: float, noise: torch.Tensor | None = None, size: int = 96):
    water = torch.full((1 if noise is None else len(noise), size, size), 50.0)
    return images_of(water, torch.full_like(water, iodine_mg_ml), noise)


def scanner_like_noise(count: int, size: int = 96, sigma_hu: tuple[float, float] = (12.0, 14.0)):
    """Noise (count, 2, y, x) with the power of filtered back-projection, f A(f)^2."""
    generator = torch.Generator().manual_seed(3)
    white = torch.randn(count, 2, size, size, generator=generator)
    axis = torch.fft.fftfreq(size, PIXEL_MM / 10)
    frequency = torch.hypot(axis[:, None], torch.fft.rfftfreq(size, PIXEL_MM / 10)[None, :])
    response = frequency.sqrt() * torch.exp(-math.log(2) * (frequency / KERNEL_LP_CM) ** 2)
    noise = torch.fft.irfft2(torch.fft.rfft2(white) * response, s=(size, size))
    return noise / noise.std() * torch.tensor(sigma_hu)[None, :, None, None]


@pytest.fixture(scope="module")
def noise():
    return scanner_like_noise(6)


# --- decomposition and monoenergetic images ---------------------------------------------------------------


@given(st.floats(-1000, 500), st.floats(0, 20), st.floats(20, 80), st.floats(5, 15))
def test_water_and_iodine_come_back(water_hu, iodine, low, high):
    hu = torch.tensor([water_hu + iodine * low, water_hu + iodine * high], dtype=torch.float64)
    found = decompose(hu[None, :, None, None], torch.tensor([[low, high]], dtype=torch.float64))
    assert float(found[0]) == pytest.approx(water_hu, abs=1e-8)
    assert float(found[1]) == pytest.approx(iodine, abs=1e-8)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_decomposition_is_linear(first, second):
    generator = torch.Generator().manual_seed(0)
    one, two = torch.randn(2, 1, 2, 4, 4, generator=generator, dtype=torch.float64)
    worth = torch.tensor([WORTH], dtype=torch.float64)
    whole = decompose(first * one + second * two, worth)
    for part, a, b in zip(whole, decompose(one, worth), decompose(two, worth)):
        torch.testing.assert_close(part, first * a + second * b)


@pytest.mark.parametrize("settings", [CLASSIC, Settings()], ids=["classic", "plus"])
@pytest.mark.parametrize(("name", "energy"), [("M40", 40), ("M60", 60), ("M80", 80)])
def test_monoenergetic_hu_are_nists(settings, name, energy):
    made = make_protocols(flat(2.5), (name,), settings)[name]
    torch.testing.assert_close(
        made, torch.full_like(made, 50 + 2.5 * iodine_hu_per_mg_ml(energy)), atol=1e-2, rtol=0
    )


def test_plus_is_quieter_far_from_70_kev_and_keeps_the_mean(noise):
    images = flat(2.5, noise)
    plus, classic = make_protocols(images), make_protocols(images, settings=CLASSIC)
    assert plus["M40"].std() < 0.6 * classic["M40"].std()
    for name in ("M40", "M60", "M80"):
        assert float(plus[name].mean()) == pytest.approx(float(classic[name].mean()), abs=0.5)


def test_plus_keeps_an_edges_contrast():
    lattice = Lattice(96, PIXEL_MM)
    iodine = gaussian_blur(torch.tensor(lattice.disc((0, 0), 4.0), dtype=torch.float32)[None], 1.0, PIXEL_MM)
    images = images_of(torch.full_like(iodine, 50.0), 5 * iodine)
    plus, classic = make_protocols(images)["M40"], make_protocols(images, settings=CLASSIC)["M40"]
    peak = float(classic.max() - 50)
    assert float(plus.max() - 50) > 0.95 * peak
    assert float((plus - classic).abs().max()) < 0.12 * peak


# --- blends -----------------------------------------------------------------------------------------------


def test_fbp_is_the_mixed_image(noise):
    images = flat(2.0, noise)
    expected = LOW_SHARE * images.hu[:, 0] + (1 - LOW_SHARE) * images.hu[:, 1]
    torch.testing.assert_close(make_protocols(images)["FBP"], expected)


@given(st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_optimum_contrast_lies_between_both(low, high):
    hu = torch.tensor([low, high]).view(1, 2, 1, 1).expand(1, 2, 8, 8)
    made = optimum_contrast(hu, PIXEL_MM)
    assert float(made.min()) >= min(low, high) - 1e-3
    assert float(made.max()) <= max(low, high) + 1e-3


def test_optimum_contrast_follows_iodine():
    def share_of_low(iodine):
        images = flat(iodine)
        low, high = images.hu[0, :, 0, 0]
        return float((make_protocols(images)["OPT"][0, 0, 0] - high) / (low - high))

    shares = [share_of_low(iodine) for iodine in (0.5, 1.0, 2.0, 3.0, 5.0)]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 < 0.95 < shares[-1]


def test_noise_does_not_choose_its_own_share(noise):
    """Where the blend changes fastest, a guide as noisy as the image would brighten the mean."""
    iodine = (OPTIMUM_CENTRE_HU - 50) / WORTH[0]
    clean = make_protocols(flat(iodine), ("OPT",))["OPT"].mean()
    noisy = make_protocols(flat(iodine, noise), ("OPT",))["OPT"].mean()
    assert float(noisy - clean) == pytest.approx(0.0, abs=0.7)


# --- iterative reconstruction -----------------------------------------------------------------------------


def test_strength_takes_the_noise_that_it_says(noise):
    images = flat(2.0, noise)
    without = iterative(images, 0, KERNEL_LP_CM)
    torch.testing.assert_close(without, make_protocols(images)["FBP"])
    for strength in range(1, 6):
        made = iterative(images, strength, KERNEL_LP_CM)
        assert float(made.std() / without.std()) == pytest.approx(1 - NOISE_TAKEN[strength], abs=0.02)
        assert float(made.mean()) == pytest.approx(float(without.mean()), abs=0.05)


def test_iterative_noise_is_coarser(noise):
    images = flat(2.0, noise)
    frequency = [
        mean_frequency_lp_cm(iterative(images, strength, KERNEL_LP_CM), PIXEL_MM) for strength in (0, 3, 5)
    ]
    assert frequency[2] < frequency[1] < 0.97 * frequency[0]


def test_iterative_spares_edges(noise):
    lattice = Lattice(96, PIXEL_MM)
    disc = gaussian_blur(torch.tensor(lattice.disc((0, 0), 20.0), dtype=torch.float32)[None], 1.0, PIXEL_MM)
    images = images_of(50 * disc.expand(6, -1, -1), 3 * disc.expand(6, -1, -1), noise)
    left = iterative(images, 3, KERNEL_LP_CM) - iterative(images.without_noise(), 3, KERNEL_LP_CM)
    rim = torch.tensor((lattice.disc((0, 0), 20.5) == 1) & (lattice.disc((0, 0), 19.5) == 0))
    flat_part = torch.tensor(lattice.disc((0, 0), 14.0) == 1)
    assert left[:, rim].std() > 1.15 * left[:, flat_part].std()


def test_iterative_costs_little_sharpness():
    lattice = Lattice(128, PIXEL_MM)
    disc = gaussian_blur(torch.tensor(lattice.disc((0, 0), 25.0), dtype=torch.float32)[None], 0.6, PIXEL_MM)
    made = make_protocols(images_of(60 * disc, 0 * disc), ("FBP", "IR"))
    sharpness = {name: edge_mtf50_lp_cm(one[0].numpy(), PIXEL_MM, (0, 0), 25.0) for name, one in made.items()}
    assert 0.9 < sharpness["IR"] / sharpness["FBP"] < 0.995


@pytest.mark.parametrize("strength", [-1, 6, 2.5])
def test_there_are_five_strengths(strength):
    with pytest.raises(ValueError, match="0 to 5"):
        make_protocols(flat(1.0), ("IR",), Settings(ir_strength=strength))


# --- names and shapes -------------------------------------------------------------------------------------


def test_only_what_is_asked_for_in_that_order(noise):
    images = flat(1.0, noise)
    some = make_protocols(images, ("M80", "FBP"))
    assert list(some) == ["M80", "FBP"]
    every = make_protocols(images)
    assert tuple(every) == PROTOCOLS
    for name, image in every.items():
        assert image.shape == (6, 96, 96)
        assert torch.isfinite(image).all(), name
    torch.testing.assert_close(some["M80"], every["M80"])


def test_a_batch_is_its_sections(noise):
    images = flat(1.5, noise)
    alone = EnergyImages(images.signal[2:3], images.noise[2:3], images.iodine_hu[2:3], PIXEL_MM)
    for whole, single in zip(make_protocols(images).values(), make_protocols(alone).values()):
        torch.testing.assert_close(whole[2:3], single, atol=1e-3, rtol=1e-5)


def test_an_unknown_protocol_is_named():
    with pytest.raises(ValueError, match="M70.*M80"):
        make_protocols(flat(1.0), ("M70",))


def test_energy_images_hold_their_shapes():
    good = torch.zeros(1, 2, 4, 4)
    for signal, other, worth, pixel in (
        (torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4), torch.ones(1, 2), 1.0),
        (good, torch.zeros(1, 2, 4, 5), torch.ones(1, 2), 1.0),
        (good, good, torch.ones(2), 1.0),
        (good, good, torch.ones(1, 2), 0.0),
    ):
        with pytest.raises(ValueError, match="must be|but noise"):
            EnergyImages(signal, other, worth, pixel)


# --- filters and measures ---------------------------------------------------------------------------------


def test_blur_keeps_means_and_adds_variances():
    image = torch.zeros(1, 61, 61)
    image[0, 30, 30] = 1.0
    blurred = gaussian_blur(image, 2.4, PIXEL_MM)
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-5)
    places = (torch.arange(61) - 30.0) * PIXEL_MM
    assert float((blurred[0].sum(0) * places**2).sum()) == pytest.approx(2.4**2, rel=0.01)


def test_slope_of_a_ramp():
    ramp = torch.arange(20.0)[None, :].expand(20, 20) * 3 * PIXEL_MM
    assert float(slope_hu_per_mm(ramp[None], PIXEL_MM)[0, 10, 10]) == pytest.approx(3.0, rel=1e-5)


def test_noise_power_adds_up_to_the_variance(noise):
    fields = noise[:, 0]
    step = 1 / (fields.shape[-1] * PIXEL_MM)
    variance = (fields - fields.mean(dim=(1, 2), keepdim=True)).square().mean()
    assert float(noise_power(fields, PIXEL_MM).sum() * step**2) == pytest.approx(float(variance), rel=1e-5)


def test_row_share_tells_directions_apart(noise):
    fields = noise[:, 0]
    assert row_share(fields, PIXEL_MM) == pytest.approx(1.0, abs=0.05)
    rows = fields.mean(2, keepdim=True).expand_as(fields) + 0.1 * fields
    assert row_share(rows, PIXEL_MM) > 5
    assert row_share(rows.transpose(1, 2), PIXEL_MM) == pytest.approx(1 / row_share(rows, PIXEL_MM), rel=1e-4)


def test_sharpness_of_a_known_blur():
    """A Gaussian of standard deviation s passes one half at sqrt(ln 2 / 2) / (pi s)."""
    lattice, sigma_mm = Lattice(256, 0.4), 0.9
    disc = torch.tensor(lattice.disc((1.3, -2.1), 25.0), dtype=torch.float32)[None]
    blurred = gaussian_blur(disc, sigma_mm, 0.4)[0].numpy()
    wanted = np.sqrt(np.log(2) / 2) / (np.pi * sigma_mm / 10)
    assert edge_mtf50_lp_cm(blurred, 0.4, (1.3, -2.1), 25.0) == pytest.approx(wanted, rel=0.04)
