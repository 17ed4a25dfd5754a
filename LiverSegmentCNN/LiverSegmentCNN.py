"""3D Slicer module LiverSegmentCNN: finds the liver in a CT with a convolutional neural network."""

from __future__ import annotations

from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import SlicerParameterNamePropertyName
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

from LiverCoreLib.jobs import JobRunner
from LiverCoreScene.refusal import require
from LiverCoreScene.roles import report_of
from LiverSegmentCNNLib.background import SegmentOptions
from LiverSegmentCNNScene import panel_texts, readiness, segments
from LiverSegmentCNNScene.parameters import LiverSegmentCNNParameterNode
from LiverSegmentCNNScene.run import Outcome, SegmentationRun, Target

POLL_MS = 50
DEVICE_SETTING, THREADS_SETTING = "LiverCNN/Device", "LiverCNN/Threads"


class LiverSegmentCNN(ScriptedLoadableModule):
    """What Slicer shows of the module in its lists and its help."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Liver Segmentation CNN")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["The SlicerLiverCNN contributors"]
        self.parent.helpText = _(
            "Finds the liver in a CT with a convolutional neural network and measures its volume. "
            "Choose the CT, click Apply, and look at the mask before using it. For research use only."
        )
        self.parent.acknowledgementText = _(
            "The networks follow Tang et al. 2020 (DeepMedic, three pathways) and Cicek et al. 2016. "
            "Each model's card names the data it was trained on."
        )


class LiverSegmentCNNWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel: what the user chooses goes into the parameter node, a timer follows the run."""

    def __init__(self, parent: Any = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic: Any = None
        self._parameters: Any = None
        self._gui_tag: Any = None
        self._run: SegmentationRun | None = None
        self._replaced: segments.Replaced | None = None
        self._default_model: str | None = None
        self._models: tuple = ()
        self._timer: Any = None
        self._filling = False

    def setup(self) -> None:
        """Build the panel."""
        ScriptedLoadableModuleWidget.setup(self)
        top = slicer.util.loadUI(self.resourcePath("UI/LiverSegmentCNN.ui"))
        self.layout.addWidget(top)
        self.ui = slicer.util.childWidgetVariables(top)
        top.setMRMLScene(slicer.mrmlScene)
        self.logic = LiverSegmentCNNLogic()
        self._timer = qt.QTimer(self.parent)
        self._timer.setInterval(POLL_MS)
        self._timer.connect("timeout()", self._follow_run)
        self.ui.applyButton.connect("clicked(bool)", self._on_apply)
        self.ui.undoButton.connect("clicked(bool)", self._on_undo)
        self.ui.modelBox.connect("currentIndexChanged(int)", self._on_model)
        self.ui.segmentBox.connect("currentIndexChanged(int)", self._on_segment)
        self._set_up_machine_settings()
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self._on_start_close)
        self.addObserver(scene, scene.EndCloseEvent, self._on_scene_ready)
        self.addObserver(scene, scene.EndImportEvent, self._on_scene_ready)
        self._connect_parameters()
        self._find_models()
        self.ui.progressBar.setVisible(False)
        self._show_result()

    def cleanup(self) -> None:
        """The panel goes, on reload or as Slicer is closed: so does the run."""
        self._timer.stop()
        if self._run is not None:
            self._run.end()
            self._run = None
        self._disconnect_parameters()
        self.removeObservers()

    def enter(self) -> None:
        """The panel is opened: something may have been installed meanwhile."""
        self._connect_parameters()
        self._find_models()

    def exit(self) -> None:
        """Another module is opened."""
        if self._run is not None:
            self._run.cancel(_("Cancelled, because another module was opened."))

    def _connect_parameters(self) -> None:
        self._disconnect_parameters()
        self._parameters = self.logic.getParameterNode()
        named = ((one.property(SlicerParameterNamePropertyName), one) for one in vars(self.ui).values())
        # Not connectGui: it gives no tag in the Slicers we know, so that it could not be undone.
        self._gui_tag = self._parameters.connectParametersToGui({name: one for name, one in named if name})
        self.addObserver(self._parameters.parameterNode, vtk.vtkCommand.ModifiedEvent, self._refresh)
        self._refresh()

    def _disconnect_parameters(self) -> None:
        if self._parameters is not None:
            self._parameters.disconnectGui(self._gui_tag)
            self.removeObserver(self._parameters.parameterNode, vtk.vtkCommand.ModifiedEvent, self._refresh)
            self._parameters = None

    def _on_start_close(self, caller: Any, event: str) -> None:
        self._disconnect_parameters()
        self._replaced = None

    def _on_scene_ready(self, caller: Any, event: str) -> None:
        self._connect_parameters()
        self._show_result()

    def _set_up_machine_settings(self) -> None:
        """Device and threads, which are kept with the computer."""
        settings = qt.QSettings()
        for key, text in panel_texts.devices():
            self.ui.deviceBox.addItem(text, key)
        kept = self.ui.deviceBox.findData(settings.value(DEVICE_SETTING, "auto"))
        self.ui.deviceBox.setCurrentIndex(max(0, kept))
        self.ui.threadsBox.setValue(int(settings.value(THREADS_SETTING, 0)))
        self.ui.deviceBox.connect("currentIndexChanged(int)", self._keep_machine_settings)
        self.ui.threadsBox.connect("valueChanged(int)", self._keep_machine_settings)

    def _keep_machine_settings(self, value: int) -> None:
        settings = qt.QSettings()
        settings.setValue(DEVICE_SETTING, self.ui.deviceBox.currentData)
        settings.setValue(THREADS_SETTING, self.ui.threadsBox.value)

    def _find_models(self) -> None:
        self._default_model, self._models = readiness.installed_models()
        self._refresh()

    def _refresh(self, caller: Any = None, event: str = "") -> None:
        """Bring the panel in step with parameters, models and run."""
        if self._parameters is None:
            return
        self._filling = True
        models = panel_texts.models(self._default_model, self._models)
        self._fill(self.ui.modelBox, models, self._parameters.model)
        node = self._parameters.output_segmentation
        self._fill(self.ui.segmentBox, panel_texts.segments(node), self._parameters.output_segment_id)
        self._filling = False
        running = self._run is not None
        reason = "" if running else self._reason()
        self.ui.applyButton.text = _("Cancel") if running else _("Apply")
        self.ui.applyButton.enabled = not reason
        self.ui.reasonLabel.text = reason
        self.ui.reasonLabel.setVisible(bool(reason))
        for part in (self.ui.inputsButton, self.ui.outputsButton, self.ui.advancedButton):
            part.enabled = not running
        self.ui.segmentBox.enabled = node is not None
        self.ui.thresholdSlider.enabled = not self._parameters.threshold_of_model
        self.ui.statusLabel.setVisible(bool(self.ui.statusLabel.text))

    def _fill(self, box: Any, entries: list, wanted: str) -> None:
        """Put key and text pairs into a box and choose one; a key that is not there gets an entry."""
        if wanted not in [key for key, _text in entries]:
            entries = [*entries, (wanted, _("{name} (not there)").format(name=wanted))]
        if entries != [(box.itemData(index), box.itemText(index)) for index in range(box.count)]:
            box.clear()
            for key, text in entries:
                box.addItem(text, key)
        box.setCurrentIndex(box.findData(wanted))

    def _reason(self) -> str:
        """Why Apply is not possible; empty if it is."""
        parameters = self._parameters
        return self.logic.why_not(
            parameters.input_volume,
            parameters.output_segmentation,
            parameters.output_segment_id,
            parameters.probability_volume,
            parameters.model,
            (self._default_model, self._models),
        )

    def _on_model(self, index: int) -> None:
        if not self._filling and self._parameters is not None:
            self._parameters.model = self.ui.modelBox.itemData(index)

    def _on_segment(self, index: int) -> None:
        if not self._filling and self._parameters is not None:
            self._parameters.output_segment_id = self.ui.segmentBox.itemData(index)

    def _on_apply(self) -> None:
        if self._run is not None:
            self._run.cancel()
            return
        self._find_models()
        if self._reason():
            return
        parameters = self._parameters
        self._run = self.logic.start(
            parameters.input_volume,
            parameters.output_segmentation,
            parameters.output_segment_id,
            parameters.probability_volume,
            self._options(),
        )
        self.ui.progressBar.setVisible(True)
        self._timer.start()
        self._follow_run()
        self._refresh()

    def _options(self) -> SegmentOptions:
        parameters = self._parameters
        return SegmentOptions(
            model=parameters.model or None,
            device=self.ui.deviceBox.currentData,
            threads=self.ui.threadsBox.value or None,
            fast=parameters.fast,
            threshold=None if parameters.threshold_of_model else round(parameters.threshold, 4),
            postprocess=parameters.postprocess,
            probability=parameters.probability_volume is not None,
        )

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
        self._refresh()

    def _take(self, outcome: Outcome) -> None:
        if outcome.node is not None:
            self._replaced = outcome.replaced
            self._parameters.result_segmentation = outcome.node
            self._parameters.result_segment_id = outcome.segment_id
        self._show_result()

    def _show_result(self) -> None:
        node = self._parameters.result_segmentation
        report = report_of(node, self._parameters.result_segment_id) if node is not None else None
        self.ui.resultButton.setVisible(report is not None)
        self.ui.undoButton.setVisible(self._replaced is not None)
        if report is not None:
            texts = panel_texts.result(report)
            self.ui.volumeValue.text, self.ui.removedValue.text = texts.volume, texts.removed
            self.ui.warningsValue.text, self.ui.timeValue.text = texts.warnings, texts.time

    def _on_undo(self) -> None:
        done = self._replaced is not None and segments.restore(self._replaced)
        self._replaced = None
        self.ui.statusLabel.text = _("The mask from before is back.") if done else _("The segment is gone.")
        self._show_result()
        self._refresh()


