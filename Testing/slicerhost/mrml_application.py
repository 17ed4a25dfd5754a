"""The part of Slicer below Qt: the scene, the application logic and the logics of the core modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
import vtk

from slicerhost import subject_hierarchy

_LOGICS = {
    "Volumes": "vtkSlicerVolumesLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Terminologies": "vtkSlicerTerminologiesModuleLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Plots": "vtkSlicerPlotsLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "Models": "vtkSlicerModelsLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "Texts": "vtkSlicerTextsLogic",
    "VolumeRendering": "vtkSlicerVolumeRenderingLogic",
    "Units": "vtkSlicerUnitsLogic",
    "Cameras": "vtkSlicerCamerasModuleLogic",
}
"""Module to class of its logic."""
_SHARE = Path(__file__).parent / "terminologies"  # the one folder from which a logic reads at its start


class MrmlApplication:
    """A scene with all that watches over it.

    Attributes:
        scene: The vtkMRMLScene.
        logic: The vtkSlicerApplicationLogic.
        module_logics: Logic by module name.
    """

    def __init__(self, temporary_path: str) -> None:
        self.scene = slicer.vtkMRMLScene()
        self.logic = slicer.vtkSlicerApplicationLogic()
        self.logic.SetTemporaryPath(temporary_path)
        self.logic.SetMRMLScene(self.scene)
        self.cache = slicer.vtkCacheManager()
        self.cache.SetRemoteCacheDirectory(f"{temporary_path}/RemoteIO")
        Path(self.cache.GetRemoteCacheDirectory()).mkdir(exist_ok=True)
        self.scene.SetCacheManager(self.cache)
        self.logic.SetSliceLogics(vtk.vtkCollection())
        self.logic.SetViewLogics(vtk.vtkCollection())
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        self.scene.AddNode(crosshair)
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(self.scene, True)
        subject_hierarchy.follow(self.scene)
        self.module_logics: dict[str, Any] = {"Colors": self._colors()}
        for module, class_name in _LOGICS.items():
            self.module_logics[module] = self._start(module, getattr(slicer, class_name)())

    def _colors(self) -> Any:
        colors = self.logic.GetColorLogic()
        colors.SetMRMLScene(self.scene)
        self.scene.RegisterNodeClass(slicer.vtkMRMLColorLegendDisplayNode())  # as the module Colors does
        colors.AddDefaultColorNodes()
        self.logic.SetModuleLogic("Colors", colors)
        return colors

    def _start(self, module: str, logic: Any) -> Any:
        if hasattr(logic, "SetModuleShareDirectory"):
            logic.SetModuleShareDirectory(str(_SHARE))
        logic.SetMRMLScene(self.scene)
        logic.SetMRMLApplicationLogic(self.logic)
        self.logic.SetModuleLogic(module, logic)
        return logic
