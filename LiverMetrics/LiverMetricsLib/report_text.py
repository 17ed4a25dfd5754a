"""A comparison as lines for people."""

from __future__ import annotations

import math

from .comparison import Comparison

# (words, field, unit, digits); the surface Dice is added where there is a tolerance
_ROWS = (
    ("Dice", "dice", "", 4),
    ("Volume of the test", "volume_test_ml", "mL", 1),
    ("Volume of the reference", "volume_reference_ml", "mL", 1),
    ("Volume ratio", "volume_ratio", "", 4),
    ("Volume difference", "volume_difference_ml", "mL", 1),
    ("Volume difference", "volume_difference_percent", "%", 2),
    ("Mean surface distance (pooled)", "msd_mm", "mm", 3),
    ("Mean of both directed means", "masd_mm", "mm", 3),
    ("  test to reference", "msd_test_to_reference_mm", "mm", 3),
    ("  reference to test", "msd_reference_to_test_mm", "mm", 3),
    ("Root mean squared distance", "rmsd_mm", "mm", 3),
    ("Hausdorff distance", "hd_mm", "mm", 3),
    ("95 % Hausdorff distance", "hd95_mm", "mm", 3),
    ("  of both directions pooled", "hd95_pooled_mm", "mm", 3),
)


def text_lines(name: str, result: Comparison) -> list[str]:
    """The measures of one comparison, one a line, then what to know about them."""
    lines = [
        f"{name}: {result.family} family, {result.neighbourhood}; definitions {result.definitions_version}"
    ]
    lines += [_row(words, getattr(result, field), unit, digits) for words, field, unit, digits in _ROWS]
    if result.surface_dice is not None:
        lines.append(_row(f"Surface Dice at {result.tolerance_mm:g} mm", result.surface_dice, "", 4))
    if result.hd_point_lps is not None:
        place = ", ".join(f"{value:.1f}" for value in result.hd_point_lps)
        lines.append(f"  {'Hausdorff distance is at (LPS)':<32}{place} mm")
    if result.status != "ok":
        lines.append(f"Note: {result.status.replace('-', ' ')}.")
    return lines + [f"Warning: {warning}" for warning in result.warnings]


def number_text(value: float, digits: int) -> str:
    """A number with fixed digits; NaN is "undefined", infinity "infinite"."""
    if math.isnan(value):
        return "undefined"
    return f"{value:.{digits}f}" if math.isfinite(value) else "infinite"


def _row(words: str, value: float, unit: str, digits: int) -> str:
    return f"  {words:<32}{number_text(value, digits):>12} {unit}".rstrip()
