"""A section of Liver Set-up: buttons that start work, one piece at a time, with progress and Cancel."""

from __future__ import annotations

from typing import Any, Callable

import qt
from slicer.i18n import tr as _

from LiverCoreLib.errors import LiverCNNError

from .progress_text import progress
from .section import PanelSection
from .setup_parameters import SetUpParameters
from .setup_texts import stage
from .setup_work import SetUpWork

POLL_MS = 50


class WorkingSection(PanelSection):
    """Base of the sections of Liver Set-up.

    The .ui file has ``actionsFrame`` (what is locked meanwhile), ``progressBar``, ``cancelButton`` and
    ``statusLabel``. Work goes on while another module is open: it is not about the scene.

    Attributes:
        work: What is under way, or None.
    """

    PARAMETERS = SetUpParameters
    FRACTION_IS_KNOWN = True

    work: SetUpWork | None = None
    _timer: Any = None
    _landed: Callable | None = None
    _failed: Callable | None = None
    _why = ""
    _cancelling = False

    def setup(self) -> None:
        """Connect what all sections have."""
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow)
        self.ui.cancelButton.connect("clicked(bool)", self._on_cancel)

    def start(self, begin: Callable, landed: Callable, failed: Callable | None = None) -> None:
        """Start work and follow it.

        begin: makes the SetUpWork; a LiverCNNError is shown. landed: gets its outcome, and may start more.
        failed: gets an error and returns whether it has dealt with it.
        """
        if self.work is not None:
            return
        try:
            self.work = begin()
        except LiverCNNError as error:
            self.tell(str(error))
            return
        self._landed, self._failed, self._why = landed, failed, ""
        self._cancelling = False
        self._timer.start()
        self._show_progress()
        self.refresh()

    def cancel(self, why: str) -> None:
        """Cancel the work. why: what to tell the user, who did not ask for it."""
        if self.work is not None:
            self.work.cancel()
            self._why = why

    def tell(self, text: str) -> None:
        """Say something below the buttons; empty says nothing."""
        self.ui.statusLabel.text = text
        self.ui.statusLabel.setVisible(bool(text))

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with its work."""
        busy = self.work is not None
        self.ui.actionsFrame.enabled = not busy
        self.ui.progressBar.setVisible(busy)
        self.ui.cancelButton.setVisible(busy)
        self.ui.statusLabel.setVisible(bool(self.ui.statusLabel.text))

    def cleanup(self) -> None:
        """The panel goes, and the work with it."""
        self._timer.stop()
        if self.work is not None:
            self.work.end()
            self.work = None

    def show_lines(self, lines: list) -> None:
        """Called with what the work has said so far."""

    def _on_cancel(self) -> None:
        if self.work is not None:
            self.work.cancel()
            self._cancelling = True
            self._show_progress()

    def _follow(self) -> None:
        """Called by the timer while there is work."""
        if self.work is None:
            return
        done = self.work.poll()
        self.show_lines(self.work.lines)
        if not done:
            self._show_progress()
            return
        work, self.work = self.work, None
        self._timer.stop()
        self.tell("")
        try:
            outcome = work.outcome()
        except LiverCNNError as error:
            if self._why:
                self.tell(self._why)
            elif self._failed is None or not self._failed(error):
                self.tell(str(error))
        else:
            self._landed(outcome)
        self.refresh()

    def _show_progress(self) -> None:
        self.ui.progressBar.setRange(0, 100 if self.FRACTION_IS_KNOWN else 0)
        if self.FRACTION_IS_KNOWN:
            self.ui.progressBar.setValue(round(100 * self.work.fraction))
        self.tell(_("Cancelling ...") if self._cancelling else self._progress_text())

    def _progress_text(self) -> str:
        """What is being done, and how long it is going to take."""
        if not self.work.message:
            return ""
        left_s = self.work.seconds_left() if self.FRACTION_IS_KNOWN else None
        return progress(stage(self.work.message), left_s)
