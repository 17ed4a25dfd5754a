"""Figures of a cohort and a report that stands alone in one file.

Names are looked up lazily, so that importing one small file does not load the others; matplotlib and jinja2,
which the extra ``report`` brings, are loaded only while a report is made.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "Chart": "chart",
    "Drawing": "drawing",
    "Series": "chart",
    "UnknownFigureFormat": "saving",
    "planned_charts": "charts",
    "planned_drawings": "drawings",
    "save_figure": "saving",
    "write_report": "writing",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
