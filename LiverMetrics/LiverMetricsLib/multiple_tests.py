"""Corrections of p values where several hypotheses are tested at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .statistic import InvalidSample, Statistic


@dataclass(frozen=True)
class AdjustedP(Statistic):
    """P values that hold for the whole family; in the order given, NaN where the test gave none."""

    p: tuple[float, ...]


def bonferroni(p_values: Sequence[float]) -> AdjustedP:
    """Each p times their number; R's ``p.adjust(p, "bonferroni")``.

    Raises:
        InvalidSample: If a value is not between 0 and 1.
    """
    values, defined, warnings = _checked(p_values)
    adjusted = np.minimum(1.0, values * defined.sum())
    return AdjustedP("Bonferroni", int(defined.sum()), warnings, tuple(adjusted.tolist()))


def holm(p_values: Sequence[float]) -> AdjustedP:
    """Holm's step-down: never larger than Bonferroni's and as safe; R's ``p.adjust(p, "holm")``.

    Raises:
        InvalidSample: If a value is not between 0 and 1.
    """
    values, defined, warnings = _checked(p_values)
    adjusted = np.full(values.size, math.nan)
    places = np.flatnonzero(defined)
    order = places[np.argsort(values[places], kind="stable")]
    steps = values[order] * np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return AdjustedP("Holm", int(defined.sum()), warnings, tuple(adjusted.tolist()))


def _checked(p_values: Sequence[float]) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    values = np.asarray(p_values, dtype=float).reshape(-1)
    defined = ~np.isnan(values)
    outside = values[defined & ~((values >= 0) & (values <= 1))]
    if outside.size:
        raise InvalidSample(f"A p value lies between 0 and 1; found {outside[0]:g}.")
    missing = int((~defined).sum())
    warnings = (f"{missing} of {values.size} tests gave no p and are not counted.",) if missing else ()
    return values, defined, warnings
