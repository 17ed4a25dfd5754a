"""``slicer.modules``: the core modules' logics, and scripted modules loaded from their files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in


@stand_in
class qSlicerScriptedLoadableModuleWidget(QtWidgets.QWidget):
    """The Qt widget in which a scripted module builds its panel."""

    mrmlSceneChanged = QtCore.Signal(object)

    _module: Any = None
    _panel: Any = None

    def __init__(self, module: Any) -> None:
        super().__init__()
        self._module = module
        self.objectName = f"{module.name}ModuleWidget"
        self.setLayout(QtWidgets.QVBoxLayout())
        self.reload()

    def self(self) -> Any:
        return self._panel

    def mrmlScene(self) -> Any:
        return slicer.mrmlScene

    def reload(self) -> None:
        """Make the panel from the class that the module's file defines now."""
        panel_class = getattr(sys.modules[self._module.name], f"{self._module.name}Widget")
        self._panel = panel_class(self)
        setattr(slicer.modules, f"{self._module.name}Widget", self._panel)
        self._panel.setup()
        self.mrmlSceneChanged.emit(slicer.mrmlScene)

    def enter(self) -> None:
        getattr(self._panel, "enter", lambda: None)()

    def exit(self) -> None:
        getattr(self._panel, "exit", lambda: None)()


class CoreModule(QtCore.QObject):
    """A C++ module: its logic alone."""

    def __init__(self, name: str, logic: Any) -> None:
        super().__init__()
        self.objectName = name  # and so its name
        self._logic = logic

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> None:
        return None


class qSlicerScriptedLoadableModule(QtCore.QObject):
    """A scripted module: what its first class gets as ``parent``."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.title = str(path), path.stem
        self.objectName = path.stem
        self.categories, self.dependencies, self.contributors = [], [], []
        self.helpText = self.acknowledgementText = ""
        self.icon, self.hidden, self.index = None, False, -1
        self._widget: qSlicerScriptedLoadableModuleWidget | None = None

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        if self._widget is None:
            self._widget = qSlicerScriptedLoadableModuleWidget(self)
        return self._widget

    def delete_widget(self) -> None:
        if self._widget is not None:
            self._widget.close()
            self._widget.deleteLater()
            self._widget = None


class ModuleManager(QtCore.QObject):
    """``slicer.app.moduleManager()``."""

    moduleLoaded = QtCore.Signal(str)
    moduleAboutToBeUnloaded = QtCore.Signal(str)
    moduleUnloaded = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._modules: dict[str, Any] = {}

    def add(self, name: str, module: Any) -> None:
        self._modules[name] = module
        setattr(slicer.modules, name.lower(), module)
        self.moduleLoaded.emit(name)

    def module(self, name: str) -> Any:
        return self._modules.get(name)

    def modulesNames(self) -> tuple[str, ...]:
        return tuple(self._modules)

    def isLoaded(self, name: str) -> bool:
        return name in self._modules

    def factoryManager(self) -> ModuleManager:
        return self

    def load(self, path: Path) -> qSlicerScriptedLoadableModule:
        """Load a scripted module from its file."""
        path = path.resolve()
        name = path.stem
        if str(path.parent) not in sys.path:
            sys.path.insert(0, str(path.parent))  # as Slicer does: a module finds its Lib beside it
        spec = importlib.util.spec_from_file_location(name, path)
        source = importlib.util.module_from_spec(spec)
        sys.modules[name] = source
        spec.loader.exec_module(source)
        module = qSlicerScriptedLoadableModule(path)
        setattr(slicer.modules, f"{name}Instance", getattr(source, name)(module))
        self.add(name, module)
        return module

    def unload(self, name: str) -> None:
        """Take a scripted module out again; its panel's ``cleanup`` is called first."""
        self.moduleAboutToBeUnloaded.emit(name)
        self._modules.pop(name).delete_widget()
        for attribute in (name.lower(), f"{name}Instance", f"{name}Widget"):
            if hasattr(slicer.modules, attribute):
                delattr(slicer.modules, attribute)
        sys.modules.pop(name, None)
        self.moduleUnloaded.emit(name)
