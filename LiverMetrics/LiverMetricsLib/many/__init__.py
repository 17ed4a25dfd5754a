"""Many pairs of masks: found, measured side by side, kept in a journal and written as one cohort table.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module of this package that defines it
_MODULE_OF = {
    "ClusterError": "many_error",
    "MissingExtra": "extras",
    "NothingMeasured": "many_error",
    "Outcome": "task",
    "Pair": "pair",
    "PairList": "pair",
    "PairsError": "many_error",
    "Settings": "task",
    "Summary": "run",
    "compare_many": "run",
    "find_pairs": "patterns",
    "read_pairs": "pairs_table",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_MODULE_OF))
