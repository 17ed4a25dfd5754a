"""The section Report of the panel: statistics of a cohort, as tables, plots and a report in a browser."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from LiverCoreScene.key_box import fill_box
from LiverCoreScene.section import PanelSection
from LiverMetricsLib.cohort_job import CohortRequest

from . import report_collect, report_input, report_nodes, report_texts
from .report_input import Found, Reader, TableRows
from .report_parameters import ReportParameterNode
from .report_result import ReportResult, say
from .report_run import ReportRun

POLL_MS = 50


class ReportSection(PanelSection):
    """What the user chooses goes into the parameter node, a timer follows reading and analysis."""

    UI_FILE = "LiverMetricsReport.ui"
    PARAMETERS = ReportParameterNode

    _run: ReportRun | None = None
    _found: Found | None = None
    _asked: Any = None  # what was looked into last: a file, or a table as it was
    _analysed: Any = None  # the input that the results are of; None if they came with the scene
    _started_with: Any = None  # the input of the run
    _table: Any = None  # the table node that is followed
    _filling = False
    _open = True  # whether the module is open; its panel is made, or reloaded, as it is opened

    def setup(self) -> None:
        """Connect buttons and boxes."""
        self._reader, self._result = Reader(), ReportResult(self.ui)
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
        ui.reportMethodBox.connect("currentIndexChanged(int)", self._on_method)
        ui.reportCorrectionBox.connect("currentIndexChanged(int)", self._on_correction)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._on_removal)
        self.addObserver(scene, scene.NodeRemovedEvent, self._on_removed)
        self.addObserver(scene, scene.NodeAddedEvent, self._on_added)
        for number, (key, text, tip) in enumerate(report_texts.corrections()):
            ui.reportCorrectionBox.addItem(text, key)
            ui.reportCorrectionBox.setItemData(number, tip, qt.Qt.ToolTipRole)

    def connect(self) -> None:
        """Tie the widgets to the scene's parameters, and show the results that it keeps."""
        PanelSection.connect(self)
        self._result.show_kept(self.parameters)

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
        self._open, self._asked = True, None
        self.refresh()

    def exit(self) -> None:
        """Another module is opened; an analysis goes on, and leaves the views alone when it lands."""
        self._open = False

    def on_scene_closing(self) -> None:
        """The results go with the scene."""
        self._reader.forget()
        self._follow_table(None)
        self._result.forget()
        self._found = self._asked = self._analysed = None

    def on_scene_ready(self) -> None:
        """A scene was read: the nodes that show its results get all digits again."""
        self._result.fill_again()

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
        fill_box(ui.reportMethodBox, report_texts.methods(self._found), parameters.report_reference_method)
        ui.reportCorrectionBox.setCurrentIndex(ui.reportCorrectionBox.findData(parameters.report_correction))
        self._filling = False
        self._show_state()

    def _show_state(self) -> None:
        ui, running = self.ui, self._run is not None
        reason = "" if running else self._reason()
        ui.reportApplyButton.text = _("Cancel") if running else _("Analyse")
        ui.reportApplyButton.enabled = not reason
        say(ui.reportReasonLabel, reason)
        say(ui.reportFoundLabel, report_texts.found(self._found))
        say(ui.reportStatusLabel, ui.reportStatusLabel.text)
        if self._result.results is not None:
            is_old = self._analysed is not None and self._analysed != self._input()
            say(ui.reportSummaryLabel, report_texts.summary(self._result.results, is_old))
        ui.reportProgressBar.setVisible(running)
        for part in (ui.reportInputsWidget, ui.reportOptionsButton, ui.reportResultButton):
            part.enabled = not running
        no_collection = report_collect.why_no_collection()
        ui.reportCollectButton.enabled = not no_collection
        ui.reportCollectButton.toolTip = no_collection or report_texts.collection()
        no_folder = report_texts.why_no_folder(self.parameters.report_folder)
        no_report = report_texts.why_no_report()
        ui.reportExportButton.enabled = not (running or reason or no_folder)
        ui.reportOpenButton.enabled = not (running or reason or no_folder or no_report)
        say(ui.reportOutputReasonLabel, "" if running else "\n".join(filter(None, (no_folder, no_report))))

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
        if self.parameters is not None and report_nodes.keeps_results(node):
            self._result.show_kept(self.parameters)
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

    def _input(self) -> Any:
        """The file that is chosen, or the table as it is now."""
        table = self.parameters.report_table
        return self.parameters.report_file if table is None else (table.GetID(), table.GetTable().GetMTime())

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
        self._started_with = self._input()
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
            say(self.ui.reportStatusLabel, report_texts.progress(run.work))
            return
        self._run = None
        self.ui.reportStatusLabel.text = report_texts.ending(run)
        if run.outcome is not None and self.parameters is not None:
            self._analysed = self._started_with
            self.parameters.report_results = run.outcome.node
            self._result.show_new(run.outcome.results, self.parameters, in_views=self._open)
            if run.outcome.page is not None:
                open_page(run.outcome.page)
        self.refresh()


def open_page(page: Path) -> None:
    """Open a report in the browser."""
    qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(page)))
