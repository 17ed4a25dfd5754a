"""The section Report of the panel: statistics of a cohort, as tables, plots and a report in a browser."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from LiverCoreScene.section import PanelSection
from LiverMetricsLib.cohort_job import CohortRequest
from LiverMetricsLib.cohort_results import CohortResults

from . import report_collect, report_input, report_nodes, report_texts, report_views
from .report_input import Found, Reader, TableRows
from .report_parameters import ReportParameterNode
from .report_run import ReportRun
from .report_table import BriefTable

POLL_MS = 50


class ReportSection(PanelSection):
    """What the user chooses goes into the parameter node, a timer follows reading and analysis."""

    UI_FILE = "LiverMetricsReport.ui"
    PARAMETERS = ReportParameterNode

    _run: ReportRun | None = None
    _found: Found | None = None
    _asked: Any = None  # what was looked into last: a file, or a table as it was
    _table: Any = None  # the table node that is followed
    _results: CohortResults | None = None
    _filling = False

    def setup(self) -> None:
        """Connect buttons and boxes."""
        self._reader, self._brief = Reader(), BriefTable(self.ui.reportTable)
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow)
        self._soon = qt.QTimer(self.top)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.connect("timeout()", self.refresh)
        ui = self.ui
        ui.reportApplyButton.connect("clicked(bool)", self._on_apply)
        ui.reportCollectButton.connect("clicked(bool)", self._on_collect)
        ui.reportExportButton.connect("clicked(bool)", self._on_export)
        ui.reportOpenButton.connect("clicked(bool)", self._on_open)
        ui.reportFileEdit.connect("currentPathChanged(QString)", self._on_file)
        ui.reportFolderEdit.connect("currentPathChanged(QString)", self._on_folder)
        for box, slot in (
            (ui.reportMethodBox, self._on_method),
            (ui.reportCorrectionBox, self._on_correction),
            (ui.reportTableBox, self._on_table),
            (ui.reportPlotBox, self._on_plot),
        ):
            box.connect("currentIndexChanged(int)", slot)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._on_removal)
        self.addObserver(scene, scene.NodeRemovedEvent, self._on_removed)
        self.addObserver(scene, scene.NodeAddedEvent, self._on_added)
        for number, (key, text, tip) in enumerate(report_texts.corrections()):
            ui.reportCorrectionBox.addItem(text, key)
            ui.reportCorrectionBox.setItemData(number, tip, qt.Qt.ToolTipRole)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._timer.stop()
        self._soon.stop()
        self._reader.end()
        self._follow_table(None)
        if self._run is not None:
            self._run.end()
            self._run = None

    def enter(self) -> None:
        """The panel is opened: files and packages may have come or gone."""
        self._asked = None
        self._show_results()

    def exit(self) -> None:
        """Another module is opened."""
        if self._run is not None:
            self._run.cancel(_("Cancelled, because another module was opened."))

    def on_scene_closing(self) -> None:
        """The results go with the scene."""
        self._reader.forget()
        self._follow_table(None)
        self._results = self._found = self._asked = None

    def on_scene_ready(self) -> None:
        """Show the results that came with the scene, or none; Slicer saves but six digits of a table."""
        self._show_results(again=True)

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with parameters, table and run."""
        if self.parameters is None or self._filling:
            return
        self._filling = True
        parameters, ui = self.parameters, self.ui
        self._follow_table(parameters.report_table)
        for edit, path in (
            (ui.reportFileEdit, parameters.report_file),
            (ui.reportFolderEdit, parameters.report_folder),
        ):
            if edit.currentPath != path:
                edit.currentPath = path
        ui.reportFileEdit.enabled = parameters.report_table is None
        self._look()
        _fill(ui.reportMethodBox, report_texts.methods(self._found), parameters.report_reference_method)
        ui.reportCorrectionBox.setCurrentIndex(ui.reportCorrectionBox.findData(parameters.report_correction))
        self._filling = False
        self._show_state()

    def _show_state(self) -> None:
        ui, running = self.ui, self._run is not None
        reason = "" if running else self._reason()
        ui.reportApplyButton.text = _("Cancel") if running else _("Analyse")
        ui.reportApplyButton.enabled = not reason
        _say(ui.reportReasonLabel, reason)
        _say(ui.reportFoundLabel, report_texts.found(self._found))
        _say(ui.reportStatusLabel, ui.reportStatusLabel.text)
        ui.reportProgressBar.setVisible(running)
        for part in (ui.reportInputsWidget, ui.reportOptionsButton, ui.reportResultButton):
            part.enabled = not running
        ui.reportCollectButton.enabled = not report_collect.why_no_collection()
        no_folder = report_texts.why_no_folder(self.parameters.report_folder)
        no_report = report_texts.why_no_report()
        ui.reportExportButton.enabled = not (running or reason or no_folder)
        ui.reportOpenButton.enabled = not (running or reason or no_folder or no_report)
        _say(ui.reportOutputReasonLabel, "" if running else "\n".join(filter(None, (no_folder, no_report))))

    def _reason(self) -> str:
        """Why there can be no analysis; empty if there can be one."""
        parameters = self.parameters
        reason = report_input.why_no_input(parameters.report_table, parameters.report_file)
        if reason:
            return reason
        return _("Reading the table ...") if self._found is None else self._found.reason

    def _follow_table(self, node: Any) -> None:
        """Hear of changes in the table, and of no other's."""
        if node is self._table:
            return
        if self._table is not None:
            self.removeObserver(self._table, vtk.vtkCommand.ModifiedEvent, self.refresh)
        self._table = node
        if node is not None:
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self.refresh)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_removal(self, caller: Any, event: str, node: Any) -> None:
        """A chart of ours takes its series and numbers with it; a closing scene removes everything anyway."""
        shown = self.parameters.report_shown_chart if self.parameters is not None else None
        if shown is not None and node.GetID() == shown.GetID():
            report_nodes.remove_parts(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_removed(self, caller: Any, event: str, node: Any) -> None:
        """Results that are gone are no longer shown."""
        if self.parameters is not None and self._results is not None and report_nodes.keeps_results(node):
            self._show_results()
        if node.IsA("vtkMRMLTableNode"):
            self._soon.start()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_added(self, caller: Any, event: str, node: Any) -> None:
        """A comparison may have come, which can be collected once Compare has filled it in."""
        if node.IsA("vtkMRMLTableNode"):
            self._soon.start()

    def _look(self) -> None:
        """Have the table read in a thread, if it is another one or has changed."""
        table, path = self.parameters.report_table, self.parameters.report_file
        asked = path if table is None else (table.GetID(), table.GetName(), table.GetTable().GetMTime())
        if asked == self._asked:
            return
        self._asked, self._found = asked, None
        self._reader.forget()
        if not report_input.why_no_input(table, path):
            rows = None if table is None else TableRows(table)
            self._reader.ask(partial(report_input.look_into, rows, path))
            self._timer.start()

    def _on_file(self, path: str) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.report_file = path

    def _on_folder(self, path: str) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.report_folder = path

    def _on_collect(self) -> None:
        """All comparisons of the scene become the table; the one collected before is filled again."""
        self.parameters.report_table = self.logic.collectComparisons(report_collect.collection_in_scene())

    def _on_method(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.report_reference_method = self.ui.reportMethodBox.itemData(index)

    def _on_correction(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.report_correction = self.ui.reportCorrectionBox.itemData(index)

    def _on_apply(self) -> None:
        if self._run is not None:
            self._run.cancel()
        else:
            self._start()

    def _on_export(self) -> None:
        self._start(self.parameters.report_folder)

    def _on_open(self) -> None:
        self._start(self.parameters.report_folder, report=True)

    def _start(self, folder: str | None = None, report: bool = False) -> None:
        """Analyse what is there now, so that tables, plots and files are of one run; write into a folder."""
        parameters = self.parameters
        request = CohortRequest(
            table=parameters.report_file if parameters.report_table is None else None,
            folder=folder,
            report=report,
            reference_method=parameters.report_reference_method or None,
            confidence=round(parameters.report_confidence_percent / 100, 6),
            correction=parameters.report_correction,
        )
        self._run = self.logic.start_cohort(parameters.report_table, request, parameters.report_results)
        self._timer.start()
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Called by the timer while there is something to wait for."""
        answer = self._reader.answer()
        if answer is not None:
            self._found = answer
            self.refresh()
        if self._run is not None:
            self._follow_run(self._run)
        if self._run is None and not self._reader.busy:
            self._timer.stop()

    def _follow_run(self, run: ReportRun) -> None:
        if not run.poll():
            self.ui.reportProgressBar.setValue(round(100 * run.work.fraction))
            _say(self.ui.reportStatusLabel, report_texts.progress(run.work))
            return
        self._run = None
        self.ui.reportStatusLabel.text = report_texts.ending(run)
        if run.outcome is not None and self.parameters is not None:
            self.parameters.report_results = run.outcome.node
            self._results = run.outcome.results
            self._show_chosen(new=True)
            if run.outcome.page is not None:
                open_page(run.outcome.page)
        self.refresh()

    def _show_results(self, again: bool = False) -> None:
        """The results that the scene keeps, or none. again: fill the nodes that show them, too."""
        self._results = report_nodes.read_results(self.parameters.report_results)
        self._show_chosen(nodes=again)
        self.refresh()

    def _show_chosen(self, *, nodes: bool = True, new: bool = False) -> None:
        """Fill boxes, brief table and notes. nodes: also the scene's table and chart. new: show them, too."""
        results, parameters, ui = self._results, self.parameters, self.ui
        ui.reportResultButton.setVisible(results is not None)
        if results is None:
            return
        self._filling = True
        tables = {table.id: table for table in results.tables}
        charts = {chart.id: chart for chart in results.charts}
        _say(ui.reportSummaryLabel, report_texts.summary(results))
        if parameters.report_table_id not in tables:
            parameters.report_table_id = results.tables[0].id
        if parameters.report_chart_id not in charts:
            parameters.report_chart_id = report_texts.first_chart(results)
        _fill(
            ui.reportTableBox, [(key, one.title) for key, one in tables.items()], parameters.report_table_id
        )
        _fill(ui.reportPlotBox, [(key, one.title) for key, one in charts.items()], parameters.report_chart_id)
        self._filling = False
        table, chart = tables[parameters.report_table_id], charts.get(parameters.report_chart_id)
        self._brief.show(table)
        _say(ui.reportTableNote, report_texts.table_note(table))
        _say(ui.reportPlotNote, chart.note if chart is not None else _("There is nothing to plot."))
        if nodes and (new or parameters.report_shown_table is not None):
            parameters.report_shown_table = report_nodes.show_table(table, parameters.report_shown_table)
        if nodes and chart is not None and (new or parameters.report_shown_chart is not None):
            parameters.report_shown_chart = report_nodes.show_chart(chart, parameters.report_shown_chart)
        if new:
            report_views.show_both(parameters.report_shown_table, parameters.report_shown_chart)

    def _on_table(self, index: int) -> None:
        if self._filling or self.parameters is None or index < 0:
            return
        table = self._results.tables[index]
        self.parameters.report_table_id = table.id
        self._brief.show(table)
        _say(self.ui.reportTableNote, report_texts.table_note(table))
        node = report_nodes.show_table(table, self.parameters.report_shown_table)
        self.parameters.report_shown_table = node
        report_views.show_table_in_view(node)

    def _on_plot(self, index: int) -> None:
        if self._filling or self.parameters is None or index < 0:
            return
        chart = self._results.charts[index]
        self.parameters.report_chart_id = chart.id
        _say(self.ui.reportPlotNote, chart.note)
        node = report_nodes.show_chart(chart, self.parameters.report_shown_chart)
        self.parameters.report_shown_chart = node
        report_views.show_chart_in_view(node)


def open_page(page: Path) -> None:
    """Open a report in the browser."""
    qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(page)))


def _fill(box: Any, entries: list, wanted: str) -> None:
    """Put key and text pairs into a box and choose one; a key that is not there gets an entry."""
    if wanted not in [key for key, _text in entries]:
        entries = [*entries, (wanted, _("{name} (not there)").format(name=wanted))]
    if entries != [(box.itemData(index), box.itemText(index)) for index in range(box.count)]:
        box.clear()
        for key, text in entries:
            box.addItem(text, key)
    box.setCurrentIndex(box.findData(wanted))


def _say(label: Any, text: str) -> None:
    """A line that takes no room while there is nothing to say."""
    label.text = text
    label.setVisible(bool(text))
