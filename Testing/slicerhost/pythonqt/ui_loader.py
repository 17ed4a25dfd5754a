"""``qt.QUiLoader``: loads .ui files, and tells of all in them that Slicer would not know."""

from __future__ import annotations

import inspect
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

from slicerhost.incidents import INCIDENTS, UNKNOWN_PROPERTY, UNKNOWN_WIDGET
from slicerhost.pythonqt.native import STAND_INS, declared
from slicerhost.pythonqt.signals import find_signal

_name_of = QtCore.QObject.objectName
_find_children = QtCore.QObject.findChildren


@dataclass(frozen=True)
class _Setting:
    """A property of a stand-in, which Qt's loader cannot set itself."""

    widget: str
    name: str
    value: Any


class UiLoader(QtUiTools.QUiLoader):
    """Qt's loader, with the CTK and Slicer widgets of ``STAND_INS``."""

    def createWidget(self, class_name: str, parent: Any = None, name: str = "") -> QtWidgets.QWidget:
        cls = STAND_INS.get(class_name)
        if cls is None and (class_name == "Line" or hasattr(QtWidgets, class_name)):
            return super().createWidget(class_name, parent, name)
        widget = (cls or QtWidgets.QWidget)(parent)
        widget.setObjectName(name)
        return widget

    def load(self, device: QtCore.QIODevice, parent: Any = None) -> QtWidgets.QWidget | None:
        """The widget of a .ui file; None if it is not one."""
        root = ET.fromstring(device.readAll().data())
        settings = [setting for element in root.iter("widget") for setting in _check(element)]
        connections = _take(root, "connections")
        _take(root, "resources")  # compiled into Slicer, not there for others
        buffer = QtCore.QBuffer()
        buffer.setData(ET.tostring(root))
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        top = super().load(buffer, parent)
        if top is None:
            return None
        by_name = {_name_of(child): child for child in _find_children(top, QtCore.QObject)} | {
            _name_of(top): top
        }
        for setting in settings:
            setattr(by_name[setting.widget], setting.name, setting.value)
        for connection in connections:
            _wire(connection, by_name)
        return top


def _take(root: ET.Element, tag: str) -> list[ET.Element]:
    """Children of a section of the file, which is removed."""
    section = root.find(tag)
    if section is None:
        return []
    root.remove(section)
    return list(section)


def _check(element: ET.Element) -> list[_Setting]:
    """Look at one widget of the file; its stand-in's own properties are taken out and returned."""
    class_name, name = element.get("class", ""), element.get("name", "")
    if class_name == "Line":  # Designer's word for a frame that is a line
        return []
    cls = STAND_INS.get(class_name) or getattr(QtWidgets, class_name, None)
    if cls is None:
        INCIDENTS.add(UNKNOWN_WIDGET, f"class {class_name} of '{name}': not of Qt, and no stand-in here")
        return []
    settings = []
    for entry in element.findall("property"):
        key = entry.get("name", "")
        declaration = inspect.getattr_static(cls, key, None)
        if isinstance(declaration, QtCore.Property):
            settings.append(_Setting(name, key, _value(entry)))
            element.remove(entry)
        elif not isinstance(declaration, property) and entry.get("stdset") != "0":
            INCIDENTS.add(UNKNOWN_PROPERTY, f"'{key}' of '{name}' is no property of {class_name}")
            element.remove(entry)
    return settings


def _value(entry: ET.Element) -> Any:
    """What a <property> holds, as Python."""
    value = entry[0]
    text = value.text or ""
    if value.tag == "bool":
        return text.strip() == "true"
    if value.tag == "number":
        return int(text)
    if value.tag == "double":
        return float(text)
    if value.tag == "stringlist":
        return tuple(one.text or "" for one in value.findall("string"))
    if value.tag == "color":
        return QtGui.QColor(*(int(value.findtext(part, "0")) for part in ("red", "green", "blue")))
    return text


def _wire(connection: ET.Element, by_name: dict[str, QtCore.QObject]) -> None:
    """Make one connection of the file."""
    sender = by_name[connection.findtext("sender", "")]
    receiver = by_name[connection.findtext("receiver", "")]
    signal, slot = connection.findtext("signal", ""), connection.findtext("slot", "")
    stand_in_slots = declared(type(receiver), "SLOTS")
    known = receiver.metaObject().indexOfSlot(slot) >= 0 or slot in stand_in_slots
    if not known and receiver.metaObject().indexOfSignal(slot) < 0:
        INCIDENTS.add(
            UNKNOWN_PROPERTY, f"slot '{slot}' of '{_name_of(receiver)}' is none of {type(receiver).__name__}"
        )
    elif find_signal(sender, signal) is not None:
        sender.connect(signal, receiver, slot)
