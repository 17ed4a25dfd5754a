"""The section that segments many: all CT volumes of the scene, or all scans of a folder."""

from __future__ import annotations

from typing import Any

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreScene import model_choice
from LiverCoreScene.case_table import OutcomeTable
from LiverCoreScene.key_box import fill_box
from LiverCoreScene.section import PanelSection
from LiverSegmentCNNLib.batch import Batch
from LiverSegmentCNNLib.batch_folder import FolderBatch
from LiverSegmentCNNLib.options import SegmentOptions

from . import batch_texts
from .batch_parameters import BatchParameterNode
from .batch_table import outcome_table
from .chosen_options import chosen_options
from .parameters import LiverSegmentCNNParameterNode

POLL_MS, SOON_MS = 50, 200
_STEPS = 1000  # of the progress bars


class BatchSection(PanelSection):
    """A timer follows the batch, which goes on while another module is open."""

    UI_FILE = "LiverSegmentCNNBatch.ui"
    PARAMETERS = BatchParameterNode

    _timer: Any = None
    _soon: Any = None
    _batch: Batch | None = None
    _table: OutcomeTable | None = None
    _why = ""
    _filling = False

    def setup(self) -> None:
        """Connect buttons and boxes."""
        self._default_model, self._models = model_choice.installed_models("segment")
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow_batch)
        self._soon = qt.QTimer(self.top)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.connect("timeout()", self.refresh)
        for event in (slicer.mrmlScene.NodeAddedEvent, slicer.mrmlScene.NodeRemovedEvent):
            self.addObserver(slicer.mrmlScene, event, self._on_nodes)
        for edit in (self.ui.batchFolderEdit, self.ui.batchOutputEdit):
            edit.filters = ctk.ctkPathLineEdit.Dirs
        self.ui.batchStartButton.connect("clicked(bool)", self._on_start)
        self.ui.batchSourceBox.connect("currentIndexChanged(int)", self._on_source)
        self.ui.batchFolderEdit.connect("currentPathChanged(QString)", self._on_folder)
        self.ui.batchOutputEdit.connect("currentPathChanged(QString)", self._on_output)
        self.ui.batchStatusLabel.setVisible(False)
        self._show_progress(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the batch."""
        self._timer.stop()
        self._soon.stop()
        if self._batch is not None:
            self._batch.end()
            self._batch = None

    def enter(self) -> None:
        """The panel is opened: something may have been installed or loaded meanwhile."""
        self._default_model, self._models = model_choice.installed_models("segment")
        self.refresh()
        self._show_table()

    def on_scene_closing(self) -> None:
        """The volumes go, and the table."""
        self._table = None
        if self._batch is not None:
            self._why = _("Cancelled, because the scene was closed.")
            self._batch.cancel()

    def on_scene_ready(self) -> None:
        """Show the table that came with the scene, or none."""
        self._show_table()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with parameters and batch."""
        if self.parameters is None or self._filling:
            return
        parameters = self.parameters
        self._filling = True
        fill_box(self.ui.batchSourceBox, batch_texts.sources(), parameters.batch_source)
        for edit, path in (
            (self.ui.batchFolderEdit, parameters.batch_folder),
            (self.ui.batchOutputEdit, parameters.batch_output_folder),
        ):
            if edit.currentPath != path:  # somebody may be typing in it
                edit.setCurrentPath(path)
        self._filling = False
        of_folder = parameters.batch_source == "folder"
        for widget in (
            self.ui.batchFolderLabel,
            self.ui.batchFolderEdit,
            self.ui.batchOutputLabel,
            self.ui.batchOutputEdit,
        ):
            widget.setVisible(of_folder)
        self.ui.batchOptionsLabel.text = batch_texts.options(self._options(), self._default_model)
        running = self._batch is not None
        reason = "" if running else self._reason()
        self.ui.batchStartButton.text = _("Cancel") if running else _("Segment all")
        self.ui.batchStartButton.enabled = not reason
        self.ui.batchReasonLabel.text = reason
        self.ui.batchReasonLabel.setVisible(bool(reason))
        self.ui.batchInputsWidget.enabled = not running

    def _on_nodes(self, caller: Any, event: str) -> None:
        """Something was loaded or removed: look again when it is whole."""
        self._soon.start()

    def _options(self) -> SegmentOptions:
        return chosen_options(LiverSegmentCNNParameterNode(self.parameters.parameterNode))

    def _reason(self) -> str:
        """Why no batch can be started; empty if one can."""
        installed = (self._default_model, self._models)
        options = self._options()
        if self.parameters.batch_source == "scene":
            return self.logic.why_no_batch(options.model or "", installed)
        why = model_choice.why_no_model(options.model or "", *installed)
        if not why and not self.parameters.batch_folder:
            why = _("Choose the folder that holds the scans.")
        if not why and not self.parameters.batch_output_folder:
            why = _("Choose the folder for the results.")
        return why

    def _on_source(self, index: int) -> None:
        if not self._filling and self.parameters is not None and index >= 0:
            self.parameters.batch_source = self.ui.batchSourceBox.itemData(index)

    def _on_folder(self, path: str) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.batch_folder = path

    def _on_output(self, path: str) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.batch_output_folder = path

    def _on_start(self) -> None:
        if self._batch is not None:
            self._batch.cancel()
            return
        self.enter()
        if self._reason():
            return
        parameters, options = self.parameters, self._options()
        self._why, self._table = "", outcome_table()
        if parameters.batch_source == "scene":
            keep_raw = LiverSegmentCNNParameterNode(parameters.parameterNode).keep_raw
            self._batch = self.logic.start_volumes(options=options, redo=parameters.batch_redo, raw=keep_raw)
        else:
            self._batch = self.logic.start_folder(
                parameters.batch_folder,
                parameters.batch_output_folder,
                options=options,
                redo=parameters.batch_redo,
            )
        self._show_progress(True)
        self._timer.start()
        self._follow_batch()
        self.refresh()

    def _follow_batch(self) -> None:
        """Called by the timer while there is a batch."""
        batch = self._batch
        if batch is None:
            return
        finished = batch.poll()
        self._keep_table(batch)
        if not finished:
            self.ui.batchProgressBar.setValue(round(_STEPS * batch.fraction))
            self.ui.batchCaseBar.setValue(round(_STEPS * batch.case_fraction))
            self._say(batch_texts.progress(batch))
            return
        self._timer.stop()
        self._batch = None
        self._show_progress(False)
        self._say(self._ending(batch))
        self.refresh()

    def _ending(self, batch: Batch) -> str:
        if not isinstance(batch, FolderBatch):
            return batch_texts.ending(batch, self._why)
        if batch.error is not None:
            return self._why or str(batch.error)
        return batch_texts.ending(batch, " ".join(one for one in (self._why, batch.table_problem) if one))

    def _keep_table(self, batch: Batch) -> None:
        """Bring the scene's table up to date; there is none for a scene that was closed."""
        if self._table is None or self.parameters is None:
            return
        node = self._table.follow(batch.outcomes)
        if node is not None and self.parameters.batch_table is not node:
            self.parameters.batch_table = node
            self._show_table()

    def _show_table(self) -> None:
        node = None if self.parameters is None else self.parameters.batch_table
        self.ui.batchTableView.setMRMLTableNode(node)
        self.ui.batchTableView.setVisible(node is not None)

    def _show_progress(self, visible: bool) -> None:
        self.ui.batchProgressBar.setVisible(visible)
        self.ui.batchCaseBar.setVisible(visible)

    def _say(self, text: str) -> None:
        self.ui.batchStatusLabel.text = text
        self.ui.batchStatusLabel.setVisible(bool(text))
