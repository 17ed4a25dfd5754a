"""The section that shows a result: what it is, HU before and after, the views, and what to do with it."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.section import PanelSection
from LiverCoreScene.standardized import source_of, standardization_of
from LiverCoreScene.volumes import DIFFERENCE

from . import panel_texts, tissue_table
from .compare_views import SideBySide, fade, show_alone
from .difference_run import DifferenceRun, why_no_difference
from .parameters import StandardizeParameters
from .tissue_run import TissueRun, nodes_of, state_of

POLL_MS, SOON_MS = 50, 300
SEGMENTER = "LiverSegmentCNN"


class ResultSection(PanelSection):
    """It goes by the volume that the parameters call the result, also after a scene was loaded."""

    UI_FILE = "LiverStandardizeResult.ui"
    PARAMETERS = StandardizeParameters

    _timer: Any = None
    _soon: Any = None
    _watch: Any = None
    _measuring: TissueRun | None = None
    _subtracting: DifferenceRun | None = None
    _measured: tuple = ()
    _shown: Any = None
    _filling = False

    def setup(self) -> None:
        """Connect the buttons."""
        self._beside = SideBySide()
        self._table = tissue_table.TissueTable(self.ui.tissueTable)
        self._timer = qt.QTimer(self.top)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow)
        self._soon = qt.QTimer(self.top)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.connect("timeout()", self._measure)
        self._watch = MaskWatch(self.top, self._measure)
        for event in (slicer.mrmlScene.NodeAddedEvent, slicer.mrmlScene.NodeRemovedEvent):
            self.addObserver(slicer.mrmlScene, event, self._on_nodes)
        self.ui.sideBySideButton.connect("toggled(bool)", self._on_side_by_side)
        self.ui.differenceButton.connect("toggled(bool)", self._on_difference)
        self.ui.fadeSlider.connect("valueChanged(double)", self._on_fade)
        self.ui.useButton.connect("clicked(bool)", self._on_use)
        self.ui.resultButton.setVisible(False)

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed."""
        self._timer.stop()
        self._soon.stop()
        self._watch.end()
        self._end_work()
        self._beside.hide()

    def enter(self) -> None:
        """The panel is opened: the liver may have been segmented meanwhile."""
        self.refresh()
        self._measure()

    def on_scene_closing(self) -> None:
        """Volumes and views go."""
        self._end_work()
        self._watch.end()
        self._beside.hide()
        self._show_mode(None)
        self._shown, self._measured = None, ()
        self.ui.resultButton.setVisible(False)

    def on_scene_ready(self) -> None:
        """Show the result that came with the scene, or none."""
        self.refresh()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with the result."""
        result = self._result()
        self.ui.resultButton.setVisible(result is not None)
        if result is None:
            self._shown = None
            return
        self._show_texts(result)
        if self._shown is not result:
            self._shown = result
            self._beside.hide()
            self._show_mode(None)
            self._filling = True
            self.ui.fadeSlider.value = 100
            self._filling = False
            self._measure()

    def _result(self) -> Any:
        """The standardized volume; None without one."""
        volume = None if self.parameters is None else self.parameters.result_volume
        return volume if standardization_of(volume) is not None else None

    def _show_texts(self, result: Any) -> None:
        report, source = standardization_of(result), source_of(result)
        self.ui.resultValue.text = panel_texts.result_name(result)
        self.ui.resultProtocolValue.text = panel_texts.result_protocols(report)
        self.ui.warningsValue.text = panel_texts.warnings(report)
        self.ui.timeValue.text = panel_texts.result_time(report)
        for part in (self.ui.sideBySideButton, self.ui.fadeWidget):
            part.enabled = source is not None
        self.ui.differenceButton.enabled = not why_no_difference(result)

    def _on_nodes(self, caller: Any, event: str) -> None:
        """A mask may have come, or the input gone: look when it is whole."""
        if self._shown is not None:
            self._soon.start()

    def _measure(self) -> None:
        """Measure the tissues, unless that was done."""
        result = self._result()
        if result is None:
            return
        self._show_texts(result)
        why = why_no_difference(result)
        self.ui.tissueTable.setVisible(not why)
        if why:
            self.ui.tissueLabel.text = why
            self._measured = ()
            return
        state = state_of(result)
        if state == self._measured:
            return
        self._measured = state
        self._watch.follow(nodes_of(result))
        if self.ui.differenceButton.checked:
            self._show_mode(None)  # it is of what the volumes were before
        self._table.show(())
        self.ui.tissueLabel.text = _("Measuring ...")
        try:
            self._measuring = TissueRun(result)
        except LiverCNNError as error:
            self.ui.tissueLabel.text = str(error)
            return
        self._timer.start()

    def _follow(self) -> None:
        """Called by the timer while something is computed."""
        if self._measuring is not None and self._measuring.poll():
            run, self._measuring = self._measuring, None
            self._show_tissues(run)
        if self._subtracting is not None and self._subtracting.poll():
            run, self._subtracting = self._subtracting, None
            self._show_difference(run)
        if self._measuring is None and self._subtracting is None:
            self._timer.stop()

    def _show_tissues(self, run: TissueRun) -> None:
        if run.error is not None:
            self.ui.tissueLabel.text = "" if isinstance(run.error, Cancelled) else str(run.error)
            self._measured = ()
            return
        self._table.show(run.outcome.values)
        self.ui.tissueLabel.text = tissue_table.note(run.outcome)

    def _on_side_by_side(self, wanted: bool) -> None:
        result = self._result()
        if self._filling or result is None:
            return
        if wanted:
            self._show_mode(self.ui.sideBySideButton)
            self._beside.show(source_of(result), result)
        else:
            self._beside.hide()
            self._fade(result)

    def _on_difference(self, wanted: bool) -> None:
        result = self._result()
        if self._filling or result is None:
            return
        if not wanted:
            self._fade(result)
            return
        self._beside.hide()
        self._show_mode(self.ui.differenceButton)
        try:
            self._subtracting = DifferenceRun(result, self._earlier_difference(result))
        except LiverCNNError as error:
            self.ui.tissueLabel.text = str(error)
            return
        self._timer.start()

    def _earlier_difference(self, result: Any) -> Any:
        """The volume that held the difference of these two before; None without one."""
        volume = self.parameters.difference_volume
        return volume if volume is not None and volume.GetNodeReference(DIFFERENCE) is result else None

    def _show_difference(self, run: DifferenceRun) -> None:
        if run.error is not None:
            self._show_mode(None)
            return
        if self.parameters is not None:
            self.parameters.difference_volume = run.outcome
        show_alone(run.outcome)

    def _on_fade(self, percent: float) -> None:
        result = self._result()
        if not self._filling and result is not None:
            self._beside.hide()
            self._show_mode(None)
            self._fade(result)

    def _fade(self, result: Any) -> None:
        source = source_of(result)
        if source is not None:
            fade(source, result, self.ui.fadeSlider.value / 100)

    def _show_mode(self, pressed: Any) -> None:
        """Which of the two buttons is down; None is neither."""
        self._filling = True
        for button in (self.ui.sideBySideButton, self.ui.differenceButton):
            button.checked = button is pressed
        self._filling = False

    def _on_use(self) -> None:
        result = self._result()
        if result is not None:
            slicer.util.selectModule(SEGMENTER)
            slicer.modules.liversegmentcnn.widgetRepresentation().self().segment_volume(result)

    def _end_work(self) -> None:
        for run in (self._measuring, self._subtracting):
            if run is not None:
                run.end()
        self._measuring = self._subtracting = None
