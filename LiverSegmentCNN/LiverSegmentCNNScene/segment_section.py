"""The section that segments: volume and model, where the mask goes, Apply, and what came of it."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from LiverCoreScene import model_choice
from LiverCoreScene.key_box import fill_box
from LiverCoreScene.machine_settings import MachineBoxes
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.roles import report_of
from LiverCoreScene.section import PanelSection
from LiverCoreScene.setup_open import open_set_up
from LiverCoreScene.standardized import origin_text

from . import panel_texts, views
from .chosen_options import chosen_options
from .edited import edited_volume_ml
from .parameters import LiverSegmentCNNParameterNode
from .replaced import Replaced
from .run import Outcome, SegmentationRun
from .working_copies import Mask

POLL_MS = 50


class SegmentSection(PanelSection):
    """What the user chooses goes into the parameter node, a timer follows the run.

    A run goes on while other modules are open, and lands by the IDs of its nodes.
    """

    UI_FILE = "LiverSegmentCNN.ui"
    PARAMETERS = LiverSegmentCNNParameterNode

    _timer: Any = None
    _run: SegmentationRun | None = None
    _replaced: Replaced | None = None
    _default_model: str | None = None
    _models: tuple = ()
    _filling = False
    _watch: Any = None
    _machine: Any = None

    def setup(self) -> None:
        """Connect buttons and boxes, and read the computer's settings."""
        self._watch = MaskWatch(self.top, self._show_result)
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow_run)
        self.ui.applyButton.connect("clicked(bool)", self._on_apply)
        self.ui.undoButton.connect("clicked(bool)", self._on_undo)
        self.ui.setUpButton.connect("clicked(bool)", self._on_set_up)
        self.ui.islandButton.connect("clicked(bool)", self._on_island)
        self.ui.surfaceButton.connect("toggled(bool)", self._on_surface)
        self.ui.modelBox.connect("currentIndexChanged(int)", self._on_model)
        self.ui.segmentBox.connect("currentIndexChanged(int)", self._on_segment)
        self._machine = MachineBoxes(self.ui.deviceBox, self.ui.threadsBox)
        self._default_model, self._models = model_choice.installed_models("segment")
        self.ui.progressBar.setVisible(False)
        self.ui.resultButton.setVisible(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._timer.stop()
        self._watch.end()
        if self._run is not None:
            self._run.end()
            self._run = None

    def enter(self) -> None:
        """The panel is opened: something may have been installed meanwhile, or set elsewhere."""
        self._machine.show()
        self._find_models()
        self._show_result()

    def on_scene_closing(self) -> None:
        """What could be undone goes with the scene."""
        self._replaced = None
        self._watch.end()
        self.follow_segments(None)

    def on_scene_ready(self) -> None:
        """Show the result that came with the scene, or none."""
        self._show_result()

    def _find_models(self) -> None:
        self._default_model, self._models = model_choice.installed_models("segment")
        self.refresh()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the panel in step with parameters, models and run."""
        if self.parameters is None:
            return
        self._filling = True
        models = model_choice.entries(self._default_model, self._models)
        fill_box(self.ui.modelBox, models, self.parameters.model)
        node = self.parameters.output_segmentation
        self.follow_segments(node)
        fill_box(self.ui.segmentBox, panel_texts.segments(node), self.parameters.output_segment_id)
        self._filling = False
        volume = self.parameters.input_volume
        self.ui.imageValue.text = "" if volume is None else origin_text(volume)
        for part in (self.ui.imageLabel, self.ui.imageValue):
            part.setVisible(volume is not None)
        running = self._run is not None
        reason = "" if running else self._reason()
        self.ui.setUpButton.setVisible(bool(reason) and bool(self._why_no_model()))
        self.ui.applyButton.text = _("Cancel") if running else _("Apply")
        self.ui.applyButton.enabled = not reason
        self.ui.reasonLabel.text = reason
        self.ui.reasonLabel.setVisible(bool(reason))
        for part in (self.ui.inputsButton, self.ui.outputsButton, self.ui.advancedButton):
            part.enabled = not running
        self.ui.segmentBox.enabled = node is not None
        self.ui.keepRawBox.enabled = self.parameters.postprocess
        self.ui.thresholdSlider.enabled = not self.parameters.threshold_of_model
        self.ui.statusLabel.setVisible(bool(self.ui.statusLabel.text))

    def _reason(self) -> str:
        """Why Apply is not possible; empty if it is."""
        parameters = self.parameters
        return self.logic.why_not(
            parameters.input_volume,
            parameters.output_segmentation,
            parameters.output_segment_id,
            parameters.probability_volume,
            parameters.model,
            (self._default_model, self._models),
        )

    def _why_no_model(self) -> str:
        """Why there is no model to segment with; empty if there is one."""
        return model_choice.why_no_model(self.parameters.model, self._default_model, self._models)

    def _on_model(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.model = self.ui.modelBox.itemData(index)

    def _on_segment(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.output_segment_id = self.ui.segmentBox.itemData(index)

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
            parameters.output_segmentation,
            parameters.output_segment_id,
            parameters.probability_volume,
            chosen_options(parameters),
            parameters.keep_raw,
        )
        self.ui.progressBar.setVisible(True)
        self._timer.start()
        self._follow_run()
        self.refresh()

    def _follow_run(self) -> None:
        """Called by the timer while there is a run."""
        run = self._run
        if run is None or not run.poll():
            if run is not None:
                self.ui.progressBar.setValue(round(100 * run.work.fraction))
                self.ui.statusLabel.text = panel_texts.progress(run.work)
                self.ui.statusLabel.setVisible(True)
            return
        self._timer.stop()
        self._run = None
        self.ui.progressBar.setVisible(False)
        self.ui.statusLabel.text = panel_texts.ending(run)
        if run.outcome is not None:
            self._take(run.outcome)
        self.refresh()

    def _take(self, outcome: Outcome) -> None:
        if outcome.node is not None:
            self._replaced = outcome.replaced
            self.parameters.result_segmentation = outcome.node
            self.parameters.result_segment_id = outcome.segment_id
        self._show_result()

    def _show_result(self) -> None:
        node, report = self._result()
        self.ui.resultButton.setVisible(report is not None)
        self.ui.undoButton.setVisible(self._replaced is not None)
        self._watch.follow([node])
        if report is not None:
            mask = self._mask(node)
            texts = panel_texts.result(report)
            self.ui.maskValue.text = panel_texts.mask(mask, edited_volume_ml(mask))
            self.ui.volumeValue.text, self.ui.removedValue.text = texts.volume, texts.removed
            self.ui.warningsValue.text, self.ui.timeValue.text = texts.warnings, texts.time
            self.ui.islandButton.setVisible(views.largest_removed(report) is not None)
            self._filling = True
            self.ui.surfaceButton.checked = views.has_surface(self._mask(node))
            self._filling = False

    def _result(self) -> tuple:
        """The node of the result and its report; None, None without one."""
        node = None if self.parameters is None else self.parameters.result_segmentation
        there = node is not None and self._mask(node).segment is not None
        report = report_of(node, self.parameters.result_segment_id) if there else None
        return (None, None) if report is None else (node, report)

    def _on_island(self) -> None:
        node, report = self._result()
        part = None if report is None else views.largest_removed(report)
        if part is not None:
            views.jump_to(self._mask(node), part["centre_lps_mm"])
            self._say(panel_texts.island(part))

    def _on_surface(self, wanted: bool) -> None:
        node, _report = self._result()
        if node is None or self._filling:
            return
        if not wanted:
            views.hide_surface(self._mask(node))
            self._say("")
            return
        self._say(_("Making the surface ..."))
        self.ui.statusLabel.repaint()  # the surface is made by Slicer, in one go
        seconds = views.show_surface(self._mask(node))
        self._say(_("Surface made in {seconds:.1f} s.").format(seconds=seconds))

    def _mask(self, node: Any) -> Mask:
        return Mask(node, self.parameters.result_segment_id)

    def _say(self, text: str) -> None:
        self.ui.statusLabel.text = text
        self.ui.statusLabel.setVisible(bool(text))

    def _on_set_up(self) -> None:
        open_set_up()

    def _on_undo(self) -> None:
        if self._replaced is not None:
            self._say(panel_texts.undone(self._replaced.restore()))
        self._replaced = None
        self._show_result()
        self.refresh()
