"""Liver segmentation: input checks, preprocessing, networks and postprocessing behind ``segment_liver``.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module of this package that defines it
_MODULE_OF = {
    "LiverSegmentation": "segment",
    "ModelInput": "preprocessing",
    "SegmentationModel": "model",
    "check_image": "checks",
    "load_model": "model",
    "preprocess": "preprocessing",
    "restore": "restoring",
    "SegmentRequest": "job",
    "segment_file": "job",
    "segment_liver": "segment",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_MODULE_OF))
