"""The section that standardizes: volume, protocol and model, where the result goes, and Apply."""

from __future__ import annotations

from typing import Any

import qt
import vtk
from slicer.i18n import tr as _

from LiverCoreScene import model_choice
from LiverCoreScene.key_box import fill_box
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.section import PanelSection
from LiverCoreScene.setup_open import open_set_up

from . import panel_texts, readiness
from .card_text import card_text
from .compare_views import show_alone
from .looking import Looking
from .parameters import StandardizeParameters
from .run import StandardizationRun
from .stated import state_protocol, stated_protocol

POLL_MS = 50


class StandardizeSection(PanelSection):
    """What the user chooses goes into the parameter node, a timer follows looks and runs.

    A run goes on while other modules are open, and lands by the IDs of its nodes.
    """

    UI_FILE = "LiverStandardize.ui"
    PARAMETERS = StandardizeParameters

    _timer: Any = None
    _run: StandardizationRun | None = None
    _watch: Any = None
    _volume: Any = None
    _default_model: str | None = None
    _models: tuple = ()
    _filling = False

    def setup(self) -> None:
        """Connect buttons and boxes."""
        self._looking = Looking()
        self._watch = MaskWatch(self.top, self.refresh)
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow)
        self.ui.applyButton.connect("clicked(bool)", self._on_apply)
        self.ui.setUpButton.connect("clicked(bool)", self._on_set_up)
        self.ui.modelBox.connect("currentIndexChanged(int)", self._on_model)
        self.ui.protocolBox.connect("currentIndexChanged(int)", self._on_protocol)
        self._default_model, self._models = model_choice.installed_models("standardize")
        self.ui.progressBar.setVisible(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._timer.stop()
        self._watch.end()
        self._looking.end()
        if self._run is not None:
            self._run.end()
            self._run = None

    def enter(self) -> None:
        """The panel is opened: something may have been installed meanwhile."""
        self._find_models()

    def on_scene_closing(self) -> None:
        """What was seen goes with the scene."""
        self._follow_volume(None)
        self._watch.end()

    def _find_models(self) -> None:
        self._default_model, self._models = model_choice.installed_models("standardize")
        self.refresh()

    @property
    def _target(self) -> str:
        return readiness.target_of_model(self.parameters.model, self._default_model, self._models)

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the panel in step with parameters, models, what is looked at, and the run."""
        if self.parameters is None or self._filling:
            return
        volume = self.parameters.input_volume
        self._follow_volume(volume)
        usable = not readiness.why_no_volume(volume)
        if usable and self._run is None:
            self._looking.want(volume, self._target, self.parameters.force)
            self._timer.start()
        self._fill_boxes(volume)
        self._show_input(volume if usable else None)
        running = self._run is not None
        reason = "" if running else self._reason()
        self.ui.setUpButton.setVisible(bool(reason) and bool(self._why_no_model()))
        self.ui.applyButton.text = _("Cancel") if running else _("Apply")
        self.ui.applyButton.enabled = not reason
        self.ui.reasonLabel.text = reason
        self.ui.reasonLabel.setVisible(bool(reason))
        for part in (self.ui.inputsButton, self.ui.outputsButton):
            part.enabled = not running
        self.ui.statusLabel.setVisible(bool(self.ui.statusLabel.text))

    def _follow_volume(self, volume: Any) -> None:
        """Refresh when what is known of the input changes, or its voxels."""
        if volume is self._volume:
            return
        if self._volume is not None:
            self.removeObserver(self._volume, vtk.vtkCommand.ModifiedEvent, self.refresh)
        if volume is not None:
            self.addObserver(volume, vtk.vtkCommand.ModifiedEvent, self.refresh)
        self._volume = volume
        self._watch.follow([volume])
        self._looking.forget()

    def _fill_boxes(self, volume: Any) -> None:
        seen = self._looking.seen
        self._filling = True
        models = model_choice.entries(self._default_model, self._models)
        fill_box(self.ui.modelBox, models, self.parameters.model)
        protocols = panel_texts.protocols(None if seen is None else seen.detected)
        fill_box(self.ui.protocolBox, protocols, "" if volume is None else stated_protocol(volume))
        self._filling = False
        self.ui.protocolBox.enabled = volume is not None

    def _show_input(self, volume: Any) -> None:
        """What was seen of a volume that may be standardized; None shows nothing."""
        seen = self._looking.seen if volume is not None else None
        self.ui.evidenceValue.text = "" if seen is None else panel_texts.evidence(seen)
        self.ui.evidenceValue.toolTip = "" if seen is None else panel_texts.all_evidence(seen)
        self.ui.checksValue.text = "" if volume is None else panel_texts.checks(volume, seen)
        card = card_text(
            model_choice.chosen_model(self.parameters.model, self._default_model, self._models)
        )
        self.ui.cardValue.text = card
        for name, shown in (
            ("evidence", bool(self.ui.evidenceValue.text)),
            ("checks", volume is not None),
            ("card", bool(card)),
        ):
            getattr(self.ui, f"{name}Label").setVisible(shown)
            getattr(self.ui, f"{name}Value").setVisible(shown)
        is_target = seen is not None and seen.is_of(self._target)
        self.ui.forceBox.setVisible(is_target or self.parameters.force)

    def _reason(self) -> str:
        """Why Apply is not possible; empty if it is."""
        parameters = self.parameters
        why = self.logic.why_not(
            parameters.input_volume,
            parameters.output_volume,
            parameters.model,
            (self._default_model, self._models),
        )
        return why or self._why_not_as_seen()

    def _why_not_as_seen(self) -> str:
        """Why the volume that was looked at cannot be standardized; empty if it can."""
        seen = self._looking.seen
        if seen is None:
            return _("Looking at the volume ...")
        if seen.error is not None:
            return str(seen.error)
        if seen.is_of(self._target) and not self.parameters.force:
            return panel_texts.passes(self.parameters.input_volume, self._target)
        return ""

    def _why_no_model(self) -> str:
        """Why there is no model to standardize with; empty if there is one."""
        return model_choice.why_no_model(self.parameters.model, self._default_model, self._models)

    def _on_model(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.model = self.ui.modelBox.itemData(index)

    def _on_protocol(self, index: int) -> None:
        if not self._filling and self.parameters is not None and self.parameters.input_volume is not None:
            state_protocol(self.parameters.input_volume, self.ui.protocolBox.itemData(index))

    def _on_apply(self) -> None:
        if self._run is not None:
            self._run.cancel()
            return
        self._find_models()
        if self._reason():
            return
        parameters = self.parameters
        self._run = self.logic.start(
            parameters.input_volume,
            parameters.output_volume,
            model=parameters.model,
            force=parameters.force,
        )
        self.ui.progressBar.setVisible(True)
        self._timer.start()
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Called by the timer while there is something to follow."""
        if self._looking.poll():
            self.refresh()
        if self._run is not None:
            self._follow_run(self._run)
        if self._run is None and not self._looking.busy:
            self._timer.stop()

    def _follow_run(self, run: StandardizationRun) -> None:
        if not run.poll():
            self.ui.progressBar.setValue(round(100 * run.fraction))
            self.ui.statusLabel.text = panel_texts.progress(run)
            self.ui.statusLabel.setVisible(True)
            return
        self._run = None
        self.ui.progressBar.setVisible(False)
        self.ui.statusLabel.text = panel_texts.ending(run)
        if run.outcome is not None and self.parameters is not None:
            self.parameters.result_volume = run.outcome.node
            show_alone(run.outcome.node)
        self.refresh()

    def _on_set_up(self) -> None:
        open_set_up()
