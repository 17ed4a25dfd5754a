"""Sharpness: the modulation transfer function (MTF) of edges between fat and soft tissue.

As with a slanted edge: pixels near an edge, laid out by their distance from it along its normal, sample
its profile far finer than the pixels do. Edges are found in an image smoothed over 1.5 pixels, the mean of
before and after, so that noise draws none of them to itself; the profile is then taken from each image as it
is, averaged over some thousand edges, differentiated and transformed; bins and differences are divided out.

Anatomy has no knife edges, so an MTF found so is that of edge and scanner together: it tells how sharpness
changed from one image to the other, not what the scanner can do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .sampled import Sampled

SMOOTHING_PIXELS = 1.5
HALF_WIDTH_MM = 6.0
PLATEAU_MM = 4.5
FAT_HU, SOFT_HU = (-150.0, -50.0), (20.0, 220.0)
FEWEST_EDGES = 100
MOST_EDGES = 6000
_BINS_PER_PIXEL = 5


@dataclass(frozen=True)
class Edges:
    """Points on edges: section, and row and column (with fractions), and the normal towards soft tissue."""

    section: np.ndarray
    place: np.ndarray  # (n, 2), y and x
    normal: np.ndarray  # (n, 2), y and x


@dataclass(frozen=True)
class EdgeResponse:
    """MTF by frequency (1/mm); the frequency at which it is 0.5 (None where it does not fall so low); how
    many edges.
    """

    frequency_per_mm: np.ndarray
    mtf: np.ndarray
    mtf50_per_mm: float | None
    edges: int


def find_edges(sampled: Sampled) -> Edges:
    """Edges between fat and soft tissue that have room on both sides; none if the pixels are not square."""
    pixel_mm = sampled.pixel_mm[0]
    sections, places, normals = [], [], []
    if abs(sampled.pixel_mm[1] / pixel_mm - 1) > 0.02:
        return Edges(np.empty(0, int), np.empty((0, 2)), np.empty((0, 2)))
    for index in range(sampled.after.shape[0]):
        image = ndimage.gaussian_filter((sampled.before[index] + sampled.after[index]) / 2, SMOOTHING_PIXELS)
        place, normal = _edges_of(image, pixel_mm)
        sections.append(np.full(len(place), index))
        places.append(place)
        normals.append(normal)
    section, place, normal = np.concatenate(sections), np.concatenate(places), np.concatenate(normals)
    if section.size > MOST_EDGES:
        chosen = np.linspace(0, section.size - 1, MOST_EDGES).astype(int)
        section, place, normal = section[chosen], place[chosen], normal[chosen]
    return Edges(section, place, normal)


def edge_response(sections: np.ndarray, edges: Edges, pixel_mm: float) -> EdgeResponse | None:
    """The MTF of edges in sections (n, y, x), None where there are fewer than 100 edges."""
    if edges.section.size < FEWEST_EDGES:
        return None
    reach = HALF_WIDTH_MM / pixel_mm
    around = np.arange(-int(np.ceil(reach)), int(np.ceil(reach)) + 1)
    width = 1.0 / _BINS_PER_PIXEL
    bins = int(2 * reach / width)
    total, count = np.zeros(bins), np.zeros(bins)
    nearest = np.rint(edges.place).astype(int)
    for dy in around:
        for dx in around:
            pixel = nearest + (dy, dx)
            offset = pixel - edges.place
            along = (offset * edges.normal).sum(axis=1)
            across = offset[:, 0] * edges.normal[:, 1] - offset[:, 1] * edges.normal[:, 0]
            number = np.floor((along + reach) / width).astype(int)
            used = (np.abs(across) <= 1.0) & (number >= 0) & (number < bins) & _inside(pixel, sections)
            values = sections[edges.section[used], pixel[used, 0], pixel[used, 1]]
            total += np.bincount(number[used], values, minlength=bins)
            count += np.bincount(number[used], minlength=bins)
    profile = total / np.maximum(count, 1)
    frequency, mtf = _transform(profile, width * pixel_mm)
    return EdgeResponse(frequency, mtf, _half(frequency, mtf), int(edges.section.size))


def _edges_of(image: np.ndarray, pixel_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the gradient of a smoothed section is greatest along itself, between fat and soft tissue."""
    gradient_y, gradient_x = np.gradient(image)
    strength = np.hypot(gradient_y, gradient_x)
    margin = int(np.ceil(HALF_WIDTH_MM / pixel_mm)) + 2
    inner = np.zeros(image.shape, bool)
    inner[margin:-margin, margin:-margin] = True
    place = np.argwhere(inner & (strength > 0.15 * (SOFT_HU[0] - FAT_HU[1]) / SMOOTHING_PIXELS))
    normal = np.stack([gradient_y, gradient_x], axis=-1)[place[:, 0], place[:, 1]]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)

    def at(values: np.ndarray, distance: float) -> np.ndarray:
        sampled: np.ndarray = ndimage.map_coordinates(values, (place + distance * normal).T, order=1)
        return sampled

    here, behind, ahead = at(strength, 0), at(strength, -1), at(strength, 1)
    far, near = HALF_WIDTH_MM / pixel_mm, PLATEAU_MM / pixel_mm
    fat, soft = (at(image, -far), at(image, -near)), (at(image, near), at(image, far))
    keep = (here >= behind) & (here > ahead)
    for value in fat:
        keep &= (value > FAT_HU[0]) & (value < FAT_HU[1])
    for value in soft:
        keep &= (value > SOFT_HU[0]) & (value < SOFT_HU[1])
    keep &= (np.abs(fat[0] - fat[1]) < 25) & (np.abs(soft[0] - soft[1]) < 25)
    bend = behind - 2 * here + ahead
    shift = np.where(bend < 0, (behind - ahead) / np.where(bend < 0, 2 * bend, 1), 0)
    return (place + shift[:, None] * normal)[keep], normal[keep]


def _inside(pixel: np.ndarray, sections: np.ndarray) -> np.ndarray:
    rows, columns = sections.shape[1:]
    inside: np.ndarray = (pixel >= 0).all(axis=1) & (pixel[:, 0] < rows) & (pixel[:, 1] < columns)
    return inside


def _transform(profile: np.ndarray, width_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """MTF of an edge's profile in bins of `width_mm`."""
    line = np.diff(profile)
    line = line - (line[:3].mean() + line[-3:].mean()) / 2
    line = line * _fading_ends(line.size)
    size = 8 * line.size
    frequency = np.fft.rfftfreq(size, width_mm)
    response = np.abs(np.fft.rfft(line, size))
    response = response / np.sinc(frequency * width_mm) ** 2  # a bin's width, and the difference of two
    used = frequency <= 1.0
    mtf: np.ndarray = response[used] / max(float(response[0]), 1e-9)
    return frequency[used], mtf


def _fading_ends(size: int) -> np.ndarray:
    """1, falling as a cosine over the last eighth on both sides: noise there is no part of an edge."""
    ends = np.minimum(np.arange(size), np.arange(size)[::-1]) / (size / 8)
    weights: np.ndarray = 0.5 - 0.5 * np.cos(np.pi * np.clip(ends, 0, 1))
    return weights


def _half(frequency: np.ndarray, mtf: np.ndarray) -> float | None:
    below = np.flatnonzero(mtf < 0.5)
    if below.size == 0 or below[0] == 0:
        return None
    last = below[0]
    share = (mtf[last - 1] - 0.5) / (mtf[last - 1] - mtf[last])
    return float(frequency[last - 1] + share * (frequency[last] - frequency[last - 1]))
