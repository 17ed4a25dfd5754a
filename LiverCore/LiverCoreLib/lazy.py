"""Names of a package that are looked up when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any, Callable


def lazy_names(package: str, module_of: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list]]:
    """Return ``__getattr__`` and ``__dir__`` for a package, so that importing it loads none of its modules.

    ``module_of``: public name -> module of the package that defines it. A module of the same name as a public
    one would hide it.
    """

    def look_up(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{module_of[name]}"), name)

    def names() -> list:
        return sorted({*vars(sys.modules[package]), *module_of})

    return look_up, names
