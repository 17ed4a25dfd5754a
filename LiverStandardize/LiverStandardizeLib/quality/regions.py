"""HU and noise of tissues, in small squares that show one tissue only.

A square of about 8 mm counts where its mean lies in the tissue's range, in an image at 80 keV or one made to
look so, and its deviation is little more than noise: edges and fine vessels fall out. HU are the median of
the squares' means, noise is the median of the squares' standard deviations. The same squares are measured
in every image.

Liver: the squares inside a mask. Without one, fat and muscle are told by HU; so is enhanced blood, which
nothing tells from a kidney. In a scan without contrast, liver and spleen measure what muscle does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .sampled import Sampled

SQUARE_MM = 8.0
FEWEST_SQUARES = 10
RANGES_HU = {"fat": (-140.0, -45.0), "muscle": (25.0, 72.0), "blood": (110.0, 260.0)}
"""At 80 keV: adipose tissue -69 to -102; muscle 50 to 60; blood with 3.5 to 5.5 mg/mL iodine 107 to 145."""


@dataclass(frozen=True)
class RegionMeasure:
    """A tissue before and after standardization; HU and noise in HU, None of a target that is not there.

    Attributes:
        name: ``liver``, ``fat``, ``muscle`` or ``blood`` (with kidneys).
        volume_ml: What was measured.
    """

    name: str
    volume_ml: float
    hu_before: float
    hu_after: float
    hu_target: float | None
    noise_before: float
    noise_after: float
    noise_target: float | None

    @property
    def bias_hu(self) -> float | None:
        """After less target, or None without a target."""
        return None if self.hu_target is None else self.hu_after - self.hu_target

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {**asdict(self), "bias_hu": self.bias_hu}


def measure_regions(sampled: Sampled) -> tuple[RegionMeasure, ...]:
    """Every tissue of which enough was found, liver first."""
    side = tuple(max(2, round(SQUARE_MM / spacing)) for spacing in sampled.pixel_mm)
    squares = {
        "before": _squares(sampled.before, side),
        "after": _squares(sampled.after, side),
        "reference": _squares(sampled.reference, side),
    }
    covered = np.zeros(squares["reference"][0].shape, bool)
    found = []
    if sampled.liver is not None:
        inside = _squares(sampled.liver.astype(np.float32), side)[0]
        covered = inside > 0
        found.append(("liver", _even(*squares["reference"], inside == 1)))
    means = squares["reference"][0]
    for name, (low, high) in RANGES_HU.items():
        within = (means > low) & (means < high) & ~covered
        found.append((name, _even(*squares["reference"], within)))
    square_ml = sampled.voxel_ml * side[0] * side[1]
    return tuple(
        _measure(name, where, squares, square_ml, sampled.target is not None)
        for name, where in found
        if np.count_nonzero(where) >= FEWEST_SQUARES
    )


def _measure(
    name: str,
    where: np.ndarray,
    squares: dict[str, tuple[np.ndarray, np.ndarray]],
    square_ml: float,
    has_target: bool,
) -> RegionMeasure:
    hu = {image: float(np.median(means[where])) for image, (means, _) in squares.items()}
    noise = {image: float(np.median(deviations[where])) for image, (_, deviations) in squares.items()}
    return RegionMeasure(
        name=name,
        volume_ml=float(np.count_nonzero(where) * square_ml),
        hu_before=hu["before"],
        hu_after=hu["after"],
        hu_target=hu["reference"] if has_target else None,
        noise_before=noise["before"],
        noise_after=noise["after"],
        noise_target=noise["reference"] if has_target else None,
    )


def _squares(sections: np.ndarray, side: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (n, rows, columns) of squares of pixels side by side."""
    n, height, width = sections.shape
    rows, columns = height // side[0], width // side[1]
    used = sections[:, : rows * side[0], : columns * side[1]]
    squares = used.reshape(n, rows, side[0], columns, side[1])
    return squares.mean(axis=(2, 4)), squares.std(axis=(2, 4), ddof=1)


def _even(means: np.ndarray, deviations: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """The squares of one tissue: no more uneven than noise makes them."""
    if not candidates.any():
        return candidates
    noise = float(np.percentile(deviations[candidates], 25))
    even: np.ndarray = candidates & (deviations <= 1.5 * noise + 1.0)
    return even
