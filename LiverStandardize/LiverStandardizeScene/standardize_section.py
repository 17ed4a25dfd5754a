"""The section that standardizes: volume, protocol and model, where the result goes, and Apply."""

from __future__ import annotations

from typing import Any

import vtk
from slicer.i18n import tr as _

from LiverCoreScene import model_choice
from LiverCoreScene.key_box import fill_box
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.model_section import ModelSection

from . import panel_texts, readiness
from .card_text import card_text
from .compare_views import show_alone
from .looking import Looking
from .parameters import StandardizeParameters
from .run import Outcome, StandardizationRun
from .stated import state_protocol, stated_protocol


class StandardizeSection(ModelSection):
    """Before Apply it looks at the volume, to say what it is and whether it needs to be standardized."""

    UI_FILE = "LiverStandardize.ui"
    PARAMETERS = StandardizeParameters
    TASK = "standardize"

    _watch: Any = None
    _volume: Any = None

    def setup(self) -> None:
        """Connect buttons and boxes."""
        super().setup()
        self._looking = Looking()
        self._watch = MaskWatch(self.top, self.refresh)
        self.ui.protocolBox.connect("currentIndexChanged(int)", self._on_protocol)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._watch.end()
        self._looking.end()
        super().cleanup()

    def enter(self) -> None:
        """The panel is opened: something may have been installed meanwhile."""
        self._find_models()

    def on_scene_closing(self) -> None:
        """What was seen goes with the scene."""
        self._follow_volume(None)
        self._watch.end()

    @property
    def _target(self) -> str:
        return readiness.target_of_model(self.parameters.model, *self._installed)

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
        for part in (self.ui.inputsButton, self.ui.outputsButton):
            part.enabled = not running
        super().refresh()

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
        card = card_text(model_choice.chosen_model(self.parameters.model, *self._installed))
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
        parameters = self.parameters
        why = self.logic.why_not(
            parameters.input_volume, parameters.output_volume, parameters.model, self._installed
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

    def _on_protocol(self, index: int) -> None:
        if not self._filling and self.parameters is not None and self.parameters.input_volume is not None:
            state_protocol(self.parameters.input_volume, self.ui.protocolBox.itemData(index))

    def _start(self) -> StandardizationRun:
        parameters = self.parameters
        return self.logic.start(
            parameters.input_volume,
            parameters.output_volume,
            model=parameters.model,
            force=parameters.force,
        )

    def _follow(self) -> None:
        """Called by the timer while there is something to follow."""
        if self._looking.poll():
            self.refresh()
        if self._run is not None:
            self._follow_run()
        if self._run is None and not self._looking.busy:
            self._timer.stop()

    def _progress(self, run: StandardizationRun) -> str:
        return panel_texts.progress(run)

    def _ending(self, run: StandardizationRun) -> str:
        return panel_texts.ending(run)

    def _take(self, outcome: Outcome) -> None:
        self.parameters.result_volume = outcome.node
        show_alone(outcome.node)
