"""How masks agree: overlap, volumes and surface distances, with their statistics.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module of this package that defines it; a module of the same name would hide it
_MODULE_OF: dict[str, str] = {
    "AgreementMaps": "agreement",
    "CohortError": "cohort.cohort_error",
    "Comparison": "comparison",
    "EmptyMask": "agreement",
    "GeometryMismatch": "pairing",
    "InvalidArgument": "arguments",
    "InvalidSample": "statistic",
    "LabelAbsent": "files",
    "UnsupportedMask": "pairing",
    "agreement_maps": "agreement",
    "analyse": "cohort.assembly",
    "bland_altman": "limits_of_agreement",
    "bonferroni": "multiple_tests",
    "cohort_from_rows": "cohort.reading",
    "compare": "engine",
    "compare_files": "files",
    "compare_labels": "engine",
    "compare_many": "many",
    "concordance": "lin_concordance",
    "find_pairs": "many",
    "friedman": "repeated_measures",
    "holm": "multiple_tests",
    "intraclass_correlation": "reliability",
    "labels_in": "engine",
    "paired_t": "paired_tests",
    "read_cohort": "cohort.reading",
    "read_pairs": "many",
    "regression": "linear_regression",
    "repeatability": "reliability",
    "repeated_anova": "repeated_measures",
    "weighted_kappa": "kappa",
    "wilcoxon": "paired_tests",
    "write_report": "report",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_MODULE_OF))
