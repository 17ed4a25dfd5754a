"""One analysis of a cohort under way, from the scene or a file and back into the scene.

Nodes are kept by ID and looked up when they are needed: meanwhile the user may do anything with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer

from LiverCoreLib.errors import Cancelled
from LiverCoreLib.jobs import JobRunner
from LiverCoreScene.scene_run import SceneRun
from LiverMetricsLib.background_cohort import CohortOutcome, start_cohort
from LiverMetricsLib.cohort_job import CohortRequest
from LiverMetricsLib.cohort_results import CohortResults

from .report_input import TableRows
from .report_nodes import keep_results


@dataclass(frozen=True)
class ReportOutcome:
    """What landed. node: the text node that keeps the results. tables: folder of the CSV files, or None.
    page: the HTML report, or None.
    """

    node: Any
    results: CohortResults
    tables: Path | None
    page: Path | None


class ReportRun(SceneRun):
    """An analysis under way; its outcome is a ReportOutcome."""

    def __init__(self, table: Any, request: CohortRequest, results: Any, runner: JobRunner) -> None:
        """table: node, or None for the file of the request. results: text node to fill again, or None."""
        self._results_id = None if results is None else results.GetID()
        rows = None if table is None else TableRows(table)
        self._name = Path(request.table or "").stem if rows is None else rows.source
        folder = Path(slicer.app.temporaryPath)
        self.work = start_cohort(runner, request, rows, self._name, folder)
        super().__init__(() if table is None else (table.GetID(),))

    def _stop(self) -> None:
        self.work.cancel()

    def _advance(self) -> None:
        if self.work.poll():
            result = self.work.outcome()
            if self._cancelled:  # too late for the work, in time for the scene
                raise Cancelled()
            self.outcome = self._land(result)

    def _land(self, result: CohortOutcome) -> ReportOutcome:
        node = keep_results(result.text, self._name, self._results_id)
        return ReportOutcome(node, result.results, result.tables, result.page)
