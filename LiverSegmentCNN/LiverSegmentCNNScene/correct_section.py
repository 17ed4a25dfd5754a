"""The section that corrects: an editor on a working copy of a CNN mask, what was changed, and Compare."""

from __future__ import annotations

import time
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.section import PanelSection

from . import changes, correct_texts, working_copies
from .correct_parameters import CorrectParameterNode
from .embedded_editor import EmbeddedEditor
from .working_copies import Mask

TICK_MS, LONGEST_TICK_S = 1000, 5.0  # more than that between two ticks, and the computer was asleep
MEASURE_AFTER_MS = 250  # strokes follow each other
EDIT_EVENTS = (
    slicer.vtkSegmentation.SourceRepresentationModified,
    slicer.vtkSegmentation.SegmentModified,  # undo
    slicer.vtkSegmentation.SegmentRemoved,
)


class CorrectSection(PanelSection):
    """A person changes a copy of the CNN mask; the CNN mask itself stays as it is."""

    UI_FILE = "LiverSegmentCNNCorrect.ui"
    PARAMETERS = CorrectParameterNode

    editor: Any = None
    _clock: Any = None
    _measuring: Any = None
    _watch: Any = None
    _copy: Mask | None = None  # that is being edited
    _masks: tuple = ()
    _seen_result: tuple = ("", "")
    _ticked_at = 0.0
    _filling = False

    def setup(self) -> None:
        """Build the editor, connect buttons, and watch the scene for nodes that come and go."""
        self.editor = EmbeddedEditor(self.ui.correctEditorFrame)
        self._watch = MaskWatch(self.top, self._show_changes)
        self._clock, self._measuring = qt.QTimer(self.top), qt.QTimer(self.top)
        self._clock.setInterval(TICK_MS)
        self._clock.connect("timeout()", self._tick)
        self._measuring.setInterval(MEASURE_AFTER_MS)
        self._measuring.setSingleShot(True)
        self._measuring.connect("timeout()", self._show_changes)
        self.ui.correctMaskBox.connect("currentIndexChanged(int)", self._on_mask)
        self.ui.correctStartButton.connect("clicked(bool)", self._on_start)
        self.ui.correctAgainButton.connect("clicked(bool)", self._on_again)
        self.ui.correctCompareButton.connect("clicked(bool)", self._on_compare)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._on_removal)
        self.addObserver(scene, scene.NodeRemovedEvent, self._on_removed)

    def connect(self) -> None:
        """Tie the section to the scene's parameters; a result that is there already is not a new one."""
        self._seen_result = self._result(CorrectParameterNode(self.logic.parameterNode()))
        super().connect()

    def on_scene_closing(self) -> None:
        """The copy goes with the scene."""
        self._watch.end()
        self._stop()

    def on_scene_ready(self) -> None:
        """Show what came with the scene."""
        self._show_changes()

    def enter(self) -> None:
        """The module is opened: go on."""
        self.refresh()
        if self._copy is not None:
            self.editor.resume()
            self._start_clock()
        self._show_changes()

    def exit(self) -> None:
        """Another module is opened: the keyboard is its, and the clock stands still."""
        if self._copy is not None:
            self.editor.pause()
            self._stop_clock()

    def cleanup(self) -> None:
        """The panel goes."""
        self._stop()
        self._watch.end()
        self._measuring.stop()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the section in step with the scene's CNN masks and its parameters."""
        if self.parameters is None or self._filling:
            return
        self._filling = True
        self._masks = tuple(working_copies.network_masks())
        self._adopt_result()
        self._fill_masks()
        self._filling = False
        chosen, editing = self._chosen(), self._copy is not None
        reason = "" if editing else self._why_not(chosen)
        copy = None if chosen is None else working_copies.find(chosen)
        self.ui.correctMaskBox.enabled = not editing and bool(self._masks)
        self.ui.correctStartButton.text = self._start_text(copy)
        self.ui.correctStartButton.enabled = not reason
        self.ui.correctReasonLabel.text = reason
        self.ui.correctReasonLabel.setVisible(bool(reason))
        for part in (self.ui.correctEditorFrame, self.ui.correctPinnedLabel, self.ui.correctAgainButton):
            part.setVisible(editing)
        for part in (
            self.ui.correctChangedLabel,
            self.ui.correctChangedValue,
            self.ui.correctTimeLabel,
            self.ui.correctTimeValue,
            self.ui.correctCompareButton,
        ):
            part.setVisible(copy is not None)
        self.ui.correctCompareButton.enabled = hasattr(slicer.modules, "livermetrics")
        if copy is not None and not editing:
            self.ui.correctTimeValue.text = correct_texts.time_spent(working_copies.seconds_spent(copy))

    def _start_text(self, copy: Mask | None) -> str:
        if self._copy is not None:
            return _("Done")
        return _("Correct") if copy is None else _("Go on correcting")

    def _result(self, parameters: Any) -> tuple:
        node = parameters.result_segmentation
        return ("" if node is None else node.GetID(), parameters.result_segment_id)

    def _adopt_result(self) -> None:
        """Choose a mask that has just landed, unless another one is being corrected."""
        parameters, result = self.parameters, self._result(self.parameters)
        none_chosen = parameters.correct_segmentation is None and bool(result[0])
        if self._copy is None and (none_chosen or result != self._seen_result):
            parameters.correct_segmentation = parameters.result_segmentation
            parameters.correct_segment_id = parameters.result_segment_id
            self._seen_result = result

    def _fill_masks(self) -> None:
        box = self.ui.correctMaskBox
        texts = [correct_texts.mask(mask) for mask in self._masks] or [_("None yet")]
        if texts != [box.itemText(index) for index in range(box.count)]:
            box.clear()
            for text in texts:
                box.addItem(text)
        chosen = self._chosen()
        box.setCurrentIndex(self._masks.index(chosen) if chosen is not None else 0 if not self._masks else -1)

    def _chosen(self) -> Mask | None:
        """The CNN mask that is chosen; None if there is none, or it is gone."""
        mask = Mask(self.parameters.correct_segmentation, self.parameters.correct_segment_id)
        return mask if mask in self._masks else None

    def _why_not(self, chosen: Mask | None) -> str:
        if not self._masks:
            return _("There is no CNN mask yet; segment a CT first.")
        if chosen is None:
            return _("Choose the CNN mask to correct.")
        return working_copies.why_not(chosen)

    def _on_mask(self, index: int) -> None:
        if not self._filling and self.parameters is not None and 0 <= index < len(self._masks):
            mask = self._masks[index]
            self.parameters.correct_segmentation = mask.node
            self.parameters.correct_segment_id = mask.segment_id
            self._show_changes()

    def _on_start(self) -> None:
        if self._copy is not None:
            self._stop()
            self.refresh()
            return
        chosen = self._chosen()
        if chosen is None or self._why_not(chosen):
            return
        self._copy = working_copies.find(chosen) or working_copies.make(chosen)
        for event in EDIT_EVENTS:
            self.addObserver(self._copy.node, event, self._on_edit)
        self.editor.open(self._copy, working_copies.volume_of(chosen))
        self._start_clock()
        self.refresh()
        self._show_changes()

    def _stop(self) -> None:
        """End the correction; what was done stays."""
        if self._copy is None:
            return
        self._stop_clock()
        for event in EDIT_EVENTS:
            self.removeObserver(self._copy.node, event, self._on_edit)
        self._copy = None
        self.editor.close()

    def _on_again(self) -> None:
        parent = None if self._copy is None else working_copies.parent_of(self._copy)
        if self._copy is not None and parent is not None:
            self.editor.widget.saveStateForUndo()
            working_copies.start_again(self._copy, parent)

    def _on_compare(self) -> None:
        chosen = self._chosen()
        copy = None if chosen is None else working_copies.find(chosen)
        if copy is None:
            return
        tests = [(mask.node, mask.segment_id) for mask in working_copies.network_masks_in(chosen.node)]
        slicer.util.selectModule("LiverMetrics")
        panel = slicer.modules.livermetrics.widgetRepresentation().self()
        panel.compare_with(copy.node, copy.segment_id, tests)

    def _on_edit(self, caller: Any, event: str) -> None:
        if self._copy is not None and self._copy.segment is None:
            self._stop()
            self.refresh()
        self._measuring.start()

    def _show_changes(self) -> None:
        """Say what was changed so far in the copy of the mask that is chosen."""
        chosen = None if self.parameters is None else self._chosen()
        copy = None if chosen is None else working_copies.find(chosen)
        self._watch.follow(() if copy is None else (chosen.node, copy.node))  # other modules edit them, too
        if copy is not None:
            text = correct_texts.changes(changes.measure(chosen, copy))
            replaced = working_copies.was_replaced(chosen, copy)
            self.ui.correctChangedValue.text = correct_texts.replaced(text) if replaced else text

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_removal(self, caller: Any, event: str, node: Any) -> None:
        if self._copy is not None and node in (self._copy.node, working_copies.parent_node(self._copy)):
            self._stop()

    def _on_removed(self, caller: Any, event: str) -> None:
        if not slicer.mrmlScene.IsClosing():
            self.refresh()

    def _start_clock(self) -> None:
        self._ticked_at = time.monotonic()
        self._clock.start()
        self._tick()

    def _stop_clock(self) -> None:
        if self._clock.active:
            self._tick()
            self._clock.stop()

    def _tick(self) -> None:
        if self._copy is not None:
            now = time.monotonic()
            working_copies.add_seconds_spent(self._copy, min(now - self._ticked_at, LONGEST_TICK_S))
            self._ticked_at = now
            self.ui.correctTimeValue.text = correct_texts.time_spent(working_copies.seconds_spent(self._copy))
