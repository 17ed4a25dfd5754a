"""Contradictions inside a cohort table: each is an error that names file, row and column."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from .cohort_error import CohortError
from .grouping import stage_of
from .measures import KNOWN, LARGEST, measure_of
from .rows import KEYS, Row

# Values of one mask or case that are a thousandfold apart, give or take what livers differ by, are in other
# units; a mask that nearly misses the liver is as small, and its Dice says so.
_FACTOR = 1000.0
_FACTOR_TOLERANCE = 1.5
_DICE_OF_A_MISS = 0.01
_ONE_UNIT = (
    (
        ("volume_test_ml", "volume_reference_ml"),
        "mL",
        "bring all volumes to mL (1 L = 1000 mL, 1 mL = 1000 mm3)",
    ),
    # The smallest Hausdorff distance but 0 is a voxel; mean distances may well be a thousandth of others.
    (("hd_mm",), "mm", "bring all distances to mm (1 m = 1000 mm)"),
)


def check_rows(source: str, rows: Sequence[Row], measures: Sequence[str]) -> None:
    """Refuse rows that cannot all be true.

    Raises:
        CohortError: ``ambiguous-name``, ``duplicate-row``, ``mixed-units``, ``value-out-of-range`` or
            ``contradicting-rows``.
    """
    _refuse_names_by_spelling(source, rows)
    _refuse_duplicates(source, rows)
    _refuse_mixed_units(source, rows)
    _refuse_out_of_range(source, rows, measures)
    _refuse_contradictions(source, rows, measures)


def _refuse_names_by_spelling(source: str, rows: Sequence[Row]) -> None:
    """Capitals: "CNN" and "cnn" would count as two methods, and pairs would be lost without a word."""
    for key in KEYS:
        seen: dict[str, Row] = {}
        for row in rows:
            name = getattr(row, key)
            first = seen.setdefault(stage_of(name) if key == "stage" else name.casefold(), row)
            other = getattr(first, key)
            if other != name:
                raise CohortError(
                    f"{source}, rows {first.line} and {row.line}, column {key!r}: {other!r} and {name!r} "
                    "differ only in spelling; write them alike, or give them different names.",
                    id="ambiguous-name",
                )


def _refuse_duplicates(source: str, rows: Sequence[Row]) -> None:
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (*(getattr(row, name) for name in KEYS), row.against)
        first = seen.setdefault(key, row)
        if first is not row:
            named = ", ".join(f"{name} {value!r}" for name, value in zip((*KEYS, "reference"), key) if value)
            raise CohortError(
                f"{source}, rows {first.line} and {row.line}, column 'case': both are {named}; remove one "
                "(of several labels keep one), or tell them apart by observer, method, protocol or stage.",
                id="duplicate-row",
                rows=(first.line, row.line),
            )


def _refuse_out_of_range(source: str, rows: Sequence[Row], measures: Sequence[str]) -> None:
    for name in measures:
        measure = measure_of(name)
        for row in rows:
            value = row.values.get(name, math.nan)
            too_large = math.isfinite(value) and abs(value) > LARGEST
            if math.isnan(value) or (measure.low <= value <= measure.high and not too_large):
                continue
            limits = f"between {max(measure.low, -LARGEST):g} and {min(measure.high, LARGEST):g}"
            if value < measure.low and math.isinf(measure.high):
                limits = f"at least {measure.low:g}"
            hint = " (as a share, not in percent)" if measure.high == 1 and 1 < value <= 100 else ""
            raise CohortError(
                f"{source}, row {row.line}, column {name!r}: {value:g} is impossible; values are "
                f"{limits}{hint}.",
                id="value-out-of-range",
                row=row.line,
                column=name,
            )


def _refuse_contradictions(source: str, rows: Sequence[Row], measures: Sequence[str]) -> None:
    """A mask compared with two references has two rows, but one volume, time and score."""
    for name in measures:
        if name not in KNOWN or not KNOWN[name].of_mask:
            continue
        seen: dict[tuple[str, ...], Row] = {}
        for row in rows:
            if name not in row.values:
                continue
            first = seen.setdefault(tuple(getattr(row, key) for key in KEYS), row)
            if not math.isclose(first.values[name], row.values[name], rel_tol=1e-3) and not (
                math.isnan(first.values[name]) and math.isnan(row.values[name])
            ):
                raise CohortError(
                    f"{source}, rows {first.line} and {row.line}, column {name!r}: one mask of case "
                    f"{row.case!r} has {first.values[name]:g} and {row.values[name]:g}; correct one.",
                    id="contradicting-rows",
                )


def _refuse_mixed_units(source: str, rows: Sequence[Row]) -> None:
    for names, unit, advice in _ONE_UNIT:
        of_case: dict[str, list[tuple[float, int, str]]] = defaultdict(list)
        for row in rows:
            for name in names:
                value = row.values.get(name, math.nan)
                if math.isfinite(value) and value > 0 and not row.values.get("dice", 1.0) < _DICE_OF_A_MISS:
                    of_case[row.case].append((value, row.line, name))
        for case, values in of_case.items():
            (small, line, name), (large, other, other_name) = min(values), max(values)
            if _FACTOR / _FACTOR_TOLERANCE <= large / small <= _FACTOR * _FACTOR_TOLERANCE:
                raise CohortError(
                    f"{source}, row {line}, column {name!r}: {small:g} {unit}, but row {other}, column "
                    f"{other_name!r} says {large:g} {unit} for the same case {case!r}, a factor of "
                    f"{large / small:.0f}; {advice}.",
                    id="mixed-units",
                    row=line,
                    column=name,
                )
