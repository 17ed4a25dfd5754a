"""Text of a cell to a number, with decimal points or, consistently, decimal commas."""

from __future__ import annotations

import math
import re

# Missing, as R writes it; NaN is something else: measured, and undefined.
MISSING = ("", "NA")

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(inf|infinity)|nan", re.IGNORECASE)


def is_missing(text: str) -> bool:
    """Whether the cell holds no value."""
    return text in MISSING


def is_number(text: str) -> bool:
    """Whether the cell is a number with a decimal point or comma, or "inf" or "nan"."""
    return any(pattern.fullmatch(text) for pattern in (_POINT, _COMMA, _NOT_FINITE))


def has_decimal_comma(text: str) -> bool:
    """Whether the cell is a number with a comma in it."""
    return _COMMA.fullmatch(text) is not None


def has_decimal_point(text: str) -> bool:
    """Whether the cell is a number with a point in it."""
    return _POINT.fullmatch(text) is not None and "." in text


def number(text: str) -> float:
    """The number of a cell for which ``is_number`` holds.

    Raises:
        ValueError: If it is none, or too large for a double.
    """
    if not is_number(text):
        raise ValueError(text)
    value = float(text.replace(",", "."))
    if math.isinf(value) and not _NOT_FINITE.fullmatch(text):
        raise ValueError(text)
    return value
