"""A cohort as it was read: one row a mask that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# What a row is of, in the order in which tables are sorted. Absent columns mean one unnamed value, "".
KEYS = ("case", "observer", "method", "protocol", "stage")


@dataclass(frozen=True)
class Row:
    """One measured mask of one case.

    Attributes:
        case, observer, method, protocol, stage: What it is of; "" where the table does not say.
        values: Measure to number; a measure that was left empty is absent. NaN is undefined and infinity
            what the metrics define (one mask was empty).
        regions: Regions that were corrected; None where the table does not say.
        line: Row of the table as a spreadsheet counts, the header being 1.
        mask, reference: As written in the table; "" where it does not say.
        against: ``reference`` where that names a method or an observer of the table ("manual"), so that the
            row measures one against the other; "" where all rows share the one kind of reference.
    """

    case: str
    observer: str
    method: str
    protocol: str
    stage: str
    values: Mapping[str, float]
    regions: tuple[str, ...] | None
    line: int
    mask: str = ""
    reference: str = ""
    against: str = ""


@dataclass(frozen=True)
class Cohort:
    """A table of measured masks.

    Attributes:
        rows: In the order of the table.
        measures: Names of all measures in the order of the columns.
        source: Path of the file, or what else the rows came from.
        warnings: What a reader must know about how the table was read.
        measured_by: How the metrics were measured, as the table says ("family: voxel").
    """

    rows: tuple[Row, ...]
    measures: tuple[str, ...]
    source: str
    warnings: tuple[str, ...] = ()
    measured_by: tuple[str, ...] = ()

    @property
    def cases(self) -> tuple[str, ...]:
        """Names of the cases, sorted."""
        return tuple(sorted({row.case for row in self.rows}))
