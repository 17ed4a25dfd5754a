"""What every statistical result has in common, and which values go into it.

The rule for values that are not finite: NaN is undefined (both masks were empty) and its case is left out,
with a warning. Infinity (one mask was empty) counts as larger than every number where ranks decide, and is
left out, with a warning, where means decide. Nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from LiverCoreLib.errors import LiverCNNError

from .json_values import plain

FEW = 10
_NORMALITY_P = 0.05


class InvalidSample(LiverCNNError):
    """The numbers given to a statistic do not fit together."""

    id = "invalid-sample"


@dataclass(frozen=True)
class Interval:
    """A confidence interval; ``confidence`` is its level, such as 0.95."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class Statistic:
    """Base of all results.

    Attributes:
        method: What was computed, in words for a report.
        n: Cases that went in.
        warnings: What a reader must know: cases left out, ties, too few cases, ...
    """

    method: str
    n: int
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON (see ``json_values``)."""
        return plain(self)


def finite_rows(
    columns: Sequence[Sequence[float]], names: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The cases that all columns have as finite numbers, for statistics of means.

    Args:
        columns: One sequence a variable, all of one length.
        names: Names of the columns, for messages.

    Returns:
        Array (cases, columns), and a warning if cases were left out.

    Raises:
        InvalidSample: If the columns differ in length or hold something else than numbers.
    """
    table = _table(columns, names)
    keep = np.isfinite(table).all(axis=1)
    undefined = int(np.isnan(table).any(axis=1).sum())
    infinite = int((~keep).sum()) - undefined
    parts = []
    if undefined:
        parts.append(f"{undefined} undefined (NaN)")
    if infinite:
        parts.append(f"{infinite} infinite")
    warnings = (
        (f"{len(table) - keep.sum()} of {len(table)} cases left out: {', '.join(parts)}.",) if parts else ()
    )
    return table[keep], warnings


def defined_rows(
    columns: Sequence[Sequence[float]], names: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The cases that all columns have, infinite ones included, for statistics of ranks.

    As ``finite_rows``, but only NaN leaves a case out.
    """
    table = _table(columns, names)
    keep = ~np.isnan(table).any(axis=1)
    warnings: list[str] = []
    if not keep.all():
        warnings.append(f"{(~keep).sum()} of {len(table)} cases left out: undefined (NaN).")
    infinite = int(np.isinf(table[keep]).any(axis=1).sum())
    if infinite:
        warnings.append(f"{infinite} infinite cases rank beyond all others.")
    return table[keep], tuple(warnings)


def check_confidence(confidence: float) -> None:
    """Refuse a level of confidence that is none.

    Raises:
        InvalidSample: Unless 0 < confidence < 1.
    """
    if not 0.0 < confidence < 1.0:
        raise InvalidSample(f"The confidence is a share between 0 and 1, such as 0.95; found {confidence!r}.")


def few_cases(n: int, needed: int = FEW) -> tuple[str, ...]:
    """A warning where an interval or test rests on few cases."""
    return (f"Only {n} cases; results on fewer than {needed} say little.",) if n < needed else ()


def not_normal(values: np.ndarray, what: str) -> tuple[str, ...]:
    """A warning where values do not look normal (Shapiro-Wilk, p < .05)."""
    if not 3 <= values.size <= 5000 or np.ptp(values) == 0:
        return ()
    # In units of their range: scipy takes very small values for equal ones.
    p = float(stats.shapiro((values - values.mean()) / np.ptp(values)).pvalue)
    return (f"The {what} do not look normal (Shapiro-Wilk p = {p:.3g}).",) if p < _NORMALITY_P else ()


def _table(columns: Sequence[Sequence[float]], names: Sequence[str]) -> np.ndarray:
    arrays = []
    for column, name in zip(columns, names):
        try:
            arrays.append(np.asarray(column, dtype=float).reshape(-1))
        except (TypeError, ValueError) as error:
            raise InvalidSample(f"The {name} values are not all numbers ({error}).", column=name) from error
    lengths = {name: array.size for name, array in zip(names, arrays)}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InvalidSample(f"Every case needs a value of each; found {found} values.", lengths=lengths)
    return np.stack(arrays, axis=1)
