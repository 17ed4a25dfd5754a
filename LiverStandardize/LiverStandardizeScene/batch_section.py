"""The section that standardizes many: the CT volumes of the scene."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreScene import model_choice
from LiverCoreScene.case_table import OutcomeTable
from LiverCoreScene.section import PanelSection

from . import batch_texts
from .batch_list import VolumeList
from .batch_volumes import Batch, left_out_volumes, offered_volumes
from .parameters import BatchParameters, StandardizeParameters

POLL_MS, SOON_MS = 50, 200
_STEPS = 1000  # of the progress bars


class BatchSection(PanelSection):
    """A timer follows the batch, which goes on while another module is open."""

    UI_FILE = "LiverStandardizeBatch.ui"
    PARAMETERS = BatchParameters

    _timer: Any = None
    _soon: Any = None
    _batch: Batch | None = None
    _table: OutcomeTable | None = None
    _installed: tuple = (None, ())
    _why = ""

    def setup(self) -> None:
        """Connect the button."""
        self._installed = model_choice.installed_models("standardize")
        self._list = VolumeList(self.ui.batchVolumesTable, self.refresh)
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow_batch)
        self._soon = qt.QTimer(self.top)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.connect("timeout()", self.refresh)
        for event in (slicer.mrmlScene.NodeAddedEvent, slicer.mrmlScene.NodeRemovedEvent):
            self.addObserver(slicer.mrmlScene, event, self._on_nodes)
        self.ui.batchStartButton.connect("clicked(bool)", self._on_start)
        self.ui.batchButton.connect("contentsCollapsed(bool)", self._on_collapsed)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the batch."""
        self._timer.stop()
        self._soon.stop()
        if self._batch is not None:
            self._batch.end()
            self._batch = None

    def enter(self) -> None:
        """The panel is opened: something may have been installed or loaded meanwhile."""
        self._installed = model_choice.installed_models("standardize")
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
        """Bring the section in step with the scene and the batch."""
        if self.parameters is None:
            return
        running = self._batch is not None
        if not running:
            self._list.show(offered_volumes())
            self.ui.batchSkippedLabel.text = batch_texts.left_out(left_out_volumes())
            self.ui.batchSkippedLabel.setVisible(bool(self.ui.batchSkippedLabel.text))
        reason = "" if running else self.logic.why_no_batch(self._model, self._installed)
        self.ui.batchStartButton.text = _("Cancel") if running else _("Standardize all")
        self.ui.batchStartButton.enabled = not reason
        self.ui.batchReasonLabel.text = reason
        self.ui.batchReasonLabel.setVisible(bool(reason))
        self.ui.batchInputsWidget.enabled = not running
        self.ui.batchProgressBar.setVisible(running)
        self.ui.batchCaseBar.setVisible(running)
        self.ui.batchStatusLabel.setVisible(bool(self.ui.batchStatusLabel.text))
        self.ui.batchTableView.setVisible(self.parameters.batch_table is not None)

    @property
    def _model(self) -> str:
        """The model that the first section shows."""
        return StandardizeParameters(self.parameters.parameterNode).model

    def _on_nodes(self, caller: Any, event: str) -> None:
        """Something was loaded or removed: look again when it is whole."""
        self._soon.start()

    def _on_collapsed(self, collapsed: bool) -> None:
        if not collapsed:
            self.refresh()  # opening shows everything

    def _on_start(self) -> None:
        if self._batch is not None:
            self._batch.cancel()
            return
        self.enter()
        if self.logic.why_no_batch(self._model, self._installed):
            return
        self._why, self._table = "", batch_texts.outcome_table()
        self._batch = self.logic.start_volumes(model=self._model, redo=self.parameters.batch_redo)
        self._timer.start()
        self.refresh()
        self._follow_batch()

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
        self._say(batch_texts.ending(batch, self._why))
        self.refresh()

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

    def _say(self, text: str) -> None:
        self.ui.batchStatusLabel.text = text
        self.ui.batchStatusLabel.setVisible(bool(text))
