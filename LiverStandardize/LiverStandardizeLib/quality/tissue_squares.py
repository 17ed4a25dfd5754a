"""Which small squares of axial sections show one tissue only, and which tissue.

Squares of about 6 mm (at least 3 x 3 pixels) are chosen in an image at 80 keV, or one made to look so, in
which HU mean the same whatever came in. Squares with an edge or a fine vessel in them fall out: their
deviation is more than noise.

- Liver: inside a given mask.
- Fat: where fat lies most often.
- Muscle: beside and behind the spine, so that spleen, bowel and an unenhanced liver are none of it.
- Blood: in front of the spine, mostly to its left, and brighter than muscle, as the aorta with contrast agent
  is. Without contrast agent nothing tells it from other tissue, and it is not measured.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .sampled import Sampled

SQUARE_MM = 6.0
FEWEST_PIXELS = 3  # along a side: fewer tell no noise
FEWEST_OF_VERTEBRA = 4  # squares
RANGES_HU = {"fat": (-140.0, -45.0), "muscle": (20.0, 90.0)}
"""At 80 keV: adipose tissue -69 to -102; muscle 50 to 60."""
_BLOOD_ABOVE_MUSCLE_HU, _BRIGHTEST_BLOOD_HU = 30.0, 450.0  # with 3.5 to 5.5 mg/mL iodine 107 to 145 HU
_AROUND_MODE_HU = {"fat": 15.0, "muscle": 15.0, "blood": 25.0}
_BODY_ABOVE_HU, _BONE_ABOVE_HU = -300.0, 250.0
_BESIDE_SPINE_MM, _BEHIND_VERTEBRA_MM = 70.0, 12.0
_AORTA_RIGHT_MM, _AORTA_LEFT_MM, _AORTA_BEFORE_MM = 12.0, 30.0, 35.0  # from the vertebra's middle; its front
_EVEN = 1.6  # times the noise that is usual in the tissue


def tissue_squares(sampled: Sampled) -> dict[str, np.ndarray]:
    """Which squares (n, rows, columns) of the reference are of which tissue, by its name; liver if there is a
    mask.
    """
    side = square_sides(sampled)
    square_mm = (side[0] * sampled.pixel_mm[0], side[1] * sampled.pixel_mm[1])
    means, deviations = mean_and_deviation(sampled.reference, side)
    covered = np.zeros(means.shape, bool)
    chosen = {}
    if sampled.liver is not None:
        inside = mean_and_deviation(sampled.liver.astype(np.float32), side)[0]
        covered = inside > 0
        chosen["liver"] = _even(inside == 1, deviations)
    places = [_places(section, square_mm) for section in zip(means, highest(sampled.reference, side))]
    body, beside_spine, before_spine = (np.stack(parts) & ~covered for parts in zip(*places))
    fat = _even(body & _between(means, RANGES_HU["fat"]), deviations)
    muscle = _even(beside_spine & _between(means, RANGES_HU["muscle"]), deviations)
    chosen["fat"] = _around_mode(fat, means, "fat")
    chosen["muscle"] = _around_mode(muscle, means, "muscle")
    chosen["blood"] = _blood(before_spine, means, deviations, chosen["muscle"])
    return chosen


def square_sides(sampled: Sampled) -> tuple[int, int]:
    """Height and width of a square in pixels."""
    height, width = (max(FEWEST_PIXELS, round(SQUARE_MM / spacing)) for spacing in sampled.pixel_mm)
    return height, width


def mean_and_deviation(sections: np.ndarray, side: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (n, rows, columns) of squares of pixels side by side."""
    squares = _cut(sections, side)
    return squares.mean(axis=(2, 4)), squares.std(axis=(2, 4), ddof=1)


def highest(sections: np.ndarray, side: tuple[int, int]) -> np.ndarray:
    """The highest value in each of those squares."""
    squares = _cut(sections, side)
    return np.asarray(squares.max(axis=(2, 4), initial=-np.inf))


def _cut(sections: np.ndarray, side: tuple[int, int]) -> np.ndarray:
    n, height, width = sections.shape
    rows, columns = height // side[0], width // side[1]
    used = sections[:, : rows * side[0], : columns * side[1]]
    return used.reshape(n, rows, side[0], columns, side[1])


def _places(
    section: tuple[np.ndarray, np.ndarray], square_mm: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one section: the body, and what lies beside and before its spine. section: means and highest HU."""
    means, most = section
    body = _largest(means > _BODY_ABOVE_HU)
    return (body, *_around_spine(body, most > _BONE_ABOVE_HU, square_mm))


def _blood(
    before_spine: np.ndarray, means: np.ndarray, deviations: np.ndarray, muscle: np.ndarray
) -> np.ndarray:
    if not muscle.any():
        return muscle
    darkest = float(means[muscle].mean()) + _BLOOD_ABOVE_MUSCLE_HU
    bright = before_spine & _between(means, (darkest, _BRIGHTEST_BLOOD_HU))
    return _around_mode(_even(bright, deviations), means, "blood")


def _around_spine(
    body: np.ndarray, bone: np.ndarray, square_mm: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Squares of a section beside and behind the vertebra, and in front of it; none where there is none."""
    nothing = np.zeros(body.shape, bool)
    rows, columns = np.nonzero(body)
    if rows.size == 0:
        return nothing, nothing
    row, column = np.indices(body.shape)
    central = np.abs(column - (columns.min() + columns.max()) / 2) < 0.15 * (columns.max() - columns.min())
    behind = row > rows.min() + 0.35 * (rows.max() - rows.min())
    vertebra = _largest(ndimage.binary_fill_holes(bone & body) & central & behind)
    if np.count_nonzero(vertebra) < FEWEST_OF_VERTEBRA:
        return nothing, nothing
    rows, columns = np.nonzero(vertebra)
    free = body & ~ndimage.binary_dilation(bone)
    left_mm = (column - np.median(columns)) * square_mm[1]
    before_mm, behind_mm = ((rows.min() - row) * square_mm[0], (row - np.median(rows)) * square_mm[0])
    beside = (np.abs(left_mm) <= _BESIDE_SPINE_MM) & (behind_mm > _BEHIND_VERTEBRA_MM)
    aorta = (left_mm >= -_AORTA_RIGHT_MM) & (left_mm <= _AORTA_LEFT_MM)
    aorta &= (before_mm >= 0) & (before_mm < _AORTA_BEFORE_MM)
    return free & beside, free & aorta


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a plane's mask."""
    labels, count = ndimage.label(mask)
    if count == 0:
        return mask
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return labels == int(np.argmax(sizes))


def _between(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    return (values > limits[0]) & (values < limits[1])


def _even(mask: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """The squares of a mask that hold no edge: little more than the noise that most of them have."""
    if not mask.any():
        return mask
    usual = float(np.percentile(deviations[mask], 25))
    return mask & (deviations <= _EVEN * usual + 1.0)


def _around_mode(mask: np.ndarray, hu: np.ndarray, tissue: str) -> np.ndarray:
    """The squares of a mask whose HU are near those that occur most often."""
    if not mask.any():
        return mask
    counts, edges = np.histogram(hu[mask], bins=np.arange(hu[mask].min(), hu[mask].max() + 10.0, 5.0))
    peak = int(np.argmax(np.convolve(counts, np.ones(3), mode="same")))
    return mask & (np.abs(hu - (edges[peak] + 2.5)) <= _AROUND_MODE_HU[tissue])
