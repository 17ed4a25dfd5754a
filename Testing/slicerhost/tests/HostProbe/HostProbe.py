"""A small scripted module for the host's own tests: smooths nothing, but uses what our panels use."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Optional

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import Choice, FloatRange, RangeBounds, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class Device(enum.Enum):
    CPU = "cpu"
    GPU = "gpu"


class HostProbe(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Host probe")
        self.parent.categories = ["Testing"]


@parameterNodeWrapper
class HostProbeParameterNode:
    inputVolume: Optional[slicer.vtkMRMLScalarVolumeNode]  # noqa: UP045 - modules are written for Python 3.9
    thresholdHu: Annotated[float, WithinRange(-1000, 1000)] = 40.0
    windowHu: Annotated[FloatRange, RangeBounds(-1000, 1000)] = FloatRange(-160.0, 240.0)
    keepLargest: bool = True
    device: Device = Device.CPU
    quality: Annotated[str, Choice(["fast", "good"])] = "good"
    exportFolder: Path = Path("export")


class HostProbeWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self._parameters = None
        self._tag = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        widget = slicer.util.loadUI(self.resourcePath("UI/HostProbe.ui"))
        self.layout.addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.logic = HostProbeLogic()
        self.ui.applyButton.connect("clicked(bool)", self.onApply)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndClose)
        self.connectParameters()

    def cleanup(self):
        self.disconnectParameters()
        self.removeObservers()

    def connectParameters(self):
        self.disconnectParameters()
        self._parameters = self.logic.getParameterNode()
        self._tag = self._parameters.connectGui(self.ui)
        self.addObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self.showReason)
        self.showReason()

    def disconnectParameters(self):
        if self._parameters is not None:
            self._parameters.disconnectGui(self._tag)
            self.removeObserver(self._parameters, vtk.vtkCommand.ModifiedEvent, self.showReason)
            self._parameters = None

    def onSceneStartClose(self, caller, event):
        self.disconnectParameters()

    def onSceneEndClose(self, caller, event):
        self.connectParameters()

    def showReason(self, caller=None, event=None):
        ready = self._parameters.inputVolume is not None
        self.ui.applyButton.enabled = ready
        self.ui.reasonLabel.text = "" if ready else _("Choose a volume.")

    def onApply(self):
        parameters = self._parameters
        with slicer.util.tryWithErrorDisplay(_("It did not work."), waitCursor=True):
            node = self.logic.process(parameters.inputVolume, parameters.thresholdHu)
            self.ui.segmentSelector.setCurrentNode(node)


class HostProbeLogic(ScriptedLoadableModuleLogic):
    def getParameterNode(self):
        return HostProbeParameterNode(super().getParameterNode())

    def process(self, volume, threshold_hu):
        """Segment what is brighter than a threshold."""
        mask = (slicer.util.arrayFromVolume(volume) > threshold_hu).astype("uint8")
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", _("Probe"))
        node.CreateDefaultDisplayNodes()
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        segment_id = node.GetSegmentation().AddEmptySegment("liver", _("Liver"))
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, segment_id, volume)
        node.GetSegmentation().GetSegment(segment_id).SetColor(221 / 255, 130 / 255, 101 / 255)
        return node


class HostProbeTest(ScriptedLoadableModuleTest):
    def setUp(self):
        slicer.mrmlScene.Clear()

    def runTest(self):
        self.setUp()
        self.test_loads()

    def test_loads(self):
        self.assertEqual(slicer.modules.hostprobe.title, "Host probe")
