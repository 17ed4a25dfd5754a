"""Attribute access on C++ objects: children by name, dynamic properties, and no new attributes."""

from __future__ import annotations

import inspect
from typing import Any

from PySide6 import QtCore

from slicerhost.pythonqt.native import is_native, is_signal

_MISSING = object()
_read_property = QtCore.QObject.property
_write_property = QtCore.QObject.setProperty
_dynamic_names = QtCore.QObject.dynamicPropertyNames
_name_of = QtCore.QObject.objectName
_children = QtCore.QObject.children


def strict_setattr(self: QtCore.QObject, name: str, value: Any) -> None:
    """``__setattr__`` of Qt classes: properties only, as in PythonQt, but for classes written in Python."""
    cls = type(self)
    attribute = inspect.getattr_static(cls, name, _MISSING)
    if isinstance(attribute, QtCore.Property):
        _set_declared(self, attribute, name, value)
    elif hasattr(type(attribute), "__set__"):
        attribute.__set__(self, value)
    elif (
        not is_native(cls)
        or isinstance(value, QtCore.SignalInstance)
        or _private_to_stand_in(attribute, name)
    ):
        self.__dict__[name] = value
    elif name in (bytes(known).decode() for known in _dynamic_names(self)):
        _write_property(self, name, value)
    elif not (isinstance(value, QtCore.QObject) and _name_of(value) == name):
        raise AttributeError(
            f"'{name}' cannot be set on a {cls.__name__}: it is a C++ object without such a property; "
            "keep the value in your own Python object"
        )
    # else: PySide6's .ui loader offers the children as attributes; they are found by name anyway.


def _set_declared(self: QtCore.QObject, attribute: QtCore.Property, name: str, value: Any) -> None:
    if attribute.fset is None:
        raise AttributeError(f"'{name}' of a {type(self).__name__} cannot be set")
    attribute.fset(self, value)


def _private_to_stand_in(attribute: object, name: str) -> bool:
    """Whether a name is declared by a stand-in's class for its own use."""
    if not name.startswith("_") or name.startswith("__") or attribute is _MISSING:
        return False
    return not callable(attribute) and not is_signal(attribute)


def missing_attribute(self: QtCore.QObject, name: str) -> Any:
    """``__getattr__`` of a Qt class: dynamic properties and named children are attributes in PythonQt."""
    if not name.startswith("_"):
        try:
            value = _read_property(self, name)
            if value is not None:
                return value
            for child in _children(self):
                if _name_of(child) == name:
                    return child
        except RuntimeError as error:  # the C++ object is gone
            raise AttributeError(str(error)) from None
    raise AttributeError(f"{type(self).__name__} has no attribute named '{name}'")
