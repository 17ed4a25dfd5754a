"""The section Compare of the panel: a reference, tests, how they agree, and where they differ."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import LiverCNNError
from LiverCoreScene.mask_watch import MaskWatch
from LiverCoreScene.section import PanelSection

from . import compare_exports, compare_masks, compare_texts
from .compare_masks import Mask
from .compare_parameters import CompareParameterNode
from .compare_run import CompareOptions
from .compare_table import CompareOutcome, read_outcome
from .compare_view import ResultTable, TestsTable
from .maps_surface import choose_sign
from .mask_run import MaskRun

POLL_MS = 50


class CompareSection(PanelSection):
    """What the user chooses goes into the parameter node, a timer follows the run."""

    UI_FILE = "LiverMetricsCompare.ui"
    PARAMETERS = CompareParameterNode

    _run: MaskRun | None = None
    _take: Any = None  # what is done with the outcome of the run
    _outcome: CompareOutcome | None = None
    _changed: tuple = ()  # the masks of the outcome that were changed since
    _filling = False

    def setup(self) -> None:
        """Connect buttons and boxes, and follow what is in the scene."""
        self._tests, self._result = TestsTable(self.ui.testsTable), ResultTable(self.ui.resultTable)
        self._timer, self._soon = qt.QTimer(self.ui.compareButton), qt.QTimer(self.ui.compareButton)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow_run)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.connect("timeout()", self._follow_segments)
        self._watch = MaskWatch(self.ui.compareButton, self._check)
        for button, slot in (
            (self.ui.applyButton, self._on_apply),
            (self.ui.overlayButton, self._on_overlay),
            (self.ui.surfaceButton, self._on_surface),
            (self.ui.jumpButton, self._on_jump),
            (self.ui.copyButton, self._on_copy),
            (self.ui.csvButton, self._on_csv),
            (self.ui.htmlButton, self._on_html),
            (self.ui.signedBox, self._on_signed),
        ):
            button.connect("clicked(bool)", slot)
        for number, (key, text, definition) in enumerate(compare_texts.families()):
            self.ui.familyBox.addItem(text, key)
            self.ui.familyBox.setItemData(number, definition, qt.Qt.ToolTipRole)
        self.ui.referenceBox.connect("currentIndexChanged(int)", self._on_reference)
        self.ui.familyBox.connect("currentIndexChanged(int)", self._on_family)
        self.ui.testsTable.connect("itemChanged(QTableWidgetItem*)", self._on_ticked)
        self.ui.resultTable.connect("cellClicked(int,int)", self._on_cell)
        self.ui.resultTable.connect("itemSelectionChanged()", self.refresh)
        scene = slicer.mrmlScene
        for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent):
            self.addObserver(scene, event, self._on_nodes)
        self._follow_segments()

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._timer.stop()
        self._soon.stop()
        self._watch.end()
        if self._run is not None:
            self._run.end()
            self._run = None

    def connect(self) -> None:
        """Tie the widgets to the scene's parameters, and show the result that it keeps."""
        super().connect()
        table = self.parameters.compare_result
        if table is not None and (self._outcome is None or self._outcome.table is not table):
            self._outcome = read_outcome(table)
            self.refresh()

    def enter(self) -> None:
        """The panel is opened."""
        self._follow_segments()
        self._check()

    def on_scene_closing(self) -> None:
        """The result goes with the scene."""
        self._outcome, self._changed = None, ()
        self._watch.end()

    def on_scene_ready(self) -> None:
        """Show the result that came with the scene, or none."""
        self._follow_segments()
        self._check()

    def compare_with(self, reference: Mask, tests: list) -> None:
        """Fill in a reference and tests; the user starts."""
        self.parameters.compare_reference = reference.node
        self.parameters.compare_reference_segment_id = "" if reference.is_label else reference.key
        if reference.is_label:
            self.parameters.compare_reference_label = int(reference.key)
        self._keep_tests(tests)
        self._follow_segments()

    def refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the panel in step with parameters, scene and run."""
        if self.parameters is None or self._filling:
            return
        self._filling = True
        reference = self._reference()
        self._fill_references(reference)
        self._tests.show(compare_masks.segments_in_scene(), reference, self._ticked())
        self.ui.familyBox.setCurrentIndex(self.ui.familyBox.findData(self.parameters.compare_family))
        self._show_result()
        self._filling = False
        is_label = reference is not None and reference.is_label
        self.ui.labelLabel.setVisible(is_label)
        self.ui.labelBox.setVisible(is_label)
        self._show_state()

    def _show_state(self) -> None:
        running = self._run is not None
        reason = "" if running else self._reason()
        self.ui.applyButton.text = _("Cancel") if running else _("Compare")
        self.ui.applyButton.enabled = not reason
        self.ui.reasonLabel.text = reason
        self.ui.reasonLabel.setVisible(bool(reason))
        self.ui.progressBar.setVisible(running)
        self.ui.statusLabel.setVisible(bool(self.ui.statusLabel.text))
        for part in (self.ui.inputsWidget, self.ui.resultButton, self.ui.optionsButton):
            part.enabled = not running

    def _show_result(self) -> None:
        pairs = self._outcome.pairs if self._outcome is not None else ()
        self._result.show(pairs)
        self.ui.resultButton.setVisible(bool(pairs))
        if not pairs:
            return
        notes = compare_texts.notes(pairs, [mask for mask in self._changed if mask.is_there])
        self.ui.notesLabel.text = notes
        self.ui.notesLabel.setVisible(bool(notes))
        row = self._result.row
        there = self._outcome.reference.is_there and self._outcome.tests[row].is_there
        filled = pairs[row].comparison.status == "ok"
        self.ui.overlayButton.enabled = self.ui.surfaceButton.enabled = there and filled
        self.ui.jumpButton.enabled = pairs[row].comparison.hd_point_lps is not None

    def _reason(self) -> str:
        """Why Compare is not possible; empty if it is."""
        return compare_masks.why_not(self._reference(), self._ticked(), self.parameters.compare_resample)

    def _reference(self) -> Mask | None:
        node = self.parameters.compare_reference
        if node is None:
            return None
        if node.IsA("vtkMRMLLabelMapVolumeNode"):
            return Mask.of(node, str(self.parameters.compare_reference_label))
        return Mask.of(node, self.parameters.compare_reference_segment_id)

    def _ticked(self) -> list:
        kept = zip(self.parameters.compare_tests, self.parameters.compare_test_segment_ids)
        chosen = [Mask.of(node, key) for node, key in kept if node is not None]
        return [mask for mask in chosen if mask.is_there]

    def _keep_tests(self, tests: list) -> None:
        with slicer.util.NodeModify(self.parameters.parameterNode):
            self.parameters.compare_tests = [test.node for test in tests]
            self.parameters.compare_test_segment_ids = [test.key for test in tests]

    def _fill_references(self, reference: Mask | None) -> None:
        entries = [("", _("Choose a segment or labelmap"))]
        entries += [(f"{one.node_id}/{one.key}", one.name) for one in compare_masks.segments_in_scene()]
        entries += [(node.GetID(), node.GetName()) for node in compare_masks.labelmaps_in_scene()]
        wanted = ""
        if reference is not None:
            wanted = reference.node_id if reference.is_label else f"{reference.node_id}/{reference.key}"
        if wanted not in [key for key, _text in entries]:
            entries.append((wanted, _("(not there)")))
        box = self.ui.referenceBox
        if entries != [(box.itemData(index), box.itemText(index)) for index in range(box.count)]:
            box.clear()
            for key, text in entries:
                box.addItem(text, key)
        box.setCurrentIndex(box.findData(wanted))

    def _on_reference(self, index: int) -> None:
        if self._filling or self.parameters is None:
            return
        node_id, _slash, segment_id = self.ui.referenceBox.itemData(index).partition("/")
        with slicer.util.NodeModify(self.parameters.parameterNode):
            self.parameters.compare_reference = slicer.mrmlScene.GetNodeByID(node_id) if node_id else None
            self.parameters.compare_reference_segment_id = segment_id

    def _on_family(self, index: int) -> None:
        if not self._filling and self.parameters is not None:
            self.parameters.compare_family = self.ui.familyBox.itemData(index)

    def _on_ticked(self, item: Any) -> None:
        if not self._filling and self.parameters is not None:
            self._keep_tests(self._tests.ticked())

    def _on_nodes(self, caller: Any, event: str) -> None:
        self._soon.start()

    def _on_segments(self, caller: Any, event: str) -> None:
        self._soon.start()

    def _follow_segments(self) -> None:
        """Hear of segments that come, go or get another name, in all segmentations that there are now."""
        self.removeObservers(self._on_segments)
        events, segmentations = slicer.vtkSegmentation, slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        self._watch.follow([*segmentations, *compare_masks.labelmaps_in_scene()])
        for node in segmentations:
            for event in (events.SegmentAdded, events.SegmentRemoved, events.SegmentModified):
                self.addObserver(node.GetSegmentation(), event, self._on_segments)
        self.refresh()

    def _check(self) -> None:
        """See which masks of the result are other ones by now."""
        changed = tuple(self._outcome.changed()) if self._outcome is not None else ()
        if changed != self._changed:
            self._changed = changed
            self.refresh()

    def _start(self, run: MaskRun, take: Any) -> None:
        self._run, self._take = run, take
        self.ui.statusLabel.text = ""
        self._timer.start()
        self._follow_run()
        self.refresh()

    def _on_apply(self) -> None:
        if self._run is not None:
            self._run.cancel()
            return
        reason = self._reason()
        if reason:
            self.refresh()
            return
        reference, tests = self._reference(), self._ticked()
        run = self.logic.start_comparison(reference, tests, self._options(), self._table_of(reference, tests))
        self._start(run, self._keep)

    def _table_of(self, reference: Mask, tests: list) -> Any:
        """The table of the same segments from before, which is filled again; None for a new one."""
        last = self._outcome
        if last is None or (last.reference, last.tests) != (reference, tuple(tests)):
            return None
        return last.table

    def _options(self) -> CompareOptions:
        parameters = self.parameters
        return CompareOptions(
            family=parameters.compare_family,
            tolerance_mm=round(parameters.compare_tolerance_mm, 3) or None,
            geometry="resample" if parameters.compare_resample else "strict",
        )

    def _keep(self, outcome: CompareOutcome) -> str:
        self._outcome = outcome
        self._check()
        self.parameters.compare_result = outcome.table
        return _("Done: table {name}.").format(name=outcome.table.GetName())

    def _follow_run(self) -> None:
        """Called by the timer while there is a run."""
        run = self._run
        if run is None:
            return
        if not run.poll():
            self.ui.progressBar.setValue(round(100 * run.fraction))
            self.ui.statusLabel.text = compare_texts.progress(run)
            self.ui.statusLabel.setVisible(True)
            return
        self._timer.stop()
        self._run = None
        self.ui.statusLabel.text = str(run.error) if run.error is not None else self._take(run.outcome)
        self.refresh()

    def _chosen(self) -> tuple:
        """Reference, test and comparison of the chosen row."""
        row = self._result.row
        return self._outcome.reference, self._outcome.tests[row], self._outcome.pairs[row].comparison

    def _on_overlay(self) -> None:
        reference, test, comparison = self._chosen()
        resample, node = comparison.geometry == "resampled", self.parameters.compare_overlay
        run = self.logic.start_overlay(reference, test, resample=resample, node=node)
        self._start(run, self._keep_overlay)

    def _keep_overlay(self, node: Any) -> str:
        self.parameters.compare_overlay = node
        return _("Orange: only the test. Blue: only the reference. Grey: both.")

    def _on_surface(self) -> None:
        reference, test, comparison = self._chosen()
        run = self.logic.start_surface(
            reference,
            test,
            resample=comparison.geometry == "resampled",
            signed=self.parameters.compare_signed,
            node=self.parameters.compare_surface,
        )
        self._start(run, self._keep_surface)

    def _keep_surface(self, node: Any) -> str:
        self.parameters.compare_surface = node
        if not self.parameters.compare_signed:
            return _("The surface of the test, coloured by its distance to the reference in mm.")
        return _("Orange: the test lies outside the reference. Blue: it lies inside. The scale is in mm.")

    def _on_signed(self) -> None:
        if self.parameters.compare_surface is not None:
            choose_sign(self.parameters.compare_surface, self.ui.signedBox.checked)

    def _on_cell(self, row: int, column: int) -> None:
        if self._result.keys[column] == "hd_mm":
            self._on_jump()

    def _on_jump(self) -> None:
        if self._outcome is not None:
            _reference, _test, comparison = self._chosen()
            point = self.logic.goToLargestDistance(comparison, self.parameters.compare_point)
            if point is not None:
                self.parameters.compare_point = point

    def _on_copy(self) -> None:
        qt.QApplication.clipboard().setText(compare_exports.clipboard_text(self._outcome.pairs))
        self._tell(_("Copied; paste it into a spreadsheet."))

    def _on_csv(self) -> None:
        self._export(_("Save the comparison"), _("Table (*.csv)"), ".csv")

    def _on_html(self) -> None:
        self._export(_("Save the comparison"), _("Page (*.html)"), ".html")

    def _export(self, title: str, kinds: str, suffix: str) -> None:
        window = slicer.util.mainWindow()
        path = qt.QFileDialog.getSaveFileName(window, title, f"comparison{suffix}", kinds)
        if path:
            self.export(path if path.lower().endswith(suffix) else f"{path}{suffix}")

    def export(self, path: str) -> None:
        """Save the result to a file, and say so or why not."""
        try:
            compare_exports.export(self._outcome.pairs, path)
        except LiverCNNError as error:
            self._tell(str(error))
        else:
            self._tell(_("Saved: {path}").format(path=path))

    def _tell(self, text: str) -> None:
        self.ui.statusLabel.text = text
        self.ui.statusLabel.setVisible(bool(text))