class LiverSegmentCNNLogic(ScriptedLoadableModuleLogic):
    """Segments volume nodes. For scripts::

        from LiverSegmentCNN import LiverSegmentCNNLogic

        outcome = LiverSegmentCNNLogic().segment(slicer.util.getNode("CT"))
        print(outcome.report["volume_ml"], outcome.node.GetName(), outcome.segment_id)
    """

    def __init__(self, runner: JobRunner | None = None) -> None:
        """runner: starts the worker; None takes Slicer's own Python."""
        ScriptedLoadableModuleLogic.__init__(self)
        self._runner = runner if runner is not None else JobRunner()

    def getParameterNode(self) -> Any:  # noqa: N802 - Slicer's name
        """The scene's settings of the panel, typed."""
        return LiverSegmentCNNParameterNode(super().getParameterNode())

    def segment(
        self,
        volume: Any,
        segmentation: Any = None,
        *,
        segment_id: str = "",
        probability: Any = None,
        options: SegmentOptions | None = None,
    ) -> Outcome:
        """Segment the liver in a CT, and wait for it. The network runs in a worker process.

        Args:
            volume: A CT in Hounsfield units; its parent transform may be anything.
            segmentation: Receives the liver; None makes a new one beside the volume.
            segment_id: Of the segment whose mask is replaced; empty adds a segment.
            probability: A scalar volume node that receives the probability map, or None.
            options: Model, device, threshold and so on; see SegmentOptions.

        Returns:
            Outcome: node, segment_id, report (as ``livercnn segment --report`` writes it), seconds, and
            replaced for ``LiverSegmentCNNScene.segments.restore``. Its node is None if no liver was found.

        Raises:
            LiverCNNError: With one sentence that says what to do; nothing has been added to the scene then.
        """
        return self.start(volume, segmentation, segment_id, probability, options).wait()

    def start(
        self,
        volume: Any,
        segmentation: Any = None,
        segment_id: str = "",
        probability: Any = None,
        options: SegmentOptions | None = None,
    ) -> SegmentationRun:
        """Start as ``segment`` does, without waiting; the caller polls. Raises LiverCNNError."""
        options = options if options is not None else SegmentOptions()
        require(
            self.why_not(volume, segmentation, segment_id, probability, options.model or "")
        )
        target = Target(
            None if segmentation is None else segmentation.GetID(),
            segment_id,
            None if probability is None else probability.GetID(),
        )
        return SegmentationRun(volume, target, options, self._runner)

    def why_not(
        self,
        volume: Any,
        segmentation: Any = None,
        segment_id: str = "",
        probability: Any = None,
        model: str = "",
        installed: tuple | None = None,
    ) -> str:
        """Why this cannot be segmented, in one sentence; empty if it can.

        installed: what ``readiness.installed_models()`` gave before; None looks again.
        """
        default_id, models = readiness.installed_models() if installed is None else installed
        known = {one.id: one.modality for one in models}
        return (
            readiness.why_no_model(model, default_id, models)
            or readiness.why_no_volume(volume, known.get(model or default_id, "CT"))
            or readiness.why_no_target(volume, segmentation, segment_id, probability)
        )


class LiverSegmentCNNTest(ScriptedLoadableModuleTest):
    """The self-test, which needs neither a model nor PyTorch; Testing/ holds the tests of the whole panel."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:  # noqa: N802 - Slicer's name
        self.setUp()
        self.test_refusals_are_sentences()
        self.setUp()
        self.test_parameters_survive_in_the_scene()

    def test_refusals_are_sentences(self) -> None:
        """Without a volume there is a reason, in words."""
        reason = LiverSegmentCNNLogic().why_not(None)
        self.assertTrue(reason.endswith("."), reason)

    def test_parameters_survive_in_the_scene(self) -> None:
        """A setting is read back from the scene's node."""
        LiverSegmentCNNLogic().getParameterNode().threshold = 0.4
        self.assertAlmostEqual(LiverSegmentCNNLogic().getParameterNode().threshold, 0.4)
