"""What an analysis gives to a program that shows it: tables and charts as plain text that can be kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .cohort.table import Table
from .report.chart import Chart

if TYPE_CHECKING:
    from .cohort.results import Analysis

_FORMAT = 1


@dataclass(frozen=True)
class CohortResults:
    """Tables and charts of a cohort.

    Attributes:
        source: Path of the table, or what else the rows came from.
        n_rows, n_cases: Measured masks and cases in it.
        tables, charts: In the order of the report; at least one table.
        warnings: What a reader must know.
    """

    source: str
    n_rows: int
    n_cases: int
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, analysis: Analysis) -> CohortResults:
        """The results of an analysis."""
        from .report.charts import planned_charts

        cohort = analysis.cohort
        return cls(
            cohort.source,
            len(cohort.rows),
            len(cohort.cases),
            analysis.tables,
            planned_charts(cohort, analysis),
            analysis.warnings,
        )

    def to_json(self) -> str:
        """Text from which ``from_json`` makes the same results, with all digits."""
        return json.dumps(
            {
                "format": _FORMAT,
                "source": self.source,
                "n_rows": self.n_rows,
                "n_cases": self.n_cases,
                "tables": [table.to_dict() for table in self.tables],
                "charts": [chart.to_dict() for chart in self.charts],
                "warnings": self.warnings,
            },
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> CohortResults:
        """The results in a text.

        Raises:
            ValueError: If it is not one that ``to_json`` of this version wrote.
        """
        values = json.loads(text)
        found = values.pop("format", None) if isinstance(values, dict) else None
        if found != _FORMAT:
            raise ValueError(f"no cohort results of format {_FORMAT}: {found!r}")
        return cls(
            **{
                **values,
                "tables": tuple(map(Table.from_dict, values["tables"])),
                "charts": tuple(map(Chart.from_dict, values["charts"])),
                "warnings": tuple(values["warnings"]),
            }
        )
