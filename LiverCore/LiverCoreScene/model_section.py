"""A section that runs a model on a volume: box of models, Apply and Cancel, progress, how it ended."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from . import model_choice
from .key_box import fill_box
from .section import PanelSection
from .setup_open import open_set_up

POLL_MS = 50


class ModelSection(PanelSection):
    """Base of the sections with Apply. What the user chooses goes into the parameter node, a timer follows
    the run. A run goes on while other modules are open, and lands by the IDs of its nodes.

    The .ui file has ``modelBox``, ``applyButton``, ``reasonLabel``, ``setUpButton``, ``progressBar`` and
    ``statusLabel``. The parameters have ``model``, its ID.
    """

    TASK = ""
    """What the models are for: "segment" or "standardize"."""

    _timer: Any = None
    _run: Any = None
    _installed: tuple = (None, ())
    _filling = False

    def _reason(self) -> str:
        """Why Apply is not possible, in one sentence; empty if it is."""
        raise NotImplementedError

    def _start(self) -> Any:
        """Start the run that is asked for."""
        raise NotImplementedError

    def _progress(self, run: Any) -> str:
        """What is being done, and how long it is going to take."""
        raise NotImplementedError

    def _ending(self, run: Any) -> str:
        """How a run ended."""
        raise NotImplementedError

    def _take(self, outcome: Any) -> None:
        """Show what landed."""
        raise NotImplementedError

    def setup(self) -> None:
        """Connect what all such sections have."""
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow)
        self.ui.applyButton.connect("clicked(bool)", self._on_apply)
        self.ui.setUpButton.connect("clicked(bool)", self._on_set_up)
        self.ui.modelBox.connect("currentIndexChanged(int)", self._on_model)
        self._installed = model_choice.installed_models(self.TASK)
        self.ui.progressBar.setVisible(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._timer.stop()
        if self._run is not None:
            self._run.end()
            self._run = None

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring models, Apply and what is said below it in step with parameters and run."""
        if self.parameters is None:
            return
        self._filling = True
        fill_box(self.ui.modelBox, model_choice.entries(*self._installed), self.parameters.model)
        self._filling = False
        running = self._run is not None
        reason = "" if running else self._reason()
        self.ui.setUpButton.setVisible(bool(reason) and bool(self._why_no_model()))
        self.ui.applyButton.text = _("Cancel") if running else _("Apply")
        self.ui.applyButton.enabled = not reason
        self.ui.reasonLabel.text = reason
        self.ui.reasonLabel.setVisible(bool(reason))
        self.ui.statusLabel.setVisible(bool(self.ui.statusLabel.text))

    def _find_models(self) -> None:
        """Something may have been installed meanwhile."""
        self._installed = model_choice.installed_models(self.TASK)
        self.refresh()

    def _why_no_model(self) -> str:
        """Why there is no model to run; empty if there is one."""
        return model_choice.why_no_model(self.parameters.model, *self._installed)

    def _on_model(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.model = self.ui.modelBox.itemData(index)

    def _on_set_up(self) -> None:
        open_set_up()

    def _on_apply(self) -> None:
        if self._run is not None:
            self._run.cancel()
            return
        self._find_models()
        if self._reason():
            return
        self._run = self._start()
        self.ui.progressBar.setVisible(True)
        self._timer.start()
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Called by the timer while there is a run."""
        if self._run is not None:
            self._follow_run()
        if self._run is None:
            self._timer.stop()

    def _follow_run(self) -> None:
        run = self._run
        if not run.poll():
            self.ui.progressBar.setValue(round(100 * run.fraction))
            self._say(self._progress(run))
            return
        self._run = None
        self.ui.progressBar.setVisible(False)
        self._say(self._ending(run))
        if run.outcome is not None and self.parameters is not None:
            self._take(run.outcome)
        self.refresh()

    def _say(self, text: str) -> None:
        self.ui.statusLabel.text = text
        self.ui.statusLabel.setVisible(bool(text))
