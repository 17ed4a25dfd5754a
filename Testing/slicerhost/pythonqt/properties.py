"""Qt properties as Python attributes: ``label.text`` reads, ``label.text()`` fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

from slicerhost.pythonqt.native import is_signal

_VIRTUAL = frozenset({"sizeHint", "minimumSizeHint"})
"""C++ calls these as methods of Python subclasses, so they stay methods."""

_read_property = QtCore.QObject.property
_write_property = QtCore.QObject.setProperty


def install(cls: type) -> None:
    """Turn the properties that a Qt class declares (not those it inherits) into attributes."""
    meta = cls.staticMetaObject
    for index in range(meta.propertyCount()):
        declaration = meta.property(index)
        name = declaration.name()
        inherited = index < meta.propertyOffset() and name not in cls.__dict__
        if inherited or name in _VIRTUAL or not name.isidentifier():
            continue
        current = cls.__dict__.get(name)
        if isinstance(current, staticmethod) or is_signal(current) or (cls.__name__, name) in _STATIC:
            continue
        setattr(cls, name, _attribute(cls, declaration))


_STATIC = {("QTimer", "singleShot")}  # a static method that scripts call, and a property of the same name


def _attribute(cls: type, declaration: QtCore.QMetaProperty) -> property:
    name, type_name = declaration.name(), declaration.typeName()
    getter = _method(cls, name, "is" + _capital(name), "has" + _capital(name))
    setter = _method(cls, "set" + _capital(name))

    def read(self: QtCore.QObject) -> Any:
        return getter(self) if getter else _read_property(self, name)

    def write(self: QtCore.QObject, value: Any) -> None:
        if type_name == "bool":
            value = bool(value)  # PythonQt takes any truth value
        if setter and (type_name == "QString" or not isinstance(value, str)):
            setter(self, value)
        elif not _write_property(self, name, value):
            raise AttributeError(
                f"Property '{name}' of type '{type_name}' does not accept {value!r} ({type(value).__name__})"
            )

    return property(
        read, write if declaration.isWritable() else None, None, f"Qt property {type_name} {name}"
    )


def _method(cls: type, *names: str) -> Callable[..., Any] | None:
    for name in names:
        found = cls.__dict__.get(name)
        if callable(found) and not isinstance(found, (property, staticmethod)):
            return found
    return None


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
