"""A section that does many cases one after the other: Start and Cancel, progress, a table of outcomes."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreLib.case_queue import CaseQueue

from . import model_choice
from .case_table import OutcomeTable
from .section import PanelSection

POLL_MS, SOON_MS = 50, 200
_STEPS = 1000  # of the progress bars


class CaseSection(PanelSection):
    """Base of the batch sections. A timer follows the batch, which goes on while another module is open.

    The .ui file has ``batchInputsWidget`` (what is locked meanwhile), ``batchStartButton``,
    ``batchReasonLabel``, ``batchProgressBar`` and ``batchCaseBar``, ``batchStatusLabel`` and
    ``batchTableView``. The parameters have ``batch_table``, the node of the last outcomes.
    """

    TASK = ""
    """What the models are for: "segment" or "standardize"."""
    START = ""
    """What the button says, translated."""

    _timer: Any = None
    _soon: Any = None
    _batch: CaseQueue | None = None
    _table: OutcomeTable | None = None
    _installed: tuple = (None, ())
    _why = ""

    def _reason(self) -> str:
        """Why no batch can be started, in one sentence; empty if one can."""
        raise NotImplementedError

    def _begin(self) -> CaseQueue:
        """Start the batch that is asked for."""
        raise NotImplementedError

    def _new_table(self) -> OutcomeTable:
        """The table of a batch that begins."""
        raise NotImplementedError

    def _progress(self, batch: Any) -> str:
        """What is being done, and how long it is going to take."""
        raise NotImplementedError

    def _ending(self, batch: Any, why: str) -> str:
        """How a batch ended. why: a sentence, if the user did not end it."""
        raise NotImplementedError

    def setup(self) -> None:
        """Connect what all batch sections have."""
        self._find_models()
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

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the batch."""
        self._timer.stop()
        self._soon.stop()
        if self._batch is not None:
            self._batch.end()
            self._batch = None

    def enter(self) -> None:
        """The panel is opened: something may have been installed or loaded meanwhile."""
        self._find_models()
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
        """Bring button, reason and progress in step with the batch."""
        if self.parameters is None:
            return
        running = self._batch is not None
        reason = "" if running else self._reason()
        self.ui.batchStartButton.text = _("Cancel") if running else self.START
        self.ui.batchStartButton.enabled = not reason
        self.ui.batchReasonLabel.text = reason
        self.ui.batchReasonLabel.setVisible(bool(reason))
        self.ui.batchInputsWidget.enabled = not running
        self.ui.batchProgressBar.setVisible(running)
        self.ui.batchCaseBar.setVisible(running)
        self.ui.batchStatusLabel.setVisible(bool(self.ui.batchStatusLabel.text))
        self.ui.batchTableView.setVisible(self.parameters.batch_table is not None)

    def _find_models(self) -> None:
        self._installed = model_choice.installed_models(self.TASK)

    def _on_nodes(self, caller: Any, event: str) -> None:
        """Something was loaded or removed: look again when it is whole."""
        self._soon.start()

    def _on_start(self) -> None:
        if self._batch is not None:
            self._batch.cancel()
            return
        self.enter()
        if self._reason():
            return
        self._why, self._table = "", self._new_table()
        self._batch = self._begin()
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
            self._say(self._progress(batch))
            return
        self._timer.stop()
        self._batch = None
        self._say(self._ending(batch, self._why))
        self.refresh()

    def _keep_table(self, batch: CaseQueue) -> None:
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
