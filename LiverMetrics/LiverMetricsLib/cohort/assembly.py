"""The whole analysis of a cohort."""

from __future__ import annotations

from ..statistic import check_confidence
from .agreement_tables import agreement_tables
from .comparison_tables import comparison_tables
from .correction_tables import method_pair_table, region_table
from .descriptive_tables import descriptive_tables
from .effort_tables import score_tables, time_tables
from .grouping import ORIGINAL, STANDARDIZED, stage_of, standardizer_of
from .observer_tables import observer_tables
from .omnibus_table import omnibus_table
from .paired_comparison import check_correction
from .ratio_table import ratio_table
from .results import Analysis
from .rows import Cohort
from .standardization_tables import standardization_tables
from .volume_pairs import REFERENCE, TEST, reference_method_of, volume_pairs


def analyse(
    cohort: Cohort,
    *,
    reference_method: str | None = None,
    confidence: float = 0.95,
    correction: str = "holm",
) -> Analysis:
    """All tables that the cohort has data for.

    Args:
        reference_method: Method whose volumes the others are compared with; None takes the column
            ``volume_reference_ml``, or, where there is none, the method "manual".
        confidence: Level of all intervals.
        correction: Of p values within a family: "holm" or "bonferroni".

    A table for which the cohort has no data is left out; ``Analysis.warnings`` say what a reader might miss.
    One case, equal values, and values that are not finite give what can be given and a note, never an error.

    Raises:
        CohortError: If the reference method or the correction is unknown.
        InvalidSample: If the confidence is not between 0 and 1.
    """
    check_confidence(confidence)
    check_correction(correction)
    reference = reference_method_of(cohort, reference_method)
    agreements = volume_pairs(cohort, reference, confidence)
    tables = [
        *descriptive_tables(cohort),
        *comparison_tables(cohort, confidence=confidence, correction=correction),
        *omnibus_table(cohort),
        *agreement_tables(agreements, confidence),
        *ratio_table(cohort, agreements, confidence),
        *standardization_tables(cohort, agreements, confidence=confidence, correction=correction),
        *method_pair_table(cohort),
        *observer_tables(cohort, confidence),
        *time_tables(cohort, confidence=confidence, correction=correction),
        *score_tables(cohort, confidence),
        *region_table(cohort, confidence),
    ]
    warnings = (
        *cohort.warnings,
        *_size_warnings(cohort),
        *_volume_warnings(cohort, reference, bool(agreements)),
        *_stage_warnings(cohort),
    )
    return Analysis(
        cohort=cohort,
        tables=tuple(tables),
        pairs=tuple(volumes for *_, volumes in agreements),
        warnings=warnings,
    )


def _size_warnings(cohort: Cohort) -> tuple[str, ...]:
    if len(cohort.cases) > 1:
        return ()
    return (
        "The cohort has one case: it is described, but nothing can be inferred from it (no interval, no p).",
    )


def _volume_warnings(cohort: Cohort, reference: str | None, found: bool) -> tuple[str, ...]:
    if TEST not in cohort.measures:
        return (f"There is no column {TEST}: no agreement of volumes.",)
    if not found:
        return (f"No volumes to compare with ({REFERENCE}, or a reference method): no agreement of volumes.",)
    if reference is not None:
        return (f"The reference of volumes is the method {reference!r}.",)
    return ()


def _stage_warnings(cohort: Cohort) -> tuple[str, ...]:
    stages = {stage_of(row.stage) for row in cohort.rows} - {""}
    standardized = {stage for stage in stages if standardizer_of(stage) is not None}
    if not stages or (ORIGINAL in stages and standardized and stages == {ORIGINAL} | standardized):
        return ()
    named = ", ".join(sorted(stages))
    return (
        f"Before and after standardization are compared where stages are {ORIGINAL!r} and {STANDARDIZED!r} "
        f"(or '{STANDARDIZED}: NAME'); the table has {named}.",
    )
