"""HU and noise of tissues before and after standardization, in the same voxels of both images.

Measured are squares of about 6 mm (at least 3 x 3 pixels) in axial sections that hold one tissue and no edge.
They are chosen in the standardized image, where HU mean the same whatever came in and noise is low:

- liver: squares inside a given mask;
- fat: squares where fat lies most often, as for the protocol;
- muscle: squares beside and behind the spine;
- blood: squares in front of the spine, mostly to its left, that are brighter than muscle, as the aorta with
  contrast agent is. Without contrast agent it is not told from other tissue, and not measured.

HU is the mean over the squares. Noise is the root mean square of the standard deviations within them, so that
what differs between places of a tissue is no noise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from LiverCoreLib.geometry import Lattice, nearest_grid

LIVER, FAT, MUSCLE, BLOOD = "liver", "fat", "muscle", "blood"
TISSUES = (LIVER, FAT, MUSCLE, BLOOD)

_SQUARE_MM = 6.0
_FEWEST_PIXELS = 3  # along a side: fewer tell no noise
_MOST_SECTIONS = 24
_FEWEST_SQUARES = 8
_BODY_ABOVE_HU, _BONE_ABOVE_HU = -300.0, 250.0
_FAT_HU, _MUSCLE_HU, _BRIGHTEST_BLOOD_HU = (-140.0, -50.0), (20.0, 90.0), 450.0
_BLOOD_ABOVE_MUSCLE_HU = 30.0
_AROUND_MODE_HU = {FAT: 15.0, MUSCLE: 15.0, BLOOD: 25.0}
_BESIDE_SPINE_MM, _BEHIND_VERTEBRA_MM = 70.0, 12.0
_AORTA_RIGHT_MM, _AORTA_LEFT_MM, _AORTA_BEFORE_MM = 12.0, 30.0, 35.0  # from the vertebra's middle; its front
_EVEN = 1.6  # times the noise that is usual in the tissue


@dataclass(frozen=True)
class TissueValues:
    """One tissue in both images.

    Attributes:
        tissue: One of TISSUES.
        squares: How many were measured.
        volume_ml: Of the voxels in them.
        before_hu, after_hu: Means.
        before_noise_hu, after_noise_hu: Standard deviations within the squares.
    """

    tissue: str
    squares: int
    volume_ml: float
    before_hu: float
    before_noise_hu: float
    after_hu: float
    after_noise_hu: float

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data."""
        return asdict(self)


