"""HU and noise of tissues, in small squares that show one tissue only.

HU are the median of the squares' means, noise is the median of the squares' standard deviations. The same
squares are measured in every image; ``tissue_squares`` says which they are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .sampled import Sampled
from .tissue_squares import mean_and_deviation, square_sides, tissue_squares

FEWEST_SQUARES = 10


@dataclass(frozen=True)
class RegionMeasure:
    """A tissue before and after standardization; HU and noise in HU, None of a target that is not there.

    Attributes:
        name: ``liver``, ``fat``, ``muscle`` or ``blood``.
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
    side = square_sides(sampled)
    images = {"before": sampled.before, "after": sampled.after}
    if sampled.target is not None:
        images["target"] = sampled.target
    squares = {name: mean_and_deviation(image, side) for name, image in images.items()}
    square_ml = sampled.voxel_ml * side[0] * side[1]
    return tuple(
        _measure(name, where, squares, square_ml)
        for name, where in tissue_squares(sampled).items()
        if np.count_nonzero(where) >= FEWEST_SQUARES
    )


def _measure(
    name: str, where: np.ndarray, squares: dict[str, tuple[np.ndarray, np.ndarray]], square_ml: float
) -> RegionMeasure:
    hu = {image: float(np.median(means[where])) for image, (means, _) in squares.items()}
    noise = {image: float(np.median(deviations[where])) for image, (_, deviations) in squares.items()}
    return RegionMeasure(
        name=name,
        volume_ml=float(np.count_nonzero(where) * square_ml),
        hu_before=hu["before"],
        hu_after=hu["after"],
        hu_target=hu.get("target"),
        noise_before=noise["before"],
        noise_after=noise["after"],
        noise_target=noise.get("target"),
    )
