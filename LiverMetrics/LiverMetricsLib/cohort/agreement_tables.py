"""Agreement of volumes with their reference: concordance, limits of agreement, regression, volume ratio."""

from __future__ import annotations

from collections.abc import Sequence

from ..limits_of_agreement import BlandAltman, bland_altman
from .grouping import MATCHING_RULE, OBSERVER_RULE, Group, Paired
from .layout import REMARKS, Footnotes, KeyColumns, interval_columns
from .results import VolumePairs
from .table import Column, Table, cell

Agreements = Sequence[tuple[Group, Paired, VolumePairs]]

_REFERENCE = Column("reference", "Reference", kind="text")
_N = Column("n", "n", kind="integer", definition="Cases with both volumes")

_UNMATCHED = "Cases without both volumes are left out."
_NO_CCC = "CCC is undefined: one case, or volumes without scatter."
_NO_LINE = "There is no line: too few cases, or reference volumes without scatter."
_AVERAGED = "Several observers measured some cases; their volumes were averaged within the case."


def agreement_tables(found: Agreements, confidence: float) -> list[Table]:
    """``concordance``, ``bland-altman`` and ``regression``; none without a reference volume."""
    if not found:
        return []
    # The column "reference" names what the group's "against" would.
    keys = KeyColumns((group for group, *_ in found), without=("against",))
    return [
        _concordance_table(found, keys, confidence),
        _limits_table(found, keys, confidence),
        _regression_table(found, keys, confidence),
    ]


def _concordance_table(found: Agreements, keys: KeyColumns, confidence: float) -> Table:
    footnotes = Footnotes()
    rows = []
    for group, pairs, volumes in found:
        lin = volumes.concordance
        numbers = (
            [None] * 7
            if lin is None
            else [
                cell(value)
                for value in (
                    lin.ccc, lin.interval.low, lin.interval.high, lin.pearson_r, lin.c_b, lin.scale_shift,
                    lin.location_shift,
                )
            ]
        )  # fmt: skip
        remarks = [*_remarks(pairs), *(lin.warnings if lin else [_NO_CCC])]
        rows.append((*_labels(keys, group, volumes), *numbers, footnotes.mark(remarks)))
    columns = (
        Column("ccc", "CCC", definition="Lin's concordance correlation coefficient, variances by n"),
        *interval_columns("ccc", "CCC", confidence),
        Column("pearson_r", "Pearson r", definition="Precision: how near the points are to some line"),
        Column("c_b", "C_b", definition="Accuracy: how near that line is to identity; CCC = r C_b"),
        Column("scale_shift", "Scale shift v", definition="SD of the test / SD of the reference"),
        Column("location_shift", "Location shift u", definition="Difference of means / sqrt(SD SD)"),
    )
    return Table(
        "concordance",
        "Concordance of volumes",
        (*keys.columns, _REFERENCE, _N, *columns, REMARKS),
        tuple(rows),
        caption="Lin's concordance correlation coefficient (Lin 1989, 2000), interval by Fisher's z.",
        notes=(OBSERVER_RULE, MATCHING_RULE, *footnotes.notes()),
    )


def _limits_table(found: Agreements, keys: KeyColumns, confidence: float) -> Table:
    footnotes = Footnotes()
    rows = []
    for group, pairs, volumes in found:
        of_mean = bland_altman(
            volumes.test_ml.tolist(),
            volumes.reference_ml.tolist(),
            scale="percent-of-mean",
            confidence=confidence,
        )
        for unit, limits in (
            ("mL", volumes.limits_ml),
            ("% of reference", volumes.limits_percent),
            ("% of mean", of_mean),
        ):
            labels = (*keys.cells(group), volumes.reference_name, unit, limits.n)
            remarks = footnotes.mark((*_remarks(pairs), *_limit_remarks(limits)))
            rows.append((*labels, *limit_cells(limits), remarks))
    return Table(
        "bland-altman",
        "Limits of agreement of volumes",
        (
            *keys.columns,
            _REFERENCE,
            Column("unit", "Unit", kind="text"),
            Column("n", "n", kind="integer"),
            *limit_columns(confidence),
            REMARKS,
        ),
        tuple(rows),
        caption="Bland and Altman (1986, 1999): test - reference, bias and limits bias -+ 1.96 SD.",
        notes=(
            OBSERVER_RULE,
            MATCHING_RULE,
            "Slope: change of the difference, in the row's unit, for each mL of the mean of both volumes.",
            *footnotes.notes(),
        ),
    )


