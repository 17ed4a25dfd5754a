"""The simulation measured, each figure beside what it should be: `livercnn phantom --verify`.

Names are looked up lazily, so that importing one small file does not load the others, or torch.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "Check": "check",
    "run_checks": "all_checks",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