def measure_tissues(
    before: np.ndarray,
    after: np.ndarray,
    lattice: Lattice,
    liver: np.ndarray | None = None,
    *,
    before_offset_hu: float = 0.0,
) -> tuple[TissueValues, ...]:
    """Measure the tissues that are found, in the order of TISSUES.

    Args:
        before: HU (z, y, x) of the original.
        after: HU of the standardized image on the same voxels.
        lattice: Where those are.
        liver: Mask (z, y, x) on the same voxels, not 0 in the liver, or None.
        before_offset_hu: What to add to the original's values to make them HU.
    """
    grid = nearest_grid(lattice)
    _, y_mm, x_mm = grid.spacing_mm
    sides = (
        max(_FEWEST_PIXELS, round(_SQUARE_MM / y_mm)),
        max(_FEWEST_PIXELS, round(_SQUARE_MM / x_mm)),
    )
    square_mm = (sides[0] * y_mm, sides[1] * x_mm)
    views = [None if one is None else grid.view(one) for one in (before, after, liver)]
    step = -(-grid.shape[0] // _MOST_SECTIONS)
    sections = [
        Section.of([None if view is None else view[place] for view in views], sides, square_mm)
        for place in range(0, grid.shape[0], step)
    ]
    whole = Section(*(np.stack(parts) for parts in zip(*(vars(one).values() for one in sections))))
    square_ml = lattice.voxel_ml * sides[0] * sides[1]
    chosen = choose_squares(whole)
    return tuple(
        _values(tissue, whole, chosen[tissue], square_ml, before_offset_hu)
        for tissue in TISSUES
        if np.count_nonzero(chosen[tissue]) >= _FEWEST_SQUARES
    )


@dataclass(frozen=True)
class Section:
    """An axial section (rows to the back, columns to the left) as squares, or several sections stacked.

    before_hu, before_sd, after_hu, after_sd: Of each square. body, liver: What lies in them. beside_spine,
    before_spine: Where the muscles of the back, and the aorta, are.
    """

    before_hu: np.ndarray
    before_sd: np.ndarray
    after_hu: np.ndarray
    after_sd: np.ndarray
    body: np.ndarray
    liver: np.ndarray
    beside_spine: np.ndarray
    before_spine: np.ndarray

    @classmethod
    def of(cls, planes: list, sides: tuple[int, int], square_mm: tuple[float, float]) -> Section:
        """One section. planes: before, after, mask of the liver or None. sides, square_mm: height and width
        of a square, in pixels and in mm.
        """
        before, after = (_squares(plane, sides) for plane in planes[:2])
        after_hu, after_sd = _mean_and_deviation(after)
        body = _largest(after_hu > _BODY_ABOVE_HU)
        bone = after.max(axis=-1) > _BONE_ABOVE_HU
        beside, in_front = _around_spine(body, bone, square_mm)
        in_liver = np.zeros(body.shape, bool)
        if planes[2] is not None:
            in_liver = np.asarray((_squares(planes[2], sides) > 0).all(axis=-1))
        return cls(*_mean_and_deviation(before), after_hu, after_sd, body, in_liver, beside, in_front)


def choose_squares(whole: Section) -> dict[str, np.ndarray]:
    """Which squares of stacked sections (z, y, x) are of which tissue, by its name."""
    even, free = whole.after_sd, whole.body & ~whole.liver
    liver = _even(whole.liver, even)
    fat = _around_mode(_even(free & _between(whole.after_hu, _FAT_HU), even), whole.after_hu, FAT)
    muscle = whole.beside_spine & free & _between(whole.after_hu, _MUSCLE_HU)
    muscle = _around_mode(_even(muscle, even), whole.after_hu, MUSCLE)
    blood = np.zeros(free.shape, bool)
    if muscle.any():
        darkest = float(whole.after_hu[muscle].mean()) + _BLOOD_ABOVE_MUSCLE_HU
        blood = whole.before_spine & free & _between(whole.after_hu, (darkest, _BRIGHTEST_BLOOD_HU))
        blood = _around_mode(_even(blood, even), whole.after_hu, BLOOD)
    return {LIVER: liver, FAT: fat, MUSCLE: muscle, BLOOD: blood}


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
    if np.count_nonzero(vertebra) < _FEWEST_SQUARES:
        return nothing, nothing
    rows, columns = np.nonzero(vertebra)
    free = body & ~ndimage.binary_dilation(bone)
    left_mm = (column - np.median(columns)) * square_mm[1]
    before_mm, behind_mm = ((rows.min() - row) * square_mm[0], (row - np.median(rows)) * square_mm[0])
    beside = (np.abs(left_mm) <= _BESIDE_SPINE_MM) & (behind_mm > _BEHIND_VERTEBRA_MM)
    aorta = (left_mm >= -_AORTA_RIGHT_MM) & (left_mm <= _AORTA_LEFT_MM)
    aorta &= (before_mm >= 0) & (before_mm < _AORTA_BEFORE_MM)
    return free & beside, free & aorta


def _squares(plane: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """A plane cut into squares: (rows, columns, pixels of one), float32; what is left over is left out."""
    rows, columns = plane.shape[0] // sides[0], plane.shape[1] // sides[1]
    used = plane[: rows * sides[0], : columns * sides[1]].reshape(rows, sides[0], columns, sides[1])
    squares = used.transpose(0, 2, 1, 3).reshape(rows, columns, sides[0] * sides[1]).astype(np.float32)
    return np.nan_to_num(squares, nan=-1024.0, posinf=-1024.0, neginf=-1024.0)


def _mean_and_deviation(squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return squares.mean(axis=-1), squares.std(axis=-1)


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


def _values(
    tissue: str, whole: Section, squares: np.ndarray, square_ml: float, before_offset_hu: float
) -> TissueValues:
    count = int(np.count_nonzero(squares))
    return TissueValues(
        tissue,
        count,
        count * square_ml,
        float(whole.before_hu[squares].mean()) + before_offset_hu,
        float(np.sqrt(np.mean(np.square(whole.before_sd[squares])))),
        float(whole.after_hu[squares].mean()),
        float(np.sqrt(np.mean(np.square(whole.after_sd[squares])))),
    )
