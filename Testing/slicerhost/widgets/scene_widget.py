"""What all MRML widgets share: a scene, and observers that go when the widget or the scene goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shiboken6
import vtk
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in


class Observers:
    """Observers on VTK objects on behalf of a widget, silent once the widget is deleted."""

    def __init__(self, widget: QtWidgets.QWidget) -> None:
        self._widget = widget
        self._tags: list[tuple[vtk.vtkObject, int]] = []

    def add(self, observed: vtk.vtkObject, event: int | str, function: Callable[[], None]) -> None:
        """Call a function without arguments on an event."""

        def on_event(caller: vtk.vtkObject, name: str) -> None:
            if shiboken6.isValid(self._widget):
                function()

        self._tags.append((observed, observed.AddObserver(event, on_event)))

    def clear(self) -> None:
        for observed, tag in self._tags:
            observed.RemoveObserver(tag)
        self._tags = []


class SceneWidget:
    """Mixin: ``setMRMLScene`` and ``mrmlScene``. Goes before the Qt class among the bases."""

    SIGNALS = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged"}
    SLOTS = {"setMRMLScene(vtkMRMLScene*)": None}

    _scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self._scene_changed()
            self.mrmlSceneChanged.emit(scene)

    def _scene_changed(self) -> None:
        """Look at the new scene; ``self._scene`` may be None."""


@stand_in
class qMRMLWidget(SceneWidget, QtWidgets.QWidget):
    """The usual top widget of a panel's .ui file."""

    mrmlSceneChanged = QtCore.Signal(object)

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QWidget.__init__(self, parent)


@stand_in
class qSlicerWidget(SceneWidget, QtWidgets.QWidget):
    """The older top widget of a panel's .ui file."""

    mrmlSceneChanged = QtCore.Signal(object)

    def __init__(self, parent: Any = None) -> None:
        QtWidgets.QWidget.__init__(self, parent)
