"""The stand-in put together: :func:`start` once per process, then :class:`Host` for each test."""

from __future__ import annotations

import functools
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slicerhost import environment
from slicerhost.dialogs import ANSWERS
from slicerhost.incidents import INCIDENTS, LEAKED_NODE, Incident


@functools.cache
def start() -> Any:
    """Start Qt, the scene and the modules ``qt``, ``ctk``, ``slicer``; the same application at each call."""
    environment.prepare()
    import slicer

    from slicerhost import error_hooks
    from slicerhost.pythonqt import qt_module

    for name in ("modules", "moduleNames"):
        module = types.ModuleType(f"slicer.{name}")
        sys.modules[f"slicer.{name}"] = module
        setattr(slicer, name, module)
    from slicerhost.widgets import register as widgets

    qt_module.install()
    from slicerhost import modules
    from slicerhost.application import Application
    from slicerhost.base import register as base
    from slicerhost.pythonqt.qt_classes import handle

    widgets.install()
    slicer.qSlicerScriptedLoadableModule = handle(modules.qSlicerScriptedLoadableModule)
    slicer.qSlicerScriptedLoadableModuleWidget = handle(modules.qSlicerScriptedLoadableModuleWidget)
    error_hooks.install()
    application = Application()
    slicer.app, slicer.mrmlScene = application, application.mrmlScene()
    base.install()
    import slicer.util

    application.host_add_core_modules()
    return application


@dataclass(frozen=True)
class LoadedModule:
    """A scripted module in the host.

    Attributes:
        name: Its name.
        source: The Python module made from its file.
        panel: The Qt widget around its panel.
    """

    name: str
    source: types.ModuleType
    panel: Any

    @property
    def widget(self) -> Any:
        """The scripted ``<Name>Widget``; another one after a reload."""
        return self.panel.self()

    @property
    def logic(self) -> Any:
        return self.widget.logic


class Host:
    """Slicer for the length of one test."""

    def __init__(self) -> None:
        self.app = start()
        self.scene = self.app.mrmlScene()
        self._loaded: list[str] = []
        _ensure_hierarchy(self.scene)
        self._at_start = self._node_ids()
        INCIDENTS.take()
        ANSWERS.clear()

    def load(self, path: str | Path) -> LoadedModule:
        """Load a scripted module from its file and open its panel."""
        path = Path(path)
        module = self.app.moduleManager().load(path)
        self._loaded.append(path.stem)
        self.select_module(path.stem)
        return LoadedModule(path.stem, sys.modules[path.stem], module.widgetRepresentation())

    def select_module(self, name: str) -> None:
        """What choosing a module in the toolbar does: leave one panel, enter another."""
        self.app.host_window.moduleSelector().selectModule(name)
        self.process_events()

    def process_events(self, until: Callable[[], bool] | None = None, timeout_s: float = 5.0) -> None:
        """Let Qt work: once, or until something is so.

        Raises:
            TimeoutError: If it is not so in time.
        """
        self.app.processEvents()
        end = time.monotonic() + timeout_s
        while until is not None and not until():
            if time.monotonic() > end:
                raise TimeoutError(f"not so after {timeout_s} s")
            self.app.processEvents()
            time.sleep(0.005)

    def close_scene(self) -> None:
        """What File > Close scene does."""
        self.scene.Clear(False)
        _ensure_hierarchy(self.scene)
        self.process_events()

    def save_scene(self, path: str | Path) -> None:
        """Save as .mrb or .mrml."""
        if not self.app.coreIOManager().saveNodes("SceneFile", {"fileName": str(path)}):
            raise OSError(f"{path} cannot be written")

    def open_scene(self, path: str | Path) -> None:
        """Close this scene and open another."""
        self.close_scene()
        if not self.app.coreIOManager().loadNodes("SceneFile", {"fileName": str(path)}):
            raise OSError(f"{path} cannot be read")
        self.process_events()

    def slice_view(self, name: str = "Red") -> Any:
        """A :class:`slicerhost.views.SliceView`: Red (axial), Yellow (sagittal) or Green (coronal)."""
        return self.app.layoutManager().sliceWidget(name).host_view

    def view_3d(self) -> Any:
        """The :class:`slicerhost.views.ThreeDView`."""
        return self.app.layoutManager().threeDWidget(0).host_view

    def plot_view(self) -> Any:
        """The :class:`slicerhost.plot_view.PlotView`; None as long as no layout has had one."""
        widget = self.app.layoutManager().plotWidget(0)
        return widget.host_view if widget is not None else None

    def show_volume(self, volume: Any) -> None:
        """Show a volume in the background of all slices, fitted."""
        selection = self.app.applicationLogic().GetSelectionNode()
        selection.SetActiveVolumeID(volume.GetID())
        for name in self.app.layoutManager().sliceViewNames():  # they must be there to be told
            self.slice_view(name)
        self.app.applicationLogic().PropagateVolumeSelection()
        for name in self.app.layoutManager().sliceViewNames():
            self.slice_view(name).fit()

    @contextmanager
    def no_new_nodes(self, *expected_classes: str) -> Iterator[None]:
        """Fail if what happens within leaves nodes in the scene, but for those of the named classes."""
        before = self._node_ids()
        yield
        self.process_events()
        left = self._new_nodes(before, expected_classes)
        if left:
            INCIDENTS.add(LEAKED_NODE, f"left in the scene: {', '.join(left)}")

    def finish(self) -> tuple[Incident, ...]:
        """Close the scene, unload the modules and tell all that went wrong.

        A node that is in the closed scene again, and is not a singleton such as a parameter node, was
        put there by a module that did not notice, and is an incident.
        """
        from PySide6 import QtCore

        from slicerhost.pythonqt import signals

        self.close_scene()
        self.app.layoutManager().host_straighten()
        left = [name for name in self._new_nodes(self._at_start, ()) if not name.startswith("singleton ")]
        if left:
            INCIDENTS.add(LEAKED_NODE, f"in the scene after it was closed: {', '.join(left)}")
        self.app.host_window.moduleSelector().leave()
        for name in reversed(self._loaded):
            self.app.moduleManager().unload(name)
        self._loaded.clear()
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
        self.process_events()
        for node_id in self._node_ids() - self._at_start:
            node = self.scene.GetNodeByID(node_id)
            if node is not None and node.GetSingletonTag() and node.IsA("vtkMRMLScriptedModuleNode"):
                self.scene.RemoveNode(node)  # parameter nodes outlive a closed scene
        signals.forget_all()
        return INCIDENTS.take()

    def _node_ids(self) -> set[str]:
        return {self.scene.GetNthNode(index).GetID() for index in range(self.scene.GetNumberOfNodes())}

    def _new_nodes(self, before: set[str], expected_classes: tuple[str, ...]) -> list[str]:
        expected_classes = (
            *expected_classes,
            "vtkMRMLSubjectHierarchyNode",
        )  # the scene makes it when needed
        nodes = [self.scene.GetNodeByID(node_id) for node_id in sorted(self._node_ids() - before)]
        return [
            f"{'singleton ' if node.GetSingletonTag() else ''}{node.GetClassName()} '{node.GetName()}'"
            for node in nodes
            if not any(node.IsA(kind) for kind in expected_classes)
            and node.GetID() not in self.app.layoutManager().host_node_ids()
        ]


def _ensure_hierarchy(scene: Any) -> None:
    from slicerhost import subject_hierarchy  # imports slicer-core

    subject_hierarchy.ensure(scene)
