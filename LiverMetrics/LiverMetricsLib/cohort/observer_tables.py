"""Agreement between observers who measured the same cases: matrix, intraclass correlation, overlap."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from ..limits_of_agreement import bland_altman
from ..lin_concordance import concordance
from ..reliability import IntraclassCorrelation, intraclass_correlation, repeatability
from .agreement_tables import limit_cells, limit_columns
from .descriptive_tables import SUMMARY_COLUMNS, summary_cells
from .grouping import Group, Values, observers_of, of_observer, paired, values_of
from .layout import MEASURE_COLUMNS, REMARKS, Footnotes, KeyColumns, interval_columns, measure_cells
from .measures import measure_of, sorted_measures
from .ratio_table import RATIO_RULE, ratio_cells_of, ratio_columns
from .rows import Cohort
from .table import Column, Table, cell
from .volume_pairs import REFERENCE, TEST

_MODEL = "ICC(2,1)"
_MODEL_NOTE = f"{_MODEL}: observers drawn at random, absolute agreement, single rating (Shrout, Fleiss 1979)."
_UNDEFINED = "Not available: fewer than two cases, or cases that do not differ."
_INCOMPLETE = "Cases that some observer lacks are left out."
_OBSERVERS = (
    Column("first", "Observer", kind="text"),
    Column("second", "Other observer", kind="text"),
)


def observer_tables(cohort: Cohort, confidence: float) -> list[Table]:
    """``inter-observer-matrix``, ``-pairs``, ``-icc`` and ``-overlap``, as far as there are data."""
    volumes = {g: v for g, v in values_of(cohort, TEST).items() if len(observers_of(v)) > 1}
    tables = []
    if volumes:
        tables += [_matrix(volumes, confidence), _pairs_table(volumes, confidence)]
    shared = {
        name: groups
        for name in sorted_measures(cohort.measures)
        if name != REFERENCE
        and (groups := {g: v for g, v in values_of(cohort, name).items() if len(observers_of(v)) > 1})
    }
    if shared:
        tables.append(_icc_table(shared, confidence))
    return tables + _overlap(cohort)


def _matrix(volumes: dict[Group, dict[str, dict[str, float]]], confidence: float) -> Table:
    """One line an observer, one column an observer, ICC of their volumes."""
    keys = KeyColumns(volumes)
    names = tuple(dict.fromkeys(name for values in volumes.values() for name in observers_of(values)))
    names = tuple(sorted(names))
    rows = []
    for group, values in volumes.items():
        for observer in observers_of(values):
            found = [
                None if other == observer else _icc_of(values, (observer, other), confidence)
                for other in names
            ]
            rows.append((*keys.cells(group), observer, *(cell(icc.icc) if icc else None for icc in found)))
    return Table(
        "inter-observer-matrix",
        "Inter-observer matrix",
        (
            *keys.columns,
            Column("observer", "Observer", kind="text"),
            *(Column(f"with_{name}", name, definition=f"ICC with {name}") for name in names),
        ),
        tuple(rows),
        caption="Intraclass correlation of the volumes of every two observers.",
        notes=(_MODEL_NOTE, "Nothing on the diagonal, without common cases, or where volumes do not differ."),
    )


def _pairs_table(volumes: dict[Group, dict[str, dict[str, float]]], confidence: float) -> Table:
    keys = KeyColumns(volumes)
    footnotes = Footnotes()
    rows: list[tuple[object, ...]] = []
    for group, values in volumes.items():
        for first, second in combinations(observers_of(values), 2):
            sides = paired(of_observer(values, first), of_observer(values, second))
            if not sides.cases:
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = sides.first / sides.second
            test, other = sides.first.tolist(), sides.second.tolist()
            limits = bland_altman(test, other, confidence=confidence)
            lin = concordance(test, other, confidence=confidence)
            icc = _icc_of(values, (first, second), confidence)
            icc_cells = (None,) * 3 if icc is None else _icc_cells(icc)
            remarks = (*limits.warnings, *((_INCOMPLETE,) if sides.unmatched else ()))
            rows.append(
                (
                    *keys.cells(group), first, second, *ratio_cells_of(ratios, confidence), *icc_cells,
                    cell(lin.ccc), *limit_cells(limits), footnotes.mark(remarks),
                )
            )  # fmt: skip
    return Table(
        "inter-observer-pairs",
        "Volumes of every two observers",
        (
            *keys.columns,
            *_OBSERVERS,
            *ratio_columns(confidence),
            Column("icc", "ICC"),
            *interval_columns("icc", "ICC", confidence),
            Column("ccc", "CCC"),
            *limit_columns(confidence),
            REMARKS,
        ),
        tuple(rows),
        caption="Ratio and difference are of the first observer to the other; difference in mL.",
        notes=(RATIO_RULE, _MODEL_NOTE, *footnotes.notes()),
    )


def _icc_table(shared: dict[str, dict[Group, dict[str, dict[str, float]]]], confidence: float) -> Table:
    keys = KeyColumns(group for groups in shared.values() for group in groups)
    footnotes = Footnotes()
    rows: list[tuple[object, ...]] = []
    for name, groups in shared.items():
        for group, values in groups.items():
            observers = observers_of(values)
            table = _complete(values, observers)
            icc = _icc(table, confidence)
            remarks = [_INCOMPLETE] if len(table) < len(values) else []
            remarks += [_UNDEFINED] if icc is None else list(icc.warnings)
            scatter = repeatability(table.T.tolist(), confidence=confidence)
            numbers = (*(_icc_cells(icc) if icc else (None,) * 3), cell(icc.p) if icc else None)
            within = (scatter.within_subject_sd, scatter.coefficient)
            labels = (*measure_cells(measure_of(name)), *keys.cells(group))
            rows.append(
                (*labels, len(table), len(observers), *numbers, *map(cell, within), footnotes.mark(remarks))
            )
    return Table(
        "inter-observer-icc",
        "Agreement of all observers",
        (
            *MEASURE_COLUMNS,
            *keys.columns,
            Column("n", "n", kind="integer", definition="Cases that all observers measured"),
            Column("observers", "Observers", kind="integer"),
            Column("icc", "ICC"),
            *interval_columns("icc", "ICC", confidence),
            Column("p", "p", kind="p", definition="F test of no difference between cases"),
            Column("within_subject_sd", "Within-subject SD", definition="In the unit of the measure"),
            Column("repeatability", "Repeatability coefficient", definition="1.96 sqrt(2) SD"),
            REMARKS,
        ),
        tuple(rows),
        caption="Intraclass correlation and scatter between observers, over the cases that all measured.",
        notes=(_MODEL_NOTE, *footnotes.notes()),
    )


def _overlap(cohort: Cohort) -> list[Table]:
    """Metrics of one observer's masks against another's, where rows say so (Tang et al. 2020, figure 4)."""
    observers = {row.observer for row in cohort.rows} - {""} - {row.method for row in cohort.rows}
    between = [row for row in cohort.rows if row.against in observers and row.observer]
    found = [
        (measure_of(name), group, observer, of_observer(values, observer))
        for name in sorted_measures(cohort.measures)
        if not measure_of(name).of_mask and name != REFERENCE
        for group, values in values_of(cohort, name, between).items()
        for observer in observers_of(values)
    ]
    if not found:
        return []
    keys = KeyColumns((group for _, group, *_ in found), without=("against",))
    rows = [
        (*measure_cells(measure), *keys.cells(group), observer, group.against, *summary_cells(values))
        for measure, group, observer, values in found
    ]
    return [
        Table(
            "inter-observer-overlap",
            "Masks of one observer against those of another",
            (*MEASURE_COLUMNS, *keys.columns, *_OBSERVERS, *SUMMARY_COLUMNS),
            tuple(rows),
            caption="Rows whose reference is another observer's mask (as in Tang et al. 2020, figure 4).",
        )
    ]


def _complete(values: Values, observers: tuple[str, ...]) -> np.ndarray:
    """Finite values of the cases that all observers measured: (cases, observers), sorted."""
    lines = [
        tuple(found[name] for name in observers)
        for found in values.values()
        if all(math.isfinite(found.get(name, math.nan)) for name in observers)
    ]
    return np.array(sorted(lines), dtype=float).reshape(-1, len(observers))


def _icc_of(values: Values, observers: tuple[str, ...], confidence: float) -> IntraclassCorrelation | None:
    return _icc(_complete(values, observers), confidence)


def _icc(table: np.ndarray, confidence: float) -> IntraclassCorrelation | None:
    """None where it is undefined: fewer than two cases, or all cases alike."""
    # Cases that differ by rounding alone are alike.
    if len(table) < 2 or np.ptp(table, axis=0).max() <= 1e-12 * np.abs(table).max():
        return None
    return intraclass_correlation(table.T.tolist(), model=_MODEL, confidence=confidence)


def _icc_cells(icc: IntraclassCorrelation) -> tuple[float | None, ...]:
    return cell(icc.icc), cell(icc.interval.low), cell(icc.interval.high)
