"""A cohort: a tidy table of measurements, and the tables of a paper from it.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
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
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
