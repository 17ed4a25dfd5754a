"""3D Slicer module LiverStandardize: turns a CT of any of six protocols into an image of one of them."""

from __future__ import annotations

from collections.abc import Callable
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
from LiverCoreScene.machine_settings import machine
from LiverCoreScene.refusal import require
from LiverCoreScene.section import SectionedWidget
from LiverCoreScene.work_queue import QUEUE
from LiverStandardizeLib.standardize_options import StandardizeOptions
from LiverStandardizeScene import readiness
from LiverStandardizeScene.advanced_section import AdvancedSection
from LiverStandardizeScene.batch_section import BatchSection
from LiverStandardizeScene.batch_volumes import Batch, VolumeOutcome, volumes_batch, volumes_to_standardize
from LiverStandardizeScene.difference_run import DifferenceRun
from LiverStandardizeScene.look import Look, look
from LiverStandardizeScene.parameters import StandardizeParameters
from LiverStandardizeScene.result_section import ResultSection
from LiverStandardizeScene.run import Outcome, StandardizationRun
from LiverStandardizeScene.scan import scan_of
from LiverStandardizeScene.self_test import standardized_volume
from LiverStandardizeScene.standardize_section import StandardizeSection
from LiverStandardizeScene.stated import stated_protocol
from LiverStandardizeScene.tissue_run import TissueRun, Tissues


