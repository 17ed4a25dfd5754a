"""How good a standardized image is: HU and noise of tissues, noise texture, sharpness, likeness to a target.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "Quality": "measure",
    "RegionMeasure": "regions",
    "draw_quality": "figure",
    "measure_quality": "measure",
    "quality_page": "page",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
