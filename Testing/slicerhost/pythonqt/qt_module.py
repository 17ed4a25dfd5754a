"""The module ``qt``: all of PySide6 in one namespace, with PythonQt's manners."""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets
from PySide6.support.signature import get_signature

from slicerhost import dialogs
from slicerhost.pythonqt import attributes, messages, properties, signals
from slicerhost.pythonqt.qt_classes import handle, refusal_of_keywords, unwrapped
from slicerhost.pythonqt.ui_loader import UiLoader

_OPTIONAL = ("QtNetwork", "QtSvg", "QtTest", "QtPrintSupport")
_APPLICATIONS = {"QCoreApplication", "QGuiApplication", "QApplication"}
_FIRST_OF_PAIR = {
    "QFileDialog": ("getOpenFileNames",),
    "QInputDialog": ("getText", "getInt", "getDouble", "getItem"),
}
"""Static dialogs that return the answer alone in PythonQt, and answer with a flag in PySide6."""


def install() -> types.ModuleType:
    """Change PySide6's classes for this process, once, and register the module ``qt``."""
    if "qt" in sys.modules:
        return sys.modules["qt"]
    _learn_signatures()
    names = _all_names()
    object_classes = [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, QtCore.QObject) and value is not QtUiTools.QUiLoader
    ]
    signals.install(object_classes)
    for cls in object_classes:
        if cls.__name__ not in _APPLICATIONS:
            properties.install(cls)
            _refuse_keywords(cls)
    _common_members()
    for cls in object_classes:
        if cls is QtCore.QObject or "__setattr__" in cls.__dict__:
            cls.__setattr__ = attributes.strict_setattr
        if hasattr(cls, "exec"):
            cls.exec_ = cls.exec
    dialogs.install()
    messages.install()
    qt = types.ModuleType("qt", __doc__)
    for name, value in names.items():
        setattr(qt, name, handle(value) if isinstance(value, type) else value)
    qt.QUiLoader = handle(UiLoader)
    sys.modules["qt"] = qt
    return qt


def _learn_signatures() -> None:
    """PySide6 reads its signatures at the first TypeError, and warns of some; have it done now."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cls in (QtCore.QDateTime, QtGui.QColor, QtWidgets.QWidget):
            get_signature(cls)


def _all_names() -> dict[str, Any]:
    modules = [QtCore, QtGui, QtWidgets]
    for name in _OPTIONAL:
        try:
            modules.append(importlib.import_module(f"PySide6.{name}"))
        except ImportError:  # some systems lack the libraries of some
            continue
    # dir, not vars: PySide6 makes its classes when they are first asked for.
    return {
        name: getattr(module, name) for module in modules for name in dir(module) if not name.startswith("_")
    }


def _refuse_keywords(cls: type) -> None:
    """Constructors take no keywords, also when a Python subclass calls them."""
    original = cls.__init__

    def strict_init(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            raise ValueError(refusal_of_keywords(cls.__name__, kwargs))
        original(self, *args)

    cls.__init__ = strict_init


def _common_members() -> None:
    """What PythonQt adds to every object, and the static functions that differ."""
    base = QtCore.QObject
    object_name, find_children, find_child = base.objectName, base.findChildren, base.findChild
    base.__getattr__ = attributes.missing_attribute
    base.name = property(object_name.__get__, lambda self, name: self.setObjectName(name))
    base.className = lambda self: type(self).__name__
    base.delete = lambda self: self.deleteLater()
    base.findChildren = lambda self, kind=base, *name: _of_kind(find_children, self, kind, *name)
    base.findChild = lambda self, kind=base, *name: _of_kind(find_child, self, kind, *name)
    QtCore.QTimer.singleShot = staticmethod(_single_shot)
    for class_name, names in _FIRST_OF_PAIR.items():
        for name in names:
            _answer_alone(getattr(QtWidgets, class_name), name)


def _of_kind(find: Callable[..., Any], parent: QtCore.QObject, kind: Any, *name: str) -> Any:
    """``findChildren(qt.QLabel)`` or ``findChildren('QLabel')``, as PythonQt takes both."""
    if isinstance(kind, str):
        found = [
            child
            for child in QtCore.QObject.findChildren(parent, QtCore.QObject, *name)
            if child.inherits(kind)
        ]
        return found if "Children" in find.__name__ else next(iter(found), None)
    return find(parent, unwrapped(kind), *name)


def _single_shot(milliseconds: int, function: Callable[[], Any]) -> None:
    timer = QtCore.QTimer(QtCore.QCoreApplication.instance())
    timer.setSingleShot(True)
    timer.timeout.connect(function)
    timer.timeout.connect(timer.deleteLater)
    timer.start(int(milliseconds))


def _answer_alone(cls: type, name: str) -> None:
    original = getattr(cls, name)

    def answer(*args: Any) -> Any:
        result = original(*args)
        return result[0] if isinstance(result, tuple) else result

    setattr(cls, name, staticmethod(answer))