def limit_columns(confidence: float) -> tuple[Column, ...]:
    """Columns of limits of agreement; the unit is in another column of the row."""
    return (
        Column("bias", "Bias", digits=2, definition="Mean of test - reference"),
        *interval_columns("bias", "bias", confidence, digits=2),
        Column("sd", "SD", digits=2, definition="Standard deviation of the differences"),
        Column("lower_limit", "Lower limit", digits=2),
        *interval_columns("lower_limit", "lower limit", confidence, digits=2),
        Column("upper_limit", "Upper limit", digits=2),
        *interval_columns("upper_limit", "upper limit", confidence, digits=2),
        Column("slope", "Slope", digits=4, definition="Of the difference on the mean"),
        Column("slope_p", "p (slope)", kind="p", definition="Of slope 0, two-sided"),
    )


def limit_cells(limits: BlandAltman) -> tuple[float | None, ...]:
    """Cells for ``limit_columns``."""
    numbers = (
        limits.bias, limits.bias_interval.low, limits.bias_interval.high, limits.sd,
        limits.lower_limit, limits.lower_limit_interval.low, limits.lower_limit_interval.high,
        limits.upper_limit, limits.upper_limit_interval.low, limits.upper_limit_interval.high,
        limits.slope, limits.slope_p,
    )  # fmt: skip
    return tuple(cell(number) for number in numbers)


def _limit_remarks(limits: BlandAltman) -> tuple[str, ...]:
    few = ("With fewer than two cases there are no limits of agreement.",) if limits.n < 2 else ()
    return (*few, *limits.warnings)


def _regression_table(found: Agreements, keys: KeyColumns, confidence: float) -> Table:
    footnotes = Footnotes()
    rows = []
    for group, pairs, volumes in found:
        line = volumes.regression
        numbers: list[float | None] = [None] * 12
        if line is not None:
            ends = (line.slope_interval, line.intercept_interval, line.pearson_interval)
            (slope, intercept, r) = ((end.low, end.high) for end in ends)
            numbers = [
                cell(value)
                for value in (
                    line.slope, *slope, line.slope_p, line.intercept, *intercept, line.residual_sd,
                    line.pearson_r, *r, line.r_squared,
                )
            ]  # fmt: skip
        remarks = [*_remarks(pairs), *(line.warnings if line else [_NO_LINE])]
        rows.append((*_labels(keys, group, volumes), *numbers, footnotes.mark(remarks)))
    columns = (
        Column("slope", "Slope", definition="mL of test per mL of reference"),
        *interval_columns("slope", "slope", confidence),
        Column("slope_p", "p (slope)", kind="p", definition="Of slope 0, two-sided"),
        Column("intercept", "Intercept", "mL", digits=1),
        *interval_columns("intercept", "intercept", confidence, unit="mL", digits=1),
        Column("residual_sd", "Residual SD", "mL", digits=1),
        Column("pearson_r", "Pearson r"),
        *interval_columns("pearson_r", "r", confidence),
        Column("r_squared", "R squared", definition="Share of the variance that the line explains"),
    )
    return Table(
        "regression",
        "Regression of volumes",
        (*keys.columns, _REFERENCE, _N, *columns, REMARKS),
        tuple(rows),
        caption="Least squares: volume of the mask on volume of the reference.",
        notes=(OBSERVER_RULE, MATCHING_RULE, *footnotes.notes()),
    )


def _labels(keys: KeyColumns, group: Group, volumes: VolumePairs) -> tuple[object, ...]:
    return (*keys.cells(group), volumes.reference_name, len(volumes.cases))


def _remarks(pairs: Paired) -> list[str]:
    return [text for text, holds in ((_UNMATCHED, pairs.unmatched), (_AVERAGED, pairs.averaged)) if holds]
