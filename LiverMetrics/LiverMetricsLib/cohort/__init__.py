"""A cohort: a tidy table of measurements, and the tables of a paper from it.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module of this package that defines it; a module of the same name would hide it
_MODULE_OF: dict[str, str] = {
    "Analysis": "results",
    "Cohort": "rows",
    "CohortError": "cohort_error",
    "Column": "table",
    "Row": "rows",
    "Table": "table",
    "VolumePairs": "results",
    "analyse": "assembly",
    "cohort_from_rows": "reading",
    "read_cohort": "reading",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_MODULE_OF))
