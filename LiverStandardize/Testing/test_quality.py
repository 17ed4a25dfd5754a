"""The quality report's numbers against known noise, known blur, known HU and another program's SSIM."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk
from standardizer_scans import BLOOD_HU, FAT_HU, LIVER_HU, MUSCLE_HU, liver_mask, scan

from LiverStandardizeLib.quality import measure_quality
from LiverStandardizeLib.quality.edge_response import edge_response, find_edges
from LiverStandardizeLib.quality.measure import OtherLattice
from LiverStandardizeLib.quality.noise_power import find_squares, noise_power, square_side
from LiverStandardizeLib.quality.sampled import Sampled
from LiverStandardizeLib.quality.similarity import similarity

PIXEL_MM = 0.8


def sampled(sections: np.ndarray, pixel_mm: float = PIXEL_MM) -> Sampled:
    sections = sections.astype(np.float32)
    return Sampled(sections, sections, None, None, (pixel_mm, pixel_mm), 1.0, np.arange(len(sections)))


def noise(shape, seed: int = 0) -> np.ndarray:
    """White noise of 10 HU around 60 HU."""
    return 60 + np.random.default_rng(seed).normal(0, 10, shape)


def round_edge(blur_mm: float, noise_hu: float = 0.0, sections: int = 4) -> np.ndarray:
    """Disks of soft tissue in fat, blurred by a Gaussian: the edge of a disk is an error function."""
    from scipy.special import erf

    size = 160
    y, x = np.mgrid[:size, :size]
    images = []
    for number in range(sections):
        radius_mm = np.hypot(y - 80.3 - 0.1 * number, x - 79.6) * PIXEL_MM
        images.append(-20 + 80 * erf((40.0 - radius_mm) / (np.sqrt(2) * blur_mm)))
    return np.stack(images) + np.random.default_rng(0).normal(0, noise_hu, (sections, size, size))


def test_white_noise_has_a_flat_spectrum_of_its_variance() -> None:
    sections = noise((6, 200, 200))
    spectrum = noise_power(sections, find_squares(sampled(sections)), (PIXEL_MM, PIXEL_MM))
    side = square_side((PIXEL_MM, PIXEL_MM))[0]
    taken = 6 / side**2  # by the six terms of the curved plane, of low frequencies
    high = spectrum.frequency_per_mm > 0.15
    expected = 10.0**2 * PIXEL_MM**2
    assert spectrum.power[high].mean() == pytest.approx(expected, rel=0.05 + taken)
    assert spectrum.mean_frequency_per_mm == pytest.approx(1 / (4 * PIXEL_MM), rel=0.08)


@pytest.mark.parametrize("scale_per_mm", [0.2, 0.3])
def test_noise_like_that_of_ct_has_the_mean_frequency_of_its_spectrum(scale_per_mm) -> None:
    """NPS ~ f exp(-(f / s)^2), a ramp with a soft end: its mean frequency is s sqrt(pi) / 2."""
    white = np.random.default_rng(0).normal(0, 10, (6, 240, 240))
    axis = np.fft.fftfreq(240, PIXEL_MM)
    frequency = np.hypot(axis[:, None], axis[None])
    amplitude = np.sqrt(frequency * np.exp(-((frequency / scale_per_mm) ** 2)))
    sections = 60 + 10 * np.fft.ifft2(np.fft.fft2(white) * amplitude).real
    spectrum = noise_power(sections, find_squares(sampled(sections)), (PIXEL_MM, PIXEL_MM))
    assert spectrum.mean_frequency_per_mm == pytest.approx(scale_per_mm * np.sqrt(np.pi) / 2, rel=0.07)


@pytest.mark.parametrize(("blur_mm", "noise_hu"), [(0.8, 0), (1.2, 0), (2.0, 0), (1.2, 10), (0.8, 15)])
def test_a_known_blur_has_its_mtf(blur_mm, noise_hu) -> None:
    """MTF = exp(-2 (pi blur f)^2): a half at sqrt(ln 2 / 2) / (pi blur)."""
    given = sampled(round_edge(blur_mm, noise_hu))
    response = edge_response(given.after, find_edges(given), PIXEL_MM)
    assert response is not None
    expected = np.sqrt(np.log(2) / 2) / (np.pi * blur_mm)
    assert response.mtf50_per_mm == pytest.approx(expected, rel=0.07)


def test_blur_between_before_and_after_shows_as_a_ratio() -> None:
    sharp, soft = round_edge(1.0, 8), round_edge(1.6, 4)
    given = Sampled(
        sharp.astype(np.float32), soft.astype(np.float32), None, None, (PIXEL_MM, PIXEL_MM), 1.0, np.arange(4)
    )
    edges = find_edges(given)
    ratio = (
        edge_response(given.after, edges, PIXEL_MM).mtf50_per_mm
        / edge_response(given.before, edges, PIXEL_MM).mtf50_per_mm
    )
    assert ratio == pytest.approx(1.0 / 1.6, rel=0.1)


def test_no_edges_no_mtf() -> None:
    flat = sampled(noise((3, 100, 100)))
    assert edge_response(flat.after, find_edges(flat), PIXEL_MM) is None


def test_similarity_is_that_of_another_program() -> None:
    metrics = pytest.importorskip("skimage.metrics")
    one, other = noise((1, 80, 90)), noise((1, 80, 90), seed=1)
    body = np.zeros(one.shape, bool)
    body[:, 10:-10, 10:-10] = True  # away from the edge, which the two treat differently
    found = similarity(one, other, body, (-200.0, 600.0))
    expected, full = metrics.structural_similarity(
        one[0],
        other[0],
        data_range=800,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    assert found.ssim == pytest.approx(full[body[0]].mean(), abs=1e-6)
    psnr = metrics.peak_signal_noise_ratio(one[body], other[body], data_range=800)
    assert found.psnr_db == pytest.approx(psnr, abs=1e-9)


def test_the_same_image_is_as_like_as_can_be() -> None:
    image = noise((1, 40, 40))
    found = similarity(image, image, np.ones(image.shape, bool), (-200.0, 600.0))
    assert found.ssim == pytest.approx(1)
    assert found.psnr_db == np.inf
    assert found.to_dict()["psnr_db"] is None


def big_scan(**options) -> sitk.Image:
    return scan((256, 200, 6), (1.4, 1.4, 5.0), **options)


def test_tissues_measure_what_they_are() -> None:
    after, before = big_scan(noise_hu=10), big_scan(noise_hu=25, fat_hu=-150, seed=1)
    quality = measure_quality(before, after, mask=liver_mask(before), target=big_scan(noise_hu=10, seed=2))
    found = {region.name: region for region in quality.regions}
    assert list(found) == ["liver", "fat", "muscle", "blood"]
    for name, hu in (("liver", LIVER_HU), ("fat", FAT_HU), ("muscle", MUSCLE_HU), ("blood", BLOOD_HU)):
        assert found[name].hu_after == pytest.approx(hu, abs=2), name
        assert found[name].noise_after == pytest.approx(10, rel=0.1), name
        assert found[name].noise_before == pytest.approx(25, rel=0.1), name
        assert abs(found[name].bias_hu) < 2
    assert found["fat"].hu_before == pytest.approx(-150, abs=2)
    assert quality.similarity["after"].psnr_db > quality.similarity["before"].psnr_db
    json.dumps(quality.to_dict(), allow_nan=False)


def test_without_a_mask_there_is_no_liver_and_without_a_target_no_bias() -> None:
    image = big_scan()
    quality = measure_quality(image, image)
    assert "liver" not in {region.name for region in quality.regions}
    assert all(region.bias_hu is None for region in quality.regions)
    assert quality.similarity == {}
    spectra = [spectrum.mean_frequency_per_mm for spectrum in quality.noise.values()]
    assert spectra[0] == spectra[1]


def test_empty_masks_and_empty_tissue_are_no_fault() -> None:
    image = big_scan()
    quality = measure_quality(image, image, mask=image * 0)
    assert "liver" not in {region.name for region in quality.regions}


@pytest.mark.parametrize(
    "other", [scan((128, 200, 6), (1.4, 1.4, 5.0)), scan((256, 200, 6), (1.5, 1.4, 5.0))]
)
def test_other_voxels_are_refused(other) -> None:
    with pytest.raises(OtherLattice):
        measure_quality(big_scan(), big_scan(), target=other)
