"""3D Slicer module LiverCore, titled "Liver Set-up": packages, models, a test of the device, sample data."""

from __future__ import annotations

from dataclasses import asdict
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

from LiverCoreLib import package_list
from LiverCoreLib.jobs import JobRunner
from LiverCoreScene import sample_nodes, sample_source
from LiverCoreScene.machine_settings import machine
from LiverCoreScene.models_section import ModelsSection
from LiverCoreScene.packages_section import PackagesSection
from LiverCoreScene.refusal import require
from LiverCoreScene.sample_section import SampleSection
from LiverCoreScene.section import SectionedWidget
from LiverCoreScene.setup_device import SMALL, DeviceSection
from LiverCoreScene.setup_open import open_set_up
from LiverCoreScene.setup_work import SetUpWork
from LiverCoreScene.work_queue import QUEUE


class LiverCore(ScriptedLoadableModule):
    """What Slicer shows of the module in its lists and its help."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Liver Set-up")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["The SlicerLiverCNN contributors"]
        self.parent.helpText = _(
            "What the liver modules need: Python packages, models with their cards, a test of the device, "
            "and sample data. Nothing is downloaded without asking. For research use only."
        )
        self.parent.acknowledgementText = _(
            "The sample CTLiver comes from the Medical Segmentation Decathlon (Task03_Liver, CC BY-SA 4.0) "
            "by way of Slicer's module Sample Data."
        )
        slicer.app.connect("startupCompleted()", self._offer_sample)

    def _offer_sample(self) -> None:
        if hasattr(slicer.modules, "sampledata"):
            sample_source.register(self.resourcePath("Icons/LiverCore.png"), make_abdomen_here)


def make_abdomen_here(source: Any) -> None:
    """What a click on the synthetic abdomen in Sample Data does: Liver Set-up makes it, with progress."""
    open_set_up()
    slicer.modules.livercore.widgetRepresentation().self().sample.make_abdomen()


class LiverCoreWidget(SectionedWidget):
    """The panel; each of its sections is in a file of its own in LiverCoreScene."""

    def setup(self) -> None:
        """Build the panel."""
        SectionedWidget.setup(self)
        self.logic = LiverCoreLogic()
        self.packages = PackagesSection(self, self.logic)
        self.models = ModelsSection(self, self.logic)
        self.device = DeviceSection(self, self.logic)
        self.sample = SampleSection(self, self.logic)
        self.add_sections(self.packages, self.models, self.device, self.sample)


class LiverCoreLogic(ScriptedLoadableModuleLogic):
    """Sets things up. For scripts; whoever calls these has agreed to what they do::

        from LiverCore import LiverCoreLogic

        logic = LiverCoreLogic()
        print([package.name for package in logic.missing()])
        for model in logic.installed()[0]:
            print(model.id, model.card.version if model.card else model.problem)
        print(logic.verifyModel("unet3d-ct")["sentence"])
        volume = logic.abdomen(seed=1)
        print(volume.GetName())
    """

    def __init__(self, runner: JobRunner | None = None) -> None:
        """runner: starts the worker; None takes Slicer's own Python."""
        ScriptedLoadableModuleLogic.__init__(self)
        self._runner = runner if runner is not None else JobRunner()

    def parameterNode(self) -> Any:  # noqa: N802 - beside getParameterNode
        """The scene's node that keeps the settings of all sections."""
        return ScriptedLoadableModuleLogic.getParameterNode(self)

    def missing(self, extra: str = "") -> tuple:
        """Packages that are not installed: those that all need, or those of an extra ("report")."""
        return tuple(one for one in package_list.missing() if one.extra == extra)

    def torchExtension(self) -> bool:  # noqa: N802 - as Slicer's methods
        """Whether the extension PyTorch is there, through which PyTorch is installed."""
        return hasattr(slicer.modules, "pytorchutils")

    def install(self, packages: tuple | None = None, folder: str = "") -> None:
        """Install packages and wait; None installs what is missing.

        folder: of wheels, to be used instead of the network. Raises LiverCNNError.
        """
        wanted = self.missing() if packages is None else packages
        if wanted:
            self.startInstall(wanted, folder).wait()

    def startInstall(self, packages: tuple, folder: str = "") -> SetUpWork:  # noqa: N802
        """Start as ``install`` does, without waiting; the caller polls."""
        arguments = {"modules": [one.module for one in packages], "folder": folder or None}
        return SetUpWork(self._runner, "install-packages", lambda scratch: arguments)

    def startWheelCheck(self, packages: tuple, folder: str) -> SetUpWork:  # noqa: N802
        """Start to look what a folder lacks to install packages; the outcome is that of ``wheel_folder``."""
        arguments = {"modules": [one.module for one in packages], "folder": folder}
        return SetUpWork(self._runner, "wheel-folder", lambda scratch: arguments)

    def installed(self) -> tuple:
        """The installed models (``InstalledModel``) and the IDs of the default ones."""
        from LiverCoreLib import registry
        from LiverCoreLib.model_error import ModelError

        models = tuple(registry.list_models())
        try:
            return models, frozenset(registry.default_ids())
        except ModelError:
            return models, frozenset()

    def isRemovable(self, model: Any) -> bool:  # noqa: N802
        """Whether an installed model is the user's own; what came with LiverCNN stays."""
        from LiverCoreLib import registry

        return registry.is_removable(model)

    def installModel(self, source: str, replace: bool = False) -> dict:  # noqa: N802
        """Install the model in a zip or folder; see ``LiverCoreLib.model_job``. Raises LiverCNNError."""
        return self.startModel("install", source=source, replace=replace).wait()

    def exportModel(self, model: str, zip_path: str) -> dict:  # noqa: N802
        """Write an installed model as a zip. Raises LiverCNNError."""
        return self.startModel("export", model=model, zip=zip_path).wait()

    def verifyModel(self, model: str) -> dict:  # noqa: N802
        """Check a model's files, and that this computer computes its stored example. Raises LiverCNNError."""
        return self.startModel("verify", model=model).wait()

    def removeModel(self, model: str) -> dict:  # noqa: N802
        """Remove a model that this user installed. Raises LiverCNNError."""
        return self.startModel("remove", model=model).wait()

    def startModel(self, action: str, **arguments: Any) -> SetUpWork:  # noqa: N802
        """Start one of the above, without waiting."""
        return SetUpWork(self._runner, "model", lambda scratch: {"action": action, **arguments})

    def deviceTest(self) -> dict:  # noqa: N802
        """Time the default model on a small synthetic abdomen; see ``LiverSegmentCNNLib.device_test``."""
        return self.startDeviceTest(self.startAbdomen(**SMALL).wait()).wait()

    def startDeviceTest(self, ct: sample_nodes.Ct) -> SetUpWork:  # noqa: N802
        """Start to time the default model on a CT, with the device and threads that segmentation uses."""
        require(_("A segmentation is under way; test when it is done.") if QUEUE.busy else "")
        chosen = asdict(machine())

        def write(scratch: Path) -> dict:
            return {"input": sample_nodes.write_ct(ct, scratch), **chosen}

        return SetUpWork(self._runner, "device-test", write)

    def abdomen(self, seed: int = 0) -> Any:
        """Make a synthetic abdomen and add it to the scene; gives the volume node."""
        return sample_nodes.add_ct(self.startAbdomen(seed).wait(), _("Synthetic abdomen"))

    def startAbdomen(self, seed: int = 0, **grid: Any) -> SetUpWork:  # noqa: N802
        """Start to make a synthetic abdomen (see ``make_abdomen``); gives a ``sample_nodes.Ct``."""
        return SetUpWork(
            self._runner,
            "synthetic-abdomen",
            lambda scratch: {"path": str(scratch / "abdomen.nrrd"), "seed": seed, **grid},
            lambda scratch, result: sample_nodes.read_ct(result["path"]),
        )

    def ctLiver(self) -> Any:  # noqa: N802
        """Add Slicer's sample CTLiver to the scene, downloaded if need be; gives the volume node."""
        sample = sample_source.ct_liver()
        return sample_nodes.add_ct(self.startSample(sample).wait(), sample.name)

    def startSample(self, sample: sample_source.Sample) -> SetUpWork:  # noqa: N802
        """Start to download (if need be), check and read a sample; gives a ``sample_nodes.Ct``."""
        return SetUpWork(
            self._runner,
            "download",
            lambda scratch: {"uri": sample.uri, "path": str(sample.path), "sha256": sample.sha256},
            lambda scratch, result: sample_nodes.read_ct(result["path"]),
        )


class LiverCoreTest(ScriptedLoadableModuleTest):
    """The self-test, which needs no network, model or PyTorch; Testing/ holds those of the whole panel."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:  # noqa: N802 - Slicer's name
        self.setUp()
        self.test_every_missing_package_says_what_it_is_for()
        self.setUp()
        self.test_a_synthetic_abdomen_is_made()

    def test_every_missing_package_says_what_it_is_for(self) -> None:
        """Each package has a purpose, a size and an origin in words."""
        from LiverCoreScene import packages_texts

        for one in package_list.PACKAGES:
            for text in (packages_texts.purpose, packages_texts.size, packages_texts.origin):
                self.assertTrue(text(one))

    def test_a_synthetic_abdomen_is_made(self) -> None:
        """The worker makes a volume, and it lands as a CT."""
        from LiverCoreScene.volumes import modality_of

        self.assertEqual(modality_of(LiverCoreLogic().abdomen()), "CT")
