"""Slice and 3D views of the real displayable managers, rendered without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

_SLICE_MANAGERS = (
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLColorLegendDisplayableManager",
)
_3D_MANAGERS = (
    "vtkMRMLVolumeRenderingDisplayableManager",
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLColorLegendDisplayableManager",
)
_SIZE = (400, 400)


class _View:
    """A render window with the displayable managers of one kind of view."""

    def __init__(self, factory: Any, managers: tuple[str, ...], application_logic: Any) -> None:
        self.renderer = vtk.vtkRenderer()
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*_SIZE)
        self.window.AddRenderer(self.renderer)
        self._prepare()
        self._interactor = vtk.vtkRenderWindowInteractor()
        self._interactor.SetRenderWindow(self.window)
        self._interactor.Initialize()
        factory.SetMRMLApplicationLogic(application_logic)
        for manager in managers:
            if not factory.IsDisplayableManagerRegistered(manager):
                factory.RegisterDisplayableManager(manager)
        self.managers = slicer.vtkMRMLDisplayableManagerGroup()
        self.managers.SetRenderer(self.renderer)
        self.managers.Initialize(factory, self.renderer)

    def _prepare(self) -> None:
        """Add what must be in the renderer before the displayable managers add theirs."""

    def resize(self, width: int, height: int) -> None:
        self.window.SetSize(width, height)

    def pixels(self) -> np.ndarray:
        """What the view shows: uint8, shape (height, width, 3), first row on top."""
        image = self._image()
        width, height, _ = image.GetDimensions()
        return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[::-1].copy()

    def save(self, path: str | Path) -> None:
        """Write what the view shows as PNG."""
        writer = vtk.vtkPNGWriter()
        writer.SetFileName(str(path))
        writer.SetInputData(self._image())
        writer.Write()

    def _image(self) -> vtk.vtkImageData:
        self.window.Render()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(self.window)
        grabber.ReadFrontBufferOff()
        grabber.Update()
        return grabber.GetOutput()


class SliceView(_View):
    """A slice through the scene."""

    def __init__(self, scene: Any, application_logic: Any, name: str, orientation: str) -> None:
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        super().__init__(factory, _SLICE_MANAGERS, application_logic)
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        application_logic.GetSliceLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(scene)
        self.node = self.logic.AddSliceNode(name)
        self._orientation = orientation
        self.straighten()
        self.managers.SetMRMLDisplayableNode(self.node)
        self.logic.AddObserver(vtk.vtkCommand.ModifiedEvent, self._show_image)
        self._show_image()

    def _prepare(self) -> None:
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        self._actor = vtk.vtkActor2D()
        self._actor.SetMapper(self._mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self._actor.VisibilityOff()
        self.renderer.AddViewProp(self._actor)  # the first 2D prop, or it would hide the segments

    def _show_image(self, *_: Any) -> None:
        connection = self.logic.GetImageDataConnection()
        self._mapper.SetInputConnection(connection)
        self._actor.SetVisibility(connection is not None)

    def resize(self, width: int, height: int) -> None:
        super().resize(width, height)
        self.logic.ResizeSliceNode(width, height)

    def straighten(self) -> None:
        """Back to the patient's axes; fitted to a tilted volume, a slice lies along that volume's."""
        self.node.SetOrientation(self._orientation)

    def own_nodes(self) -> tuple[Any, ...]:
        """Nodes that the view keeps in the scene to show its slice in 3D; None where there is none yet."""
        logic = self.logic
        return (
            logic.GetSliceModelNode(),
            logic.GetSliceModelTransformNode(),
            logic.GetSliceModelDisplayNode(),
        )

    def fit(self) -> None:
        """Show all of the background volume, at a slice that has voxels."""
        self.logic.ResizeSliceNode(*self.window.GetSize())
        self.logic.FitSliceToBackground()
        self.logic.SnapSliceOffsetToIJK()


class ThreeDView(_View):
    """The 3D view."""

    def __init__(self, scene: Any, application_logic: Any, name: str = "1") -> None:
        factory = slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance()
        super().__init__(factory, _3D_MANAGERS, application_logic)
        self.logic = slicer.vtkMRMLViewLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        application_logic.GetViewLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(scene)
        self.node = self.logic.AddViewNode(name)
        self.managers.SetMRMLDisplayableNode(self.node)

    def fit(self) -> None:
        """Show all that there is."""
        self.renderer.ResetCamera()
        self.renderer.ResetCameraClippingRange()
