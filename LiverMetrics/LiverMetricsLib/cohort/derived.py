"""Measures that follow from others: volume ratio and differences from the two volumes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from .rows import Row

_DERIVED: dict[str, Callable[[float, float], float]] = {
    "volume_ratio": lambda test, reference: test / reference if reference else math.nan,
    "volume_difference_ml": lambda test, reference: test - reference,
    "volume_difference_percent": (
        lambda test, reference: 100 * (test - reference) / reference if reference else math.nan
    ),
}


def with_derived_measures(
    rows: tuple[Row, ...], measures: tuple[str, ...]
) -> tuple[tuple[Row, ...], tuple[str, ...], tuple[str, ...]]:
    """Rows and measures with what the two volumes give and the table lacks, as ``Comparison`` defines it.

    Returns:
        Rows, measures, and a warning that names the columns added.
    """
    if not {"volume_test_ml", "volume_reference_ml"} <= set(measures):
        return rows, measures, ()
    missing = tuple(name for name in _DERIVED if name not in measures)
    if not missing:
        return rows, measures, ()
    added = tuple(replace(row, values={**row.values, **_derived(row.values, missing)}) for row in rows)
    return added, (*measures, *missing), (f"Computed from the two volumes: {', '.join(missing)}.",)


def _derived(values: Mapping[str, float], names: tuple[str, ...]) -> dict[str, float]:
    if not {"volume_test_ml", "volume_reference_ml"} <= set(values):
        return {}
    test, reference = values["volume_test_ml"], values["volume_reference_ml"]
    return {name: _DERIVED[name](test, reference) for name in names}
