"""Results as plain values for JSON.

JSON has no NaN and no infinity: they are written as the strings "NaN", "Infinity" and "-Infinity", which
``float()`` reads back.
"""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def plain(value: Any) -> Any:
    """The value with tuples as lists, dataclasses as dictionaries and numbers that are not finite as words.

    A field of a dataclass that is None was not asked for and is left out.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: plain(item) for name, item in named.items() if item is not None}
    return value
