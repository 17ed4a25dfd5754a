"""What every measure and statistic of a report means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cohort.measures import measure_of, sorted_measures
from ..definitions import DEFINITIONS_VERSION, NEIGHBOURHOOD, definitions_of

if TYPE_CHECKING:
    from ..cohort.rows import Cohort

_FAMILY = "voxel"
_SURFACE_MEASURES = ("msd", "masd", "rmsd", "hd", "surface")

# S_A and S_B are the surfaces of test and reference; d(a, S_B) is the distance of a point to a surface.
_FORMULAS = {
    "msd_mm": "(sum d(a, S_B) + sum d(b, S_A)) / (|S_A| + |S_B|), over all a of S_A and b of S_B",
    "masd_mm": "(mean d(a, S_B) + mean d(b, S_A)) / 2",
    "msd_test_to_reference_mm": "mean d(a, S_B)",
    "msd_reference_to_test_mm": "mean d(b, S_A)",
    "rmsd_mm": "sqrt((sum d(a, S_B)^2 + sum d(b, S_A)^2) / (|S_A| + |S_B|))",
    "hd_mm": "max(max d(a, S_B), max d(b, S_A))",
    "hd95_mm": "max(P95 of d(a, S_B), P95 of d(b, S_A))",
    "hd95_pooled_mm": "P95 of all d(a, S_B) and d(b, S_A)",
    "surface_dice": "(area of S_A within t of S_B + area of S_B within t of S_A) / (area S_A + area S_B)",
}

# Term and meaning.
_STATISTICS = (
    ("Mean and SD", "arithmetic mean of finite values; standard deviation with n - 1"),
    ("Median, IQR", "median and quartiles, linear interpolation between order statistics (R type 7)"),
    (
        "Bias and limits of agreement",
        "mean(d) and mean(d) -+ 1.96 SD(d), d = test - reference, with t intervals; Bland and Altman 1999",
    ),
    (
        "CCC",
        "Lin's concordance correlation coefficient: 2 s_xy / (s_x^2 + s_y^2 + (mean x - mean y)^2), "
        "variances by n; interval by Fisher's z; Lin 1989 and 2000",
    ),
    ("Regression", "least squares of the test on the reference: y = slope x + intercept; r is Pearson's"),
    (
        "ICC",
        "intraclass correlation; the table names the model: (2,1) is two-way random, absolute agreement, "
        "single measurement; Shrout and Fleiss 1979, McGraw and Wong 1996",
    ),
    ("Paired comparisons", "tests on the differences of the same cases; p is corrected as the table says"),
)


def definition_list(cohort: Cohort) -> list[tuple[str, str]]:
    """Term and meaning of each measure of the cohort, of what they rest on, and of the statistics."""
    known = definitions_of(_FAMILY)
    terms = [(_title(name), _meaning(name, known)) for name in sorted_measures(cohort.measures)]
    if any(name.startswith(_SURFACE_MEASURES) for name in cohort.measures):
        terms += [
            ("Surface", known["surface"]),
            ("Neighbourhood", NEIGHBOURHOOD[_FAMILY]),
            ("Percentile", known["percentile"]),
        ]
    return [*terms, ("Empty masks", known["empty"])]


def statistics_list() -> tuple[tuple[str, str], ...]:
    """Term and meaning of the statistics of tables and figures."""
    return _STATISTICS


def definitions_note() -> str:
    """Which definitions these are, and where they may not hold."""
    return (
        f"Definitions {DEFINITIONS_VERSION} of LiverCNN, {_FAMILY} family. A is the mask tested, B its "
        "reference; S_A and S_B are their surfaces, d(a, S_B) is the distance of a to S_B. They hold if "
        "livercnn compare measured the masks without the option --family; columns of other origin mean what "
        "their author says."
    )


def _title(name: str) -> str:
    measure = measure_of(name)
    unit = f" ({measure.unit})" if measure.unit else ""
    return f"{measure.title}{unit}"


def _meaning(name: str, known: dict[str, str]) -> str:
    meaning = known.get(name) or measure_of(name).definition
    if name in _FORMULAS:
        return f"{meaning}; {_FORMULAS[name]}"
    return meaning or f"column {name!r} of the table, as its author defined it"
