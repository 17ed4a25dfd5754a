"""``slicer.util.mainWindow()``: what is needed to change from module to module."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost.modules import ModuleManager


class ModuleSelector(QtCore.QObject):
    """Leaves the panel of one module and enters that of another."""

    moduleSelected = QtCore.Signal(str)

    def __init__(self, modules: ModuleManager) -> None:
        super().__init__()
        self._modules, self._selected = modules, ""

    @property
    def selectedModule(self) -> str:
        return self._selected

    def selectModule(self, name: str) -> None:
        """Open a module's panel; an unknown name does nothing, as in Slicer."""
        module = self._modules.module(name)
        if module is None or name == self._selected:
            return
        self.leave()
        self._selected = name
        panel = module.widgetRepresentation()
        if panel is not None:
            panel.show()
            panel.enter()
        self.moduleSelected.emit(name)

    def leave(self) -> None:
        """Close the open panel."""
        current = self._modules.module(self._selected)
        panel = current.widgetRepresentation() if current is not None else None
        if panel is not None:
            panel.exit()
            panel.hide()
        self._selected = ""


class MainWindow(QtWidgets.QMainWindow):
    """Never shown; ``slicer.util`` finds it by its name."""

    def __init__(self, modules: ModuleManager) -> None:
        super().__init__()
        self.objectName = "qSlicerMainWindow"
        self._selector = ModuleSelector(modules)

    def moduleSelector(self) -> Any:
        return self._selector
