"""3D Slicer module LiverSegmentCNN: finds the liver in a CT with a convolutional neural network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)

from LiverCoreLib.job_queue import JobQueue
from LiverCoreScene import model_choice
from LiverCoreScene.refusal import require
from LiverCoreScene.section import SectionedWidget
from LiverCoreScene.work_queue import QUEUE
from LiverSegmentCNNLib.batch import Batch, CaseOutcome
from LiverSegmentCNNLib.batch_folder import FolderBatch
from LiverSegmentCNNLib.options import SegmentOptions
from LiverSegmentCNNScene import pdff_readiness, readiness, working_copies
from LiverSegmentCNNScene.batch_section import BatchSection
from LiverSegmentCNNScene.batch_volumes import volumes_batch, volumes_to_segment
from LiverSegmentCNNScene.changes import Changes, measure
from LiverSegmentCNNScene.correct_section import CorrectSection
from LiverSegmentCNNScene.parameters import LiverSegmentCNNParameterNode
from LiverSegmentCNNScene.pdff_result import PdffOutcome
from LiverSegmentCNNScene.pdff_run import PdffRun
from LiverSegmentCNNScene.pdff_section import PdffSection
from LiverSegmentCNNScene.run import Outcome, SegmentationRun, Target
from LiverSegmentCNNScene.segment_section import SegmentSection
from LiverSegmentCNNScene.self_test import network_mask
from LiverSegmentCNNScene.working_copies import Mask


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


class LiverSegmentCNNWidget(SectionedWidget):
    """The panel: its sections do the work."""

    def setup(self) -> None:
        """Build the panel."""
        super().setup()
        self.logic = LiverSegmentCNNLogic()
        sections = (SegmentSection, CorrectSection, PdffSection, BatchSection)
        self.add_sections(*(section(self, self.logic) for section in sections))

    def segment_volume(self, volume: Any) -> None:
        """Fill the panel in with a volume to segment; the user starts it."""
        self.logic.getParameterNode().input_volume = volume


class LiverSegmentCNNLogic(ScriptedLoadableModuleLogic):
    """Segments volume nodes. For scripts::

        from LiverSegmentCNN import LiverSegmentCNNLogic

        outcome = LiverSegmentCNNLogic().segment(slicer.util.getNode("CT"))
        print(outcome.report["volume_ml"], outcome.node.GetName(), outcome.segment_id)
    """

    def __init__(self, queue: JobQueue = QUEUE) -> None:
        """queue: runs the workers; as a rule the one that all modules share."""
        ScriptedLoadableModuleLogic.__init__(self)
        self._queue = queue

    def parameterNode(self) -> Any:  # noqa: N802 - Slicer's style
        """The scene's vtkMRMLScriptedModuleNode, in which all sections keep their settings."""
        return super().getParameterNode()

    def getParameterNode(self) -> Any:  # noqa: N802 - Slicer's name
        """The scene's settings of the segmentation, typed."""
        return LiverSegmentCNNParameterNode(self.parameterNode())

    def segment(
        self,
        volume: Any,
        segmentation: Any = None,
        *,
        segment_id: str = "",
        probability: Any = None,
        options: SegmentOptions | None = None,
        raw: bool = False,
    ) -> Outcome:
        """Segment the liver in a CT, and wait for it. The network runs in a worker process.

        Args:
            volume: A CT in Hounsfield units; its parent transform may be anything.
            segmentation: Receives the liver; None makes a new one beside the volume.
            segment_id: Of the segment whose mask is replaced; empty adds a segment.
            probability: A scalar volume node that receives the probability map, or None.
            options: Model, device, threshold and so on; see SegmentOptions.
            raw: Keep the mask from before post-processing in a segment of its own, too.

        Returns:
            Outcome: node, segment_id, report (as ``livercnn segment --report`` writes it), seconds,
            replaced, whose ``restore()`` gives a replaced segment its mask back, and raw_segment_id. Its node
            is None if no liver was found.

        Raises:
            LiverCNNError: With one sentence that says what to do; nothing has been added to the scene then.
        """
        return self.start(volume, segmentation, segment_id, probability, options, raw).wait()

    def start(
        self,
        volume: Any,
        segmentation: Any = None,
        segment_id: str = "",
        probability: Any = None,
        options: SegmentOptions | None = None,
        raw: bool = False,
    ) -> SegmentationRun:
        """Start as ``segment`` does, without waiting; the caller polls. Raises LiverCNNError::

            from LiverSegmentCNN import LiverSegmentCNNLogic

            run = LiverSegmentCNNLogic().start(slicer.util.getNode("CT"))
            while not run.poll():
                slicer.app.processEvents()
            print(run.outcome.report["volume_ml"] if run.error is None else run.error)
        """
        options = options if options is not None else SegmentOptions()
        require(self.why_not(volume, segmentation, segment_id, probability, options.model or ""))
        target = Target(
            None if segmentation is None else segmentation.GetID(),
            segment_id,
            None if probability is None else probability.GetID(),
            raw,
        )
        return SegmentationRun(volume, target, options, self._queue)

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

        installed: what ``model_choice.installed_models("segment")`` gave before; None looks again.
        """
        installed = model_choice.installed_models("segment") if installed is None else installed
        return (
            model_choice.why_no_model(model, *installed)
            or readiness.why_no_volume(volume, model_choice.modality_of_model(model, *installed))
            or readiness.why_no_target(volume, segmentation, segment_id, probability)
        )

    def segment_volumes(
        self,
        volumes: list | None = None,
        *,
        options: SegmentOptions | None = None,
        redo: bool = False,
        raw: bool = False,
        progress: Callable[[float, str], None] | None = None,
    ) -> list[CaseOutcome]:
        """Segment volumes of the scene one after the other, and wait; each gets a segmentation beside it::

            from LiverSegmentCNN import LiverSegmentCNNLogic

            for outcome in LiverSegmentCNNLogic().segment_volumes():
                print(outcome.case, outcome.status, outcome.volume_ml, outcome.mask, outcome.error)

        Args:
            volumes: CT volumes; None takes all in the scene that a model may be tried on.
            options: Model, device, threshold and so on; see SegmentOptions.
            redo: Segment again what has a CNN mask in the scene; otherwise it is skipped.
            raw: Keep the masks from before post-processing in segments of their own, too.
            progress: Called with (fraction, message); raising Cancelled ends it and keeps what is finished.

        Returns:
            What became of each; one that fails does not stop the rest.

        Raises:
            LiverCNNError: If none can be begun: no model, no volume.
        """
        return self.start_volumes(volumes, options=options, redo=redo, raw=raw).wait(progress)

    def start_volumes(
        self,
        volumes: list | None = None,
        *,
        options: SegmentOptions | None = None,
        redo: bool = False,
        raw: bool = False,
    ) -> Batch:
        """Start as ``segment_volumes`` does, without waiting; the caller polls. Raises LiverCNNError."""
        options = options if options is not None else SegmentOptions()
        installed = model_choice.installed_models("segment")
        if volumes is None:
            require(self.why_no_batch(options.model or "", installed))
            volumes = volumes_to_segment(model_choice.modality_of_model(options.model or "", *installed))
        else:
            require(model_choice.why_no_model(options.model or "", *installed))
        return volumes_batch(volumes, options, self._queue, redo=redo, raw=raw)

    def segment_folder(
        self,
        folder: str | Path,
        output_folder: str | Path,
        *,
        options: SegmentOptions | None = None,
        redo: bool = False,
        progress: Callable[[float, str], None] | None = None,
    ) -> list[CaseOutcome]:
        """Segment all scans of a folder into another one, and wait; the scene is left alone::

            from LiverSegmentCNN import LiverSegmentCNNLogic

            outcomes = LiverSegmentCNNLogic().segment_folder("~/scans", "~/livers")
            print([outcome.mask for outcome in outcomes if outcome.status == "done"])

        Args:
            folder: Holds scans, in its subfolders too: .nii, .nii.gz, .nrrd, .mha, .mhd, DICOM series.
            output_folder: Exists; receives NAME.seg.nrrd and NAME.json of each, and livercnn-batch.csv.
            options: Model, device, threshold and so on; see SegmentOptions.
            redo: Segment again what has a mask in the output folder; otherwise it is skipped.
            progress: Called with (fraction, message); raising Cancelled ends it and keeps what is finished.

        Returns:
            What became of each, as in livercnn-batch.csv; one that fails does not stop the rest.

        Raises:
            LiverCNNError: If none can be begun: no model, no scan, no place to write to.
        """
        return self.start_folder(folder, output_folder, options=options, redo=redo).wait(progress)

    def start_folder(
        self,
        folder: str | Path,
        output_folder: str | Path,
        *,
        options: SegmentOptions | None = None,
        redo: bool = False,
    ) -> FolderBatch:
        """Start as ``segment_folder`` does, without waiting; the caller polls. Raises LiverCNNError."""
        options = options if options is not None else SegmentOptions()
        require(model_choice.why_no_model(options.model or "", *model_choice.installed_models("segment")))
        place, output = Path(folder).expanduser(), Path(output_folder).expanduser()
        return FolderBatch(place, output, options, self._queue, redo=redo)

    def why_no_batch(self, model: str = "", installed: tuple | None = None) -> str:
        """Why the volumes of the scene cannot be segmented, in one sentence; empty if some can.

        installed: what ``model_choice.installed_models("segment")`` gave before; None looks again.
        """
        installed = model_choice.installed_models("segment") if installed is None else installed
        why = model_choice.why_no_model(model, *installed)
        if not why and not volumes_to_segment(model_choice.modality_of_model(model, *installed)):
            why = _("There is no CT in the scene; load some.")
        return why

    def correct(self, segmentation: Any, segment_id: str) -> Mask:
        """The working copy of a CNN mask for a person to correct; it is made if there is none yet::

            from LiverSegmentCNN import LiverSegmentCNNLogic

            logic, liver = LiverSegmentCNNLogic(), slicer.util.getNode("CT liver")
            copy = logic.correct(liver, "liver")
            print(copy.node.GetName(), logic.changes(liver, "liver").added_ml)

        Raises LiverCNNError if it is no CNN mask, or its CT was removed.
        """
        mask = Mask(segmentation, segment_id)
        require(working_copies.why_not(mask))
        return working_copies.find(mask) or working_copies.make(mask)

    def changes(self, segmentation: Any, segment_id: str) -> Changes:
        """What was changed in the working copy of a CNN mask: before_ml, now_ml, added_ml, removed_ml."""
        return measure(Mask(segmentation, segment_id), self.correct(segmentation, segment_id))

    def measure_pdff(
        self,
        pdff_map: Any,
        segmentation: Any,
        segment_id: str,
        *,
        units: str = "",
        erosion_mm: float = 0.0,
    ) -> PdffOutcome:
        """Measure a fat-fraction map (PDFF, from MR) inside a segment, and wait for it::

            from LiverSegmentCNN import LiverSegmentCNNLogic

            liver = slicer.util.getNode("CT liver")
            outcome = LiverSegmentCNNLogic().measure_pdff(
                slicer.util.getNode("PDFF"), liver, "liver", erosion_mm=3.0
            )
            print(outcome.measurement.mean_pct, outcome.measurement.sd_pct, outcome.table.GetName())

        Args:
            pdff_map: A scalar volume; parent transforms of map and mask are applied, and must be rigid.
            segmentation: Holds the mask.
            segment_id: Of the mask.
            units: "percent", "fraction" or "permille"; empty: as the map's node or its values say.
            erosion_mm: Leave out so wide a rim of the mask.

        Returns:
            PdffOutcome: table and chart nodes, and measurement (``LiverMetricsLib.pdff.PdffMeasurement``).

        Raises:
            LiverCNNError: With one sentence that says what to do; nothing has been added to the scene then.
        """
        require(pdff_readiness.why_not(pdff_map, segmentation, segment_id))
        return PdffRun(pdff_map, segmentation, segment_id, units, erosion_mm).wait()


class LiverSegmentCNNTest(ScriptedLoadableModuleTest):
    """The self-test, which needs neither a model nor PyTorch; Testing/ holds the tests of the whole panel."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:  # noqa: N802 - Slicer's name
        self.setUp()
        self.test_refusals_are_sentences()
        self.setUp()
        self.test_parameters_survive_in_the_scene()
        self.setUp()
        self.test_a_correction_leaves_the_network_mask()

    def test_refusals_are_sentences(self) -> None:
        """Without a volume there is a reason, in words."""
        reason = LiverSegmentCNNLogic().why_not(None)
        self.assertTrue(reason.endswith("."), reason)

    def test_parameters_survive_in_the_scene(self) -> None:
        """A setting is read back from the scene's node."""
        LiverSegmentCNNLogic().getParameterNode().threshold = 0.4
        self.assertAlmostEqual(LiverSegmentCNNLogic().getParameterNode().threshold, 0.4)

    def test_a_correction_leaves_the_network_mask(self) -> None:
        """What is erased in the copy stays in the CNN mask."""
        mask, volume = network_mask()
        copy = LiverSegmentCNNLogic().correct(mask.node, mask.segment_id)
        nothing = slicer.util.arrayFromVolume(volume) * 0
        slicer.util.updateSegmentBinaryLabelmapFromArray(nothing, copy.node, copy.segment_id, volume)
        changes = LiverSegmentCNNLogic().changes(mask.node, mask.segment_id)
        self.assertGreater(changes.before_ml, 0)
        self.assertEqual((changes.now_ml, changes.removed_ml), (0, changes.before_ml))
