"""Qt's own warnings, which go to the console unseen, as incidents."""

from __future__ import annotations

from PySide6 import QtCore

from slicerhost.incidents import INCIDENTS, QT_MESSAGE

_HARMLESS = (
    "This plugin does not support",  # the offscreen platform has no window manager
    "Cannot find font directory",  # PySide6's wheels bring no fonts; the system's are used
    "Populating font family aliases",
)


def install() -> None:
    QtCore.qInstallMessageHandler(_keep)


def _keep(kind: QtCore.QtMsgType, context: QtCore.QMessageLogContext, text: str) -> None:
    quiet = (QtCore.QtMsgType.QtDebugMsg, QtCore.QtMsgType.QtInfoMsg)
    if kind not in quiet and not any(known in text for known in _HARMLESS):
        INCIDENTS.add(QT_MESSAGE, text)
