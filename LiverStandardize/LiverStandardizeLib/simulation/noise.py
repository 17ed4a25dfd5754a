"""Random fields of the phantom: smooth texture, and the grain of filtered back-projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage


def smooth_field(
    rng: np.random.Generator, shape: Sequence[int], spacing_mm: Sequence[float], correlation_mm: float
) -> np.ndarray:
    """Gaussian field of about unit variance, float32 (z, y, x), that changes over `correlation_mm`.

    Drawn on a coarse lattice of that pitch and interpolated with cubic splines; spacing_mm is (z, y, x).
    Values are held within 2.5, so that a texture cannot throw specks.
    """
    extent = [count * step for count, step in zip(shape, spacing_mm)]
    knots = rng.standard_normal([int(np.ceil(part / correlation_mm)) + 4 for part in extent])
    return spline_field(
        knots, [1.5 + np.arange(count) * step / correlation_mm for count, step in zip(shape, spacing_mm)]
    )


def spline_field(knots: np.ndarray, positions: Sequence[np.ndarray]) -> np.ndarray:
    """Knots of unit variance interpolated with cubic splines, float32, and held within 2.5.

    positions: along each axis, in knots; beyond the knots they begin again.
    """
    field = ndimage.spline_filter(knots, order=3, output=np.float64, mode="grid-wrap").astype(np.float32)
    for axis in reversed(range(field.ndim)):  # the first axis last: what comes out is in order in memory
        field = _spline_along(field, axis, positions[axis])
    field *= np.float32(1 / 0.8)
    return np.clip(field, -2.5, 2.5, out=field)


def _spline_along(coefficients: np.ndarray, axis: int, position: np.ndarray) -> np.ndarray:
    """Cubic B-spline interpolation along one axis, as a small matrix product."""
    count = coefficients.shape[axis]
    offset = np.abs(position[:, None] - np.arange(count)[None, :]) % count
    offset = np.minimum(offset, count - offset)
    inner = 2 / 3 - offset**2 + offset**3 / 2
    outer = (2 - offset) ** 3 / 6
    weight = np.where(offset < 1, inner, np.where(offset < 2, outer, 0)).astype(np.float32)
    return np.moveaxis(np.tensordot(weight, coefficients, axes=(1, axis)), 0, axis)


def scanner_noise(
    rng: np.random.Generator, shape: Sequence[int], pixel_mm: float, *, cutoff_per_mm: float = 0.38
) -> np.ndarray:
    """Unit-variance noise (z, y, x), float32, with the in-plane spectrum of a soft-tissue kernel.

    Filtered back-projection shapes noise by a ramp times the kernel's fall-off: little power at low
    frequencies, most near 0.3 per mm. Slices are independent.
    """
    rows, columns = shape[1], shape[2]
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None, :]) / pixel_mm
    gain = (np.sqrt(frequency + 0.01) * np.exp(-((frequency / cutoff_per_mm) ** 2))).astype(np.float32)
    noise = np.empty(tuple(shape), np.float32)
    for index in range(shape[0]):
        white = rng.standard_normal((rows, columns), dtype=np.float32)
        noise[index] = np.fft.irfft2(np.fft.rfft2(white) * gain, s=(rows, columns))
    return noise / max(float(noise.std()), 1e-6)
