"""Stand-ins for CTK's choosers of files and folders: ctkPathLineEdit and ctkDirectoryButton."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.stored_property import row, stored


@stand_in
class ctkPathLineEdit(QtWidgets.QWidget):
    """A line for a path, with a button to browse. ``browse()`` does nothing: there is nobody to choose."""

    Dirs, Files, Drives = 0x001, 0x002, 0x004
    Readable, Writable, Executable, Hidden = 0x010, 0x020, 0x040, 0x100

    currentPathChanged = QtCore.Signal(str)
    validInputChanged = QtCore.Signal(bool)
    SLOTS = {"setCurrentPath(QString)": None, "browse()": None}

    _line: Any = None

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._line = QtWidgets.QLineEdit()
        button = QtWidgets.QToolButton()
        button.setText("...")
        row(self, self._line, button)
        self._line.textChanged.connect(self.currentPathChanged)
        button.clicked.connect(self.browse)

    def browse(self) -> None: ...

    def addCurrentPathToHistory(self) -> None: ...

    def setCurrentPath(self, path: str) -> None:
        self._line.setText(path)

    currentPath = QtCore.Property(str, lambda self: self._line.text, setCurrentPath)
    filters = stored("QVariant", "filters", 0)
    nameFilters = stored("QVariant", "nameFilters", ())
    settingKey = stored(str, "settingKey", "")
    label = stored(str, "label", "")
    showHistoryButton = stored(bool, "showHistoryButton", True)
    showBrowseButton = stored(bool, "showBrowseButton", True)


@stand_in
class ctkDirectoryButton(QtWidgets.QPushButton):
    """A button that shows a folder."""

    directoryChanged = QtCore.Signal(str)
    directorySelected = QtCore.Signal(str)
    SLOTS = {"browse()": None}

    def browse(self) -> None: ...

    directory = stored(str, "directory", "", lambda self, path: self._changed(path))
    caption = stored(str, "caption", "")

    def _changed(self, path: str) -> None:
        self.setText(path)
        self.directoryChanged.emit(path)
