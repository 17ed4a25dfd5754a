"""How masks agree: overlap, volumes and surface distances, with their statistics.

Names are looked up lazily, so that importing one small file does not load the others.
"""

from __future__ import annotations

from LiverCoreLib.lazy import lazy_names

# public name -> module of this package that defines it
_MODULE_OF = {
    "AgreementMaps": "agreement",
    "CohortError": "cohort.cohort_error",
    "CohortRequest": "cohort_job",
    "CohortRequestError": "cohort_job",
    "CohortResults": "cohort_results",
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
    "measure_pdff": "pdff",
    "paired_t": "paired_tests",
    "read_cohort": "cohort.reading",
    "read_pairs": "many",
    "regression": "linear_regression",
    "repeatability": "reliability",
    "repeated_anova": "repeated_measures",
    "start_cohort": "background_cohort",
    "weighted_kappa": "kappa",
    "wilcoxon": "paired_tests",
    "write_report": "report",
}

__all__ = sorted(_MODULE_OF)
__getattr__, __dir__ = lazy_names(__name__, _MODULE_OF)
