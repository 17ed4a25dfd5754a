"""The section that segments: volume and model, where the mask goes, Apply, and what came of it."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene.key_box import fill_box
from LiverCoreScene.machine_settings import MachineBoxes
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.model_section import ModelSection
from LiverCoreScene.roles import report_of
from LiverCoreScene.standardized import origin_text

from . import panel_texts, views
from .chosen_options import chosen_options
from .edited import edited_volume_ml
from .parameters import LiverSegmentCNNParameterNode
from .replaced import Replaced
from .run import Outcome, SegmentationRun
from .working_copies import Mask


class SegmentSection(ModelSection):
    """What it segments can be taken back, looked at in 3D, and edited elsewhere."""

    UI_FILE = "LiverSegmentCNN.ui"
    PARAMETERS = LiverSegmentCNNParameterNode
    TASK = "segment"

    _replaced: Replaced | None = None
    _watch: Any = None
    _machine: Any = None

    def setup(self) -> None:
        """Connect buttons and boxes, and read the computer's settings."""
        super().setup()
        self._watch = MaskWatch(self.top, self._show_result)
        self.ui.undoButton.connect("clicked(bool)", self._on_undo)
        self.ui.islandButton.connect("clicked(bool)", self._on_island)
        self.ui.surfaceButton.connect("toggled(bool)", self._on_surface)
        self.ui.segmentBox.connect("currentIndexChanged(int)", self._on_segment)
        self._machine = MachineBoxes(self.ui.deviceBox, self.ui.threadsBox)
        self.ui.resultButton.setVisible(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._watch.end()
        super().cleanup()

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

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the panel in step with parameters, models and run."""
        if self.parameters is None:
            return
        self._filling = True
        node = self.parameters.output_segmentation
        self.follow_segments(node)
        fill_box(self.ui.segmentBox, panel_texts.segments(node), self.parameters.output_segment_id)
        self._filling = False
        volume = self.parameters.input_volume
        self.ui.imageValue.text = "" if volume is None else origin_text(volume)
        for part in (self.ui.imageLabel, self.ui.imageValue):
            part.setVisible(volume is not None)
        running = self._run is not None
        for part in (self.ui.inputsButton, self.ui.outputsButton, self.ui.advancedButton):
            part.enabled = not running
        self.ui.segmentBox.enabled = node is not None
        self.ui.keepRawBox.enabled = self.parameters.postprocess
        self.ui.thresholdSlider.enabled = not self.parameters.threshold_of_model
        super().refresh()

    def _reason(self) -> str:
        parameters = self.parameters
        return self.logic.why_not(
            parameters.input_volume,
            parameters.output_segmentation,
            parameters.output_segment_id,
            parameters.probability_volume,
            parameters.model,
            self._installed,
        )

    def _on_segment(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.output_segment_id = self.ui.segmentBox.itemData(index)

    def _start(self) -> SegmentationRun:
        parameters = self.parameters
        return self.logic.start(
            parameters.input_volume,
            parameters.output_segmentation,
            parameters.output_segment_id,
            parameters.probability_volume,
            chosen_options(parameters),
            parameters.keep_raw,
        )

    def _progress(self, run: SegmentationRun) -> str:
        return panel_texts.progress(run)

    def _ending(self, run: SegmentationRun) -> str:
        return panel_texts.ending(run)

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

    def _on_undo(self) -> None:
        if self._replaced is not None:
            self._say(panel_texts.undone(self._replaced.restore()))
        self._replaced = None
        self._show_result()
        self.refresh()
