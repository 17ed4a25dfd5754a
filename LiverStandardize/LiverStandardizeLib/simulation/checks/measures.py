"""Sharpness and texture of images."""

from __future__ import annotations

import numpy as np
import torch


def edge_mtf50_lp_cm(
    image: np.ndarray, pixel_mm: float, centre_mm: tuple[float, float], radius_mm: float
) -> float:
    """Frequency at which contrast falls to one half, from the edge of a disc of known place and radius."""
    frequency, transfer = edge_mtf(image, pixel_mm, centre_mm, radius_mm)
    return float(frequency[np.argmax(transfer < 0.5)])


def edge_mtf(
    image: np.ndarray, pixel_mm: float, centre_mm: tuple[float, float], radius_mm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Modulation transfer by the edge of a disc: frequencies in lp/cm, and the share of contrast left."""
    size = image.shape[0]
    middles = (np.arange(size) - (size - 1) / 2) * pixel_mm
    distance = np.hypot(middles[None, :] - centre_mm[0], middles[:, None] - centre_mm[1])
    reach, bin_mm = 8.0, 0.25
    edges = np.arange(radius_mm - reach, radius_mm + reach + bin_mm, bin_mm)
    count, _ = np.histogram(distance, edges)
    total, _ = np.histogram(distance, edges, weights=image)
    known = count > 0
    places = (edges[:-1] + edges[1:]) / 2
    profile = np.interp(places, places[known], total[known] / count[known])
    spread = np.gradient(profile) * np.hanning(len(profile))
    transfer = np.abs(np.fft.rfft(spread, 4096))
    return np.fft.rfftfreq(4096, bin_mm / 10), transfer / transfer[0]


def noise_power(noise: torch.Tensor, pixel_mm: float) -> torch.Tensor:
    """Noise power spectrum in HU2 mm2 of fields (n, y, x), mean over them: (y, x), zero frequency first.

    Its sum times the frequency step of both axes is the variance.
    """
    rows, columns = noise.shape[-2:]
    centred = noise - noise.mean(dim=(-2, -1), keepdim=True)
    return (torch.fft.fft2(centred).abs() ** 2).mean(0) * (pixel_mm**2 / (rows * columns))


def radial_noise_power(
    noise: torch.Tensor, pixel_mm: float, step_lp_cm: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Noise power by frequency, whatever its direction: lp/cm up to the pixels' limit, and HU2 mm2."""
    power = noise_power(noise, pixel_mm).cpu().numpy()
    along_y = np.fft.fftfreq(power.shape[0], d=pixel_mm / 10)
    along_x = np.fft.fftfreq(power.shape[1], d=pixel_mm / 10)
    frequency = np.hypot(along_y[:, None], along_x[None, :])
    edges = np.arange(step_lp_cm / 2, 5 / pixel_mm, step_lp_cm)
    total, _ = np.histogram(frequency, edges, weights=power)
    count, _ = np.histogram(frequency, edges)
    known = count > 0
    return ((edges[:-1] + edges[1:]) / 2)[known], total[known] / count[known]


def row_share(noise: torch.Tensor, pixel_mm: float) -> float:
    """Power of noise in fields (n, y, x) that changes mainly from row to row, to that from column to column.

    1 for noise alike in all directions; below and above tell along which way a body is thicker.
    """
    power = noise_power(noise, pixel_mm)
    along_y = torch.fft.fftfreq(power.shape[0]).abs()[:, None]
    along_x = torch.fft.fftfreq(power.shape[1]).abs()[None, :]
    return float(power[along_y > 2 * along_x].sum() / power[along_x > 2 * along_y].sum())


def mean_frequency_lp_cm(noise: torch.Tensor, pixel_mm: float) -> float:
    """Mean frequency of the noise in fields (n, y, x), weighted by power."""
    power = noise_power(noise, pixel_mm)
    along_y = torch.fft.fftfreq(power.shape[0], d=pixel_mm / 10)
    along_x = torch.fft.fftfreq(power.shape[1], d=pixel_mm / 10)
    frequency = torch.hypot(along_y[:, None], along_x[None, :])
    return float((frequency * power).sum() / power.sum())
