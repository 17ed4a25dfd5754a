"""What scripts do with cohorts: the part of LiverMetricsLogic that the section Report uses."""

from __future__ import annotations

from typing import Any

from LiverCoreLib.jobs import JobRunner
from LiverCoreScene.refusal import require
from LiverMetricsLib.cohort_job import CohortRequest

from . import report_nodes
from .report_collect import collect, why_no_collection
from .report_input import why_no_input
from .report_run import ReportOutcome, ReportRun


class CohortMethods:
    """Base of LiverMetricsLogic: statistics of a table of measured masks."""

    _runner: JobRunner

    def analyseTable(  # noqa: N802 - Slicer's way
        self,
        table: Any,
        *,
        reference_method: str | None = None,
        confidence: float = 0.95,
        correction: str = "holm",
        folder: str | None = None,
        report: bool = False,
    ) -> ReportOutcome:
        """Analyse a cohort, and wait for it. A worker process does the work.

        Args:
            table: A table node with one row a measured mask (columns as ``livercnn cohort`` reads them), or
                the path of a CSV file.
            reference_method: Method whose volumes are the reference; None takes the column
                ``volume_reference_ml``, else the method "manual".
            confidence: Level of all intervals, 0 to 1.
            correction: Of p values: "holm" or "bonferroni".
            folder: Receives all tables as CSV; None writes none.
            report: Also write figures and report.html into the folder; needs matplotlib and jinja2.

        Returns:
            ReportOutcome: ``results`` with ``tables`` and ``charts`` (LiverMetricsLib.CohortResults),
            ``node``, the text node that keeps them in the scene, and ``page``, the report.

        Raises:
            LiverCNNError: With one sentence that names row and column; nothing has been added to the scene.

        Example::

            table = slicer.util.getNode("cohort")
            outcome = LiverMetricsLogic().analyseTable(table)
            for result in outcome.results.tables:
                print(result.id, result.title, len(result.rows))
            print(outcome.results.tables[0].column("mean"))
        """
        is_path = isinstance(table, str)
        request = CohortRequest(
            table=table if is_path else None,
            folder=folder,
            report=report,
            reference_method=reference_method,
            confidence=confidence,
            correction=correction,
        )
        return self.start_cohort(None if is_path else table, request).wait()

    def showCohortTable(self, outcome: ReportOutcome, table_id: str, node: Any = None) -> Any:  # noqa: N802
        """A table of an analysis as a table node: a new one, or the one given.

        Raises:
            KeyError: If the analysis has no table of that id.

        Example::

            logic = LiverMetricsLogic()
            outcome = logic.analyseTable(slicer.util.getNode("cohort"))
            node = logic.showCohortTable(outcome, "bland-altman")
            bias_ml = slicer.util.arrayFromTableColumn(node, "bias")[0]
        """
        tables = {table.id: table for table in outcome.results.tables}
        return report_nodes.show_table(tables[table_id], node)

    def showCohortChart(self, outcome: ReportOutcome, chart_id: str, node: Any = None) -> Any:  # noqa: N802
        """A chart of an analysis as a chart node, with series and their numbers: a new one, or that given.

        Raises:
            KeyError: If the analysis has no chart of that id.

        Example::

            logic = LiverMetricsLogic()
            outcome = logic.analyseTable(slicer.util.getNode("cohort"))
            chart = logic.showCohortChart(outcome, outcome.results.charts[0].id)
            slicer.modules.plots.logic().ShowChartInLayout(chart)
        """
        charts = {chart.id: chart for chart in outcome.results.charts}
        return report_nodes.show_chart(charts[chart_id], node)

    def collectComparisons(self, node: Any = None) -> Any:  # noqa: N802
        """Collect the rows of all comparisons of the scene in one table node: a new one, or the one given.

        Raises:
            LiverCNNError: If there is no comparison.

        Example::

            logic = LiverMetricsLogic()
            outcome = logic.analyseTable(logic.collectComparisons())
            print(outcome.results.n_cases)
        """
        require(why_no_collection())
        return collect(node)

    def start_cohort(self, table: Any, request: CohortRequest, results: Any = None) -> ReportRun:
        """Start as ``analyseTable`` does, without waiting; the caller polls. Raises LiverCNNError.

        table: node, or None for the file of the request. results: text node to fill again.
        """
        require(why_no_input(table, request.table or ""))
        return ReportRun(table, request, results, self._runner)
