"""Figures of a cohort and a report that stands alone in one file.

Names are looked up lazily, so that importing one small file does not load the others; matplotlib and jinja2,
which the extra ``report`` brings, are loaded only while a report is made.
"""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module of this package that defines it; a module of the same name would hide it
_MODULE_OF: dict[str, str] = {
    "Drawing": "drawing",
    "MissingPackage": "requirements",
    "UnknownFigureFormat": "saving",
    "missing_packages": "requirements",
    "planned_drawings": "drawings",
    "require_packages": "requirements",
    "save_figure": "saving",
    "write_report": "writing",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_MODULE_OF))