class LiverStandardize(ScriptedLoadableModule):
    """What Slicer shows of the module in its lists and its help."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Liver CT Standardization")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["The SlicerLiverCNN contributors"]
        self.parent.helpText = _(
            "Turns a CT that was reconstructed in any of six ways (FBP, IR, optimum contrast, virtual "
            "monoenergetic at 40, 60 or 80 keV) into one that looks like 80 keV, so that one network can "
            "segment them all. The original stays as it is. For research use only."
        )
        self.parent.acknowledgementText = _(
            "The method follows Lee et al. 2023. Each model's card names the data it was trained on."
        )


class LiverStandardizeWidget(SectionedWidget):
    """The panel: its sections do the work."""

    def setup(self) -> None:
        """Build the panel."""
        super().setup()
        self.logic = LiverStandardizeLogic()
        sections = (StandardizeSection, ResultSection, AdvancedSection, BatchSection)
        self.add_sections(*(section(self, self.logic) for section in sections))


class LiverStandardizeLogic(ScriptedLoadableModuleLogic):
    """Standardizes volume nodes. For scripts::

        from LiverStandardize import LiverStandardizeLogic

        outcome = LiverStandardizeLogic().standardize(slicer.util.getNode("CT"), protocol="FBP")
        print(outcome.node.GetName(), outcome.report["protocol"], outcome.report["target_protocol"])
    """

    def __init__(self, queue: JobQueue = QUEUE) -> None:
        """queue: runs the workers; as a rule the one that all modules share."""
        ScriptedLoadableModuleLogic.__init__(self)
        self._queue = queue

    def parameterNode(self) -> Any:  # noqa: N802 - Slicer's style
        """The scene's vtkMRMLScriptedModuleNode, in which all sections keep their settings."""
        return super().getParameterNode()

    def getParameterNode(self) -> Any:  # noqa: N802 - Slicer's name
        """The scene's settings of the standardization, typed."""
        return StandardizeParameters(self.parameterNode())

    def detect(self, volume: Any, *, model: str = "") -> Look:
        """Say which protocol a volume is, and what is unusual about it; nothing is changed::

            from LiverStandardize import LiverStandardizeLogic

            seen = LiverStandardizeLogic().detect(slicer.util.getNode("CT"))
            print(seen.answer.name, seen.answer.confidence, [str(one) for one in seen.answer.evidence])

        Asked are, until one says something: the panel, where the protocol may have been stated; the series
        in the DICOM database; DICOM attributes of the node; the file that it was loaded from and the JSON
        file beside that; HU. Raises LiverCNNError if the volume cannot be standardized.
        """
        require(readiness.why_no_volume(volume))
        target = readiness.target_of_model(model, *model_choice.installed_models("standardize"))
        seen = look(scan_of(volume), stated_protocol(volume), target, False)
        if seen.error is not None:
            raise seen.error
        return seen

    def standardize(
        self,
        volume: Any,
        output: Any = None,
        *,
        protocol: str = "",
        model: str = "",
        force: bool = False,
    ) -> Outcome:
        """Standardize a CT, and wait for it. The network runs in a worker process.

        Args:
            volume: A CT in Hounsfield units; its parent transform may be anything. It is not changed.
            output: An earlier result that is replaced; None makes a new volume beside the input.
            protocol: What it is ("M40", "IR3"); empty goes by what was stated on the panel, else detects it.
            model: Its ID; empty is the default one.
            force: Standardize also what is of the target protocol, or is called a map by its headers although
                a protocol was stated.

        Returns:
            Outcome: node, report (as ``livercnn standardize`` writes it) and seconds.

        Raises:
            LiverCNNError: With one sentence that says what to do; nothing has been added to the scene then.
                ``already-target`` if it needs no standardization.
        """
        return self.start(volume, output, protocol=protocol, model=model, force=force).wait()

    def start(
        self,
        volume: Any,
        output: Any = None,
        *,
        protocol: str = "",
        model: str = "",
        force: bool = False,
    ) -> StandardizationRun:
        """Start as ``standardize`` does, without waiting; the caller polls. Raises LiverCNNError::

            from LiverStandardize import LiverStandardizeLogic

            run = LiverStandardizeLogic().start(slicer.util.getNode("CT"), protocol="IR")
            while not run.poll():
                slicer.app.processEvents()
            print(run.error or run.outcome.node.GetName())
        """
        installed = model_choice.installed_models("standardize")
        require(self.why_not(volume, output, model, installed))
        options = self._options(protocol or stated_protocol(volume), model, force)
        target = readiness.target_of_model(model, *installed)
        return StandardizationRun(volume, options, target, output, self._queue)

    def why_not(
        self, volume: Any, output: Any = None, model: str = "", installed: tuple | None = None
    ) -> str:
        """Why this cannot be standardized, in one sentence; empty if it can, as far as is known without
        looking at its voxels.

        installed: what ``model_choice.installed_models("standardize")`` gave before; None looks again.
        """
        installed = model_choice.installed_models("standardize") if installed is None else installed
        return (
            model_choice.why_no_model(model, *installed)
            or readiness.why_no_volume(volume)
            or readiness.why_no_output(volume, output)
        )

    def standardize_volumes(
        self,
        volumes: list | None = None,
        *,
        model: str = "",
        redo: bool = False,
        progress: Callable[[float, str], None] | None = None,
    ) -> list[VolumeOutcome]:
        """Standardize volumes of the scene one after the other, and wait; each gets a volume beside it::

            from LiverStandardize import LiverStandardizeLogic

            for outcome in LiverStandardizeLogic().standardize_volumes():
                print(outcome.case, outcome.status, outcome.protocol, outcome.result, outcome.error)

        Args:
            volumes: CT volumes; None takes all in the scene that are not standardized yet.
            model: Its ID; empty is the default one.
            redo: Standardize again what has a standardized volume in the scene; otherwise it is skipped.
            progress: Called with (fraction, message); raising Cancelled ends it and keeps what is finished.

        Returns:
            What became of each; one that fails does not stop the rest. What is of the target protocol already
            is skipped.

        Raises:
            LiverCNNError: If none can be begun: no model, no volume.
        """
        return self.start_volumes(volumes, model=model, redo=redo).wait(progress)

    def start_volumes(
        self, volumes: list | None = None, *, model: str = "", redo: bool = False
    ) -> Batch:
        """Start as ``standardize_volumes`` does, without waiting; the caller polls. Raises LiverCNNError."""
        installed = model_choice.installed_models("standardize")
        require(self.why_no_batch(model, installed) if volumes is None else "")
        require(model_choice.why_no_model(model, *installed))
        wanted = volumes_to_standardize() if volumes is None else volumes
        target = readiness.target_of_model(model, *installed)
        return volumes_batch(wanted, self._options("", model, False), target, self._queue, redo=redo)

    def why_no_batch(self, model: str = "", installed: tuple | None = None) -> str:
        """Why the volumes of the scene cannot be standardized, in one sentence; empty if some can.

        installed: what ``model_choice.installed_models("standardize")`` gave before; None looks again.
        """
        installed = model_choice.installed_models("standardize") if installed is None else installed
        why = model_choice.why_no_model(model, *installed)
        if not why and not volumes_to_standardize():
            why = _("There is no CT in the scene that could be standardized; load some.")
        return why

    def measure_tissues(self, result: Any) -> Tissues:
        """Measure HU and noise of liver (if there is a mask), fat, muscle and blood before and after::

            from LiverStandardize import LiverStandardizeLogic

            for one in LiverStandardizeLogic().measure_tissues(slicer.util.getNode("CT (M80)")).values:
                print(one.name, one.hu_before, one.hu_after, one.noise_before, one.noise_after)

        result: a standardized volume whose input is in the scene. Raises LiverCNNError.
        """
        return TissueRun(result).wait()

    def difference(self, result: Any) -> Any:
        """Add a volume with result minus input, in HU, to the scene::

            from LiverStandardize import LiverStandardizeLogic

            change = LiverStandardizeLogic().difference(slicer.util.getNode("CT (M80)"))
            print(change.GetName(), slicer.util.arrayFromVolume(change).mean())

        result: a standardized volume whose input is in the scene. Raises LiverCNNError.
        """
        return DifferenceRun(result).wait()

    def _options(self, protocol: str, model: str, force: bool) -> StandardizeOptions:
        computer = machine()
        return StandardizeOptions(model or None, protocol or "auto", computer.device, computer.threads, force)


class LiverStandardizeTest(ScriptedLoadableModuleTest):
    """The self-test, which needs neither a model nor PyTorch; Testing/ holds the tests of the whole panel."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:  # noqa: N802 - Slicer's name
        self.setUp()
        self.test_refusals_are_sentences()
        self.setUp()
        self.test_parameters_survive_in_the_scene()
        self.setUp()
        self.test_a_result_lies_beside_its_input_and_is_compared_with_it()

    def test_refusals_are_sentences(self) -> None:
        """Without a volume there is a reason, in words."""
        reason = LiverStandardizeLogic().why_not(None)
        self.assertTrue(reason.endswith("."), reason)

    def test_parameters_survive_in_the_scene(self) -> None:
        """A setting is read back from the scene's node."""
        LiverStandardizeLogic().getParameterNode().force = True
        self.assertTrue(LiverStandardizeLogic().getParameterNode().force)

    def test_a_result_lies_beside_its_input_and_is_compared_with_it(self) -> None:
        """What a worker would have made lands as a volume, and its difference is what was changed."""
        result = standardized_volume(change_hu=20)
        self.assertEqual(result.GetName(), "CT (M80)")
        change = LiverStandardizeLogic().difference(result)
        self.assertEqual(set(slicer.util.arrayFromVolume(change).ravel().tolist()), {20})
