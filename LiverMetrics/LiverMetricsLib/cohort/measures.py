"""The measures a cohort table may hold: words, units and the range their values lie in."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A measure.

    Attributes:
        name: Column of the cohort table.
        title: For readers.
        unit: "" for none.
        digits: Decimals shown.
        definition: What it is.
        low, high: Values beyond are wrong, not rare.
        of_mask: It belongs to the mask alone, whatever the mask is compared with.
    """

    name: str
    title: str
    unit: str = ""
    digits: int = 3
    definition: str = ""
    low: float = -math.inf
    high: float = math.inf
    of_mask: bool = False


# Beyond it nothing is measured, whatever the unit.
LARGEST = 1e12

# No liver has a hundred litres: the column is not in mL.
_HUGE_ML = 1e5

_KNOWN = (
    Measure("dice", "Dice", "", 3, "2 |A and B| / (|A| + |B|), A the mask and B its reference", 0.0, 1.0),
    Measure("volume_ratio", "Volume ratio", "", 3, "volume of the mask / volume of its reference", 0.0),
    Measure("msd_mm", "Mean surface distance", "mm", 2, "distances of both directions pooled", 0.0),
    Measure("hd_mm", "Hausdorff distance", "mm", 1, "the larger of both directed maxima", 0.0),
    Measure("hd95_mm", "95 % Hausdorff distance", "mm", 1, "the larger of both directed percentiles", 0.0),
    Measure("surface_dice", "Surface Dice", "", 3, "share of both surfaces within the tolerance", 0.0, 1.0),
    Measure("volume_test_ml", "Volume", "mL", 1, "volume of the mask", 0.0, _HUGE_ML, of_mask=True),
    Measure("volume_reference_ml", "Reference volume", "mL", 1, "volume of the reference", 0.0, _HUGE_ML),
    Measure("volume_difference_ml", "Volume difference", "mL", 1, "mask - reference"),
    Measure("volume_difference_percent", "Volume difference", "%", 2, "100 (mask - reference) / reference"),
    Measure("masd_mm", "Mean of directed mean distances", "mm", 2, "mean of both directed means", 0.0),
    Measure("msd_test_to_reference_mm", "Mean distance, mask to reference", "mm", 2, "", 0.0),
    Measure("msd_reference_to_test_mm", "Mean distance, reference to mask", "mm", 2, "", 0.0),
    Measure("rmsd_mm", "Root mean squared distance", "mm", 2, "both directions pooled", 0.0),
    Measure("hd95_pooled_mm", "95th percentile distance, pooled", "mm", 1, "both directions pooled", 0.0),
    Measure("time_s", "Time", "s", 0, "time spent on the mask", 0.0, of_mask=True),
    Measure("score", "Score", "", 1, "an observer's judgement", of_mask=True),
)

KNOWN = {measure.name: measure for measure in _KNOWN}

# Columns of other exports that are no measures: paths, words, parameters.
NOT_MEASURES = frozenset(
    (
        "status", "geometry", "family", "label", "test_label", "segment", "tolerance_mm", "hd_point_lps",
        "warnings", "neighbourhood", "definitions_version", "error", "error_id",
    )  # fmt: skip
)


def measure_of(name: str) -> Measure:
    """The measure of a column; one that is not known goes by its own name, its unit in the name."""
    if name in KNOWN:
        return KNOWN[name]
    stem, _, unit = name.rpartition("_")
    unit = _UNITS.get(unit, "") if stem else ""
    words = (stem if unit else name).replace("_", " ")
    return Measure(name, words[:1].upper() + words[1:], unit)


def sorted_measures(names: tuple[str, ...]) -> tuple[str, ...]:
    """Known measures in the order of papers, then the others by name."""
    known = [name for name in KNOWN if name in names]
    return (*known, *sorted(name for name in names if name not in KNOWN))


_UNITS = {
    "ml": "mL", "cm3": "cm3", "mm3": "mm3", "mm": "mm", "cm": "cm", "mm2": "mm2", "s": "s", "min": "min",
    "h": "h", "percent": "%", "hu": "HU", "gy": "Gy", "kg": "kg", "years": "years", "kev": "keV",
}  # fmt: skip
