"""What the data themselves answer of a reporting checklist."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..cohort.measures import measure_of
from ..definitions import DEFINITIONS_VERSION
from .data_summary import left_out_in_words, named
from .drawing import counted, listed

if TYPE_CHECKING:
    from ..cohort.results import Analysis
    from ..cohort.rows import Cohort, Row
    from ..cohort.table import Table

_WORST = 3


def checklist_answers(
    cohort: Cohort, analysis: Analysis, tables: Sequence[Table], versions: Mapping[str, str]
) -> dict[str, str | None]:
    """Answers by key; None where the cohort does not tell.

    Args:
        tables: In the order in which the report numbers them.
        versions: Of the software, by name.
    """
    return {
        "methods": _methods(cohort),
        "statistics": _statistics(analysis),
        "numbers": _numbers(cohort),
        "estimates": _estimates(tables),
        "details": "All tables of this report can be saved from it as CSV, with every digit.",
        "missing": _missing(cohort),
        "raters": _raters(cohort, tables),
        "software": _software(versions),
        "metrics": _metrics(cohort),
        "failures": _failures(cohort),
        "availability": (
            f"The evaluation was made with LiverCNN {versions['LiverCNN']} (Apache License 2.0). Whether "
            "model and data are available is to be filled in by the authors."
        ),
    }


def _methods(cohort: Cohort) -> str | None:
    methods = named(row.method for row in cohort.rows)
    if not methods:
        return None
    references = named(row.reference for row in cohort.rows)
    compared = f", compared with {listed(references)}" if references and len(references) <= 5 else ""
    description = "Their description is to be filled in by the authors."
    return f"Segmentations by {listed(methods, 10)}{compared}. {description}"


def _software(versions: Mapping[str, str]) -> str:
    used = "; ".join(f"{name} {text}" for name, text in versions.items())
    return f"For the evaluation: {used}. Those of the model are to be filled in by the authors."


def _numbers(cohort: Cohort) -> str:
    observers = named(row.observer for row in cohort.rows)
    masks = {(row.case, row.observer, row.method, row.protocol, row.stage) for row in cohort.rows}
    raters = counted(len(observers), "observer") if observers else "observers not named"
    return (
        f"{counted(len(cohort.cases), 'case')}, {raters}, {counted(len(masks), 'segmentation')} in "
        f"{counted(len(cohort.rows), 'row')}; {left_out_in_words(cohort)} Cases excluded before are to be "
        "filled in by the authors."
    )


def _statistics(analysis: Analysis) -> str:
    text = "The tables name their tests, models and corrections; the definitions of this report explain them."
    if analysis.pairs:
        level = 100 * analysis.pairs[0].limits_ml.bias_interval.confidence
        text += f" Confidence intervals are {level:g} %."
    return text


def _estimates(tables: Sequence[Table]) -> str | None:
    return f"Tables 1 to {len(tables)} of this report." if tables else None


def _missing(cohort: Cohort) -> str:
    return (
        f"{left_out_in_words(cohort).capitalize()} Nothing was imputed. An undefined value (both masks "
        "empty) leaves its case out; an infinite one (one mask empty) ranks beyond all others, and means "
        "leave it out."
    )


def _raters(cohort: Cohort, tables: Sequence[Table]) -> str | None:
    observers = named(row.observer for row in cohort.rows)
    if len(observers) < 2:
        return None
    numbers = [number for number, table in enumerate(tables, start=1) if "observer" in table.id]
    where = f": tables {listed([str(number) for number in numbers])}" if numbers else ""
    return f"Between {len(observers)} observers{where}. Within observers: to be filled in by the authors."


def _metrics(cohort: Cohort) -> str:
    titles = list(dict.fromkeys(measure_of(name).title for name in cohort.measures))
    return f"{listed(titles, 30)}; as defined in this report (definitions {DEFINITIONS_VERSION})."


def _failures(cohort: Cohort) -> str | None:
    """The cases with the lowest Dice, as a place to start from."""
    rows = [row for row in cohort.rows if math.isfinite(row.values.get("dice", math.nan))]
    if not rows:
        return None
    worst: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: row.values["dice"]):
        worst.setdefault(_words(row), row.values["dice"])
    first = [f"{words} ({dice:.3f})" for words, dice in list(worst.items())[:_WORST]]
    return f"Lowest Dice: {'; '.join(first)}. Why is to be filled in by the authors."


def _words(row: Row) -> str:
    return ", ".join(part for part in (row.case, row.method, row.protocol, row.stage) if part)
