"""The section that measures a fat-fraction map inside the liver."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreScene.key_box import fill_box
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.section import PanelSection

from . import pdff_readiness, pdff_result, pdff_texts
from .parameters import LiverSegmentCNNParameterNode
from .pdff_parameters import PdffParameterNode
from .pdff_picture import histogram_picture
from .pdff_run import PdffRun

POLL_MS = 50


class PdffSection(PanelSection):
    """What the user chooses goes into the parameter node, a timer follows the measurement."""

    UI_FILE = "LiverSegmentCNNPDFF.ui"
    PARAMETERS = PdffParameterNode

    _timer: Any = None
    _run: PdffRun | None = None
    _watch: Any = None
    _seen_result = ("", "")
    _filling = False

    def setup(self) -> None:
        """Connect buttons and boxes."""
        self._watch = MaskWatch(self.top, self._show_result)
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow_run)
        self.ui.pdffMeasureButton.connect("clicked(bool)", self._on_measure)
        self.ui.pdffPlotButton.connect("clicked(bool)", self._on_plot)
        self.ui.pdffSegmentBox.connect("currentIndexChanged(int)", self._on_segment)
        self.ui.pdffUnitsBox.connect("currentIndexChanged(int)", self._on_units)
        self.ui.pdffResultWidget.setVisible(False)
        self.ui.pdffStatusLabel.setVisible(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the measurement."""
        self._timer.stop()
        self._watch.end()
        if self._run is not None:
            self._run.end()
            self._run = None

    def enter(self) -> None:
        """The panel is opened."""
        self._show_result()

    def on_scene_closing(self) -> None:
        """The scene that comes has results of its own."""
        self._seen_result = ("", "")
        self._watch.end()

    def on_scene_ready(self) -> None:
        """Show the result that came with the scene, or none."""
        self._show_result()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with parameters and measurement."""
        if self.parameters is None or self._filling:
            return
        self._filling = True
        self._adopt_liver()
        parameters = self.parameters
        self.follow_segments(parameters.pdff_segmentation)
        entries = pdff_texts.segments(parameters.pdff_segmentation)
        fill_box(self.ui.pdffSegmentBox, entries, parameters.pdff_segment_id)
        fill_box(self.ui.pdffUnitsBox, pdff_texts.units(), parameters.pdff_units)
        self._filling = False
        running = self._run is not None
        reason = "" if running else self._reason()
        self.ui.pdffMeasureButton.text = _("Cancel") if running else _("Measure")
        self.ui.pdffMeasureButton.enabled = not reason
        self.ui.pdffReasonLabel.text = reason
        self.ui.pdffReasonLabel.setVisible(bool(reason))
        self.ui.pdffInputsWidget.enabled = not running
        self.ui.pdffSegmentBox.enabled = parameters.pdff_segmentation is not None

    def _adopt_liver(self) -> None:
        """Choose the liver that was just segmented, where nothing is chosen yet."""
        segmented = LiverSegmentCNNParameterNode(self.parameters.parameterNode)
        node = segmented.result_segmentation
        result = ("" if node is None else node.GetID(), segmented.result_segment_id)
        chosen = self.parameters.pdff_segmentation
        if result != self._seen_result and (chosen is None or not self.parameters.pdff_segment_id):
            self.parameters.pdff_segmentation = node
            self.parameters.pdff_segment_id = result[1]
        self._seen_result = result

    def _reason(self) -> str:
        """Why nothing can be measured; empty if it can."""
        parameters = self.parameters
        return pdff_readiness.why_not(
            parameters.pdff_map, parameters.pdff_segmentation, parameters.pdff_segment_id
        )

    def _on_segment(self, index: int) -> None:
        if not self._filling and self.parameters is not None and index >= 0:
            self.parameters.pdff_segment_id = self.ui.pdffSegmentBox.itemData(index)

    def _on_units(self, index: int) -> None:
        if not self._filling and self.parameters is not None and index >= 0:
            self.parameters.pdff_units = self.ui.pdffUnitsBox.itemData(index)

    def _on_measure(self) -> None:
        if self._run is not None:
            self._run.cancel()
            return
        self.refresh()
        if self._reason():
            return
        parameters = self.parameters
        self._run = PdffRun(
            parameters.pdff_map,
            parameters.pdff_segmentation,
            parameters.pdff_segment_id,
            parameters.pdff_units,
            round(parameters.pdff_erosion_mm, 3),
        )
        self._timer.start()
        self.refresh()

    def _follow_run(self) -> None:
        """Called by the timer while there is a measurement."""
        run = self._run
        if run is None or not run.poll():
            if run is not None:
                self._say(_("{what} ...").format(what=run.message.capitalize()))
            return
        self._timer.stop()
        self._run = None
        if run.outcome is None:
            self._say(str(run.error))
        else:
            self._say("")
            self.parameters.pdff_table = run.outcome.table
        self._show_result()
        self.refresh()

    def _say(self, text: str) -> None:
        self.ui.pdffStatusLabel.text = text
        self.ui.pdffStatusLabel.setVisible(bool(text))

    def _show_result(self) -> None:
        if self.parameters is None:
            return
        table = self.parameters.pdff_table
        measurement = pdff_result.measurement_of(table) if table is not None else None
        self.ui.pdffResultWidget.setVisible(measurement is not None)
        if table is None or measurement is None:
            self._watch.follow(())
            return
        self._watch.follow(pdff_result.sources_of(table))
        texts = pdff_texts.result(measurement, pdff_result.is_current(table))
        self.ui.pdffNameValue.text = table.GetName()
        self.ui.pdffMeanValue.text, self.ui.pdffSpreadValue.text = texts.mean, texts.spread
        self.ui.pdffMeasuredValue.text, self.ui.pdffUnitsValue.text = texts.measured, texts.units
        self.ui.pdffWarningsValue.text = texts.warnings
        picture = histogram_picture(measurement.histogram, measurement.mean_pct, self.top)
        self.ui.pdffPicture.setPixmap(picture)
        self.ui.pdffPlotButton.enabled = pdff_result.chart_of(table) is not None

    def _on_plot(self) -> None:
        table = self.parameters.pdff_table
        chart = pdff_result.chart_of(table) if table is not None else None
        if chart is not None:
            slicer.modules.plots.logic().ShowChartInLayout(chart)
