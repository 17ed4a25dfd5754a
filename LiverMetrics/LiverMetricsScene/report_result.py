"""The result of the section Report: which table and which plot are looked at, here and in Slicer's views."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene.key_box import fill_box
from LiverMetricsLib.cohort_results import CohortResults

from . import report_nodes, report_texts, report_views
from .report_parameters import ReportParameterNode
from .report_table import BriefTable


class ReportResult:
    """Boxes to choose from, the chosen table in brief, notes, and the scene's nodes of both choices.

    Attributes:
        results: What is shown; None if there is nothing.
    """

    def __init__(self, ui: Any) -> None:
        """ui: the widgets of the section by name."""
        self.results: CohortResults | None = None
        self._ui, self._brief = ui, BriefTable(ui.reportTable)
        self._parameters: ReportParameterNode | None = None
        self._filling = False
        ui.reportTableBox.connect("currentIndexChanged(int)", self._on_table)
        ui.reportPlotBox.connect("currentIndexChanged(int)", self._on_plot)

    def forget(self) -> None:
        """The scene is closed: there is nothing to show and nothing to fill."""
        self.results = self._parameters = None

    def show_new(self, results: CohortResults, parameters: ReportParameterNode, *, in_views: bool) -> None:
        """Show results that have just landed. in_views: in Slicer's views, too."""
        self._take(results, parameters)
        parameters.report_shown_table = self._table_node()
        chart = self._chart()
        if chart is not None:
            parameters.report_shown_chart = report_nodes.show_chart(chart, parameters.report_shown_chart)
        if in_views:
            report_views.show_both(parameters.report_shown_table, parameters.report_shown_chart)

    def show_kept(self, parameters: ReportParameterNode) -> None:
        """Show the results that the scene keeps, or none."""
        self._take(report_nodes.read_results(parameters.report_results), parameters)

    def fill_again(self) -> None:
        """Fill the nodes that show the choices: Slicer saves but six digits of a table's numbers."""
        parameters, chart = self._parameters, self._chart()
        if self.results is None or parameters is None:
            return
        if parameters.report_shown_table is not None:
            self._table_node()
        if parameters.report_shown_chart is not None and chart is not None:
            report_nodes.show_chart(chart, parameters.report_shown_chart)

    def _take(self, results: CohortResults | None, parameters: ReportParameterNode) -> None:
        self.results, self._parameters = results, parameters
        self._ui.reportResultButton.setVisible(results is not None)
        if results is None:
            return
        if parameters.report_table_id not in {table.id for table in results.tables}:
            parameters.report_table_id = results.tables[0].id
        if parameters.report_chart_id not in {chart.id for chart in results.charts}:
            parameters.report_chart_id = report_texts.first_chart(results)
        self._filling = True
        tables = [(table.id, table.title) for table in results.tables]
        charts = [(chart.id, chart.title) for chart in results.charts]
        fill_box(self._ui.reportTableBox, tables, parameters.report_table_id)
        fill_box(self._ui.reportPlotBox, charts, parameters.report_chart_id)
        self._filling = False
        say(self._ui.reportSummaryLabel, report_texts.summary(results))
        self._describe_table()
        self._describe_chart()

    def _table(self) -> Any:
        return next(table for table in self.results.tables if table.id == self._parameters.report_table_id)

    def _chart(self) -> Any:
        """The chosen chart; None if the cohort has data for none."""
        charts = self.results.charts if self.results is not None else ()
        return next((chart for chart in charts if chart.id == self._parameters.report_chart_id), None)

    def _table_node(self) -> Any:
        return report_nodes.show_table(self._table(), self._parameters.report_shown_table)

    def _describe_table(self) -> None:
        self._brief.show(self._table())
        say(self._ui.reportTableNote, report_texts.table_note(self._table()))

    def _describe_chart(self) -> None:
        chart = self._chart()
        say(self._ui.reportPlotNote, chart.note if chart is not None else _("There is nothing to plot."))

    def _on_table(self, index: int) -> None:
        if self._filling or self._parameters is None or index < 0:
            return
        self._parameters.report_table_id = self._ui.reportTableBox.itemData(index)
        self._describe_table()
        self._parameters.report_shown_table = self._table_node()
        report_views.show_table_in_view(self._parameters.report_shown_table)

    def _on_plot(self, index: int) -> None:
        if self._filling or self._parameters is None or index < 0:
            return
        self._parameters.report_chart_id = self._ui.reportPlotBox.itemData(index)
        self._describe_chart()
        chart = self._chart()
        if chart is not None:
            node = report_nodes.show_chart(chart, self._parameters.report_shown_chart)
            self._parameters.report_shown_chart = node
            report_views.show_chart_in_view(node)


def say(label: Any, text: str) -> None:
    """A line that takes no room while there is nothing to say."""
    label.text = text
    label.setVisible(bool(text))
