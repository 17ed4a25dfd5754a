"""``slicer.app``: Qt's application with what scripts ask of Slicer's."""

from __future__ import annotations

import shutil
import sys
import tempfile
from types import SimpleNamespace
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.file_io import IOManager
from slicerhost.layout import LayoutManager
from slicerhost.main_window import MainWindow
from slicerhost.modules import CoreModule, ModuleManager
from slicerhost.mrml_application import MrmlApplication

SLICER_VERSION = (5, 12)
"""Version of Slicer that the host says to be: that of the slicer-core it was written with."""


class Application(QtWidgets.QApplication):
    """One per process. Its settings and temporary files are in a folder that goes with it."""

    startupCompleted = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__(["Slicer"])
        self.setApplicationName("Slicer")
        self.temporaryPath = tempfile.mkdtemp(prefix="slicerhost-")
        QtCore.QSettings.setDefaultFormat(QtCore.QSettings.IniFormat)
        QtCore.QSettings.setPath(
            QtCore.QSettings.IniFormat, QtCore.QSettings.UserScope, f"{self.temporaryPath}/settings"
        )
        self.majorVersion, self.minorVersion = SLICER_VERSION
        self.applicationVersion = ".".join(map(str, (*SLICER_VERSION, 0)))
        self.documentationBaseUrl = "https://slicer.readthedocs.io/en/latest/"
        self.slicerHome = self.temporaryPath
        self.host_opened_urls: list[str] = []
        self.host_mrml = MrmlApplication(self.temporaryPath)
        self._io = IOManager(self.host_mrml)
        self._modules = ModuleManager()
        self._layout = LayoutManager(self.host_mrml)
        self.host_window = MainWindow(self._modules)
        QtGui.QDesktopServices.openUrl = staticmethod(self._open_url)

    def host_add_core_modules(self) -> None:
        """Fill ``slicer.modules``, which has to be there."""
        for name, logic in self.host_mrml.module_logics.items():
            self._modules.add(name, CoreModule(name, logic))
        from slicerhost import sample_data

        sys.modules["SampleData"] = sample_data
        self._modules.add("SampleData", CoreModule("SampleData", None))

    def host_close(self) -> None:
        """Free what must not outlive the process' last Python code."""
        self._layout.close()
        self.host_mrml.scene.Clear(True)
        shutil.rmtree(self.temporaryPath, ignore_errors=True)

    def _open_url(self, url: Any) -> bool:
        self.host_opened_urls.append(url if isinstance(url, str) else url.toString())
        return True

    def mrmlScene(self) -> Any:
        return self.host_mrml.scene

    def applicationLogic(self) -> Any:
        return self.host_mrml.logic

    def moduleLogic(self, name: str) -> Any:
        return self.host_mrml.module_logics.get(name)

    def moduleManager(self) -> ModuleManager:
        return self._modules

    def layoutManager(self) -> LayoutManager:
        return self._layout

    def coreIOManager(self) -> IOManager:
        return self._io

    def ioManager(self) -> IOManager:
        return self._io

    def settings(self) -> QtCore.QSettings:
        return QtCore.QSettings()

    userSettings = settings
    revisionUserSettings = settings

    def testingEnabled(self) -> bool:
        return True

    def commandOptions(self) -> Any:
        return SimpleNamespace(noMainWindow=True, testingEnabled=True)

    def translate(self, context: str, text: str) -> str:
        return text

    def pauseRender(self) -> None: ...

    def resumeRender(self) -> None: ...

    def errorLogModel(self) -> None:
        return None

    def pythonConsole(self) -> None:
        return None

    def extensionsManagerModel(self) -> None:
        return None

    def startupEnvironment(self) -> QtCore.QProcessEnvironment:
        return QtCore.QProcessEnvironment.systemEnvironment()
