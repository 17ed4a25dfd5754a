"""Many pairs of masks: found, measured side by side, kept in a journal and written as one cohort table.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "ClusterError": "many_error",
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
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
