"""Which classes stand for C++ ones, and what they declare about themselves."""

from __future__ import annotations

from typing import Any, TypeVar

STAND_INS: dict[str, type] = {}
"""Class name in a .ui file to our stand-in for that CTK or Slicer widget."""

_Class = TypeVar("_Class", bound=type)


def stand_in(cls: _Class) -> _Class:
    """Class decorator: a stand-in for a C++ widget, as strict as one and known to the .ui loader.

    Private attributes must be declared in the class body (``_box = None``): others cannot be set.
    ``SIGNALS`` maps a C++ signature to the signal's attribute where Python's own differs, as for
    ``currentNodeChanged(vtkMRMLNode*)``; ``SLOTS`` names the C++ slots that a .ui file may connect to.
    """
    cls._slicerhost_stand_in = True
    STAND_INS[cls.__name__] = cls
    return cls


def is_native(cls: type) -> bool:
    """Whether objects of exactly this class are C++ objects to a script (not those of a Python subclass)."""
    return cls.__module__.startswith("PySide6.") or "_slicerhost_stand_in" in cls.__dict__


def declared(cls: type, name: str) -> dict[str, Any]:
    """A dictionary of declarations (``SIGNALS``, ``SLOTS``), joined along the base classes."""
    joined: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        joined.update(base.__dict__.get(name, {}))
    return joined


def is_signal(attribute: object) -> bool:
    """Whether a class attribute is a Qt signal.

    By name, because ``isinstance(x, QtCore.Signal)`` in PySide6 6.12 drops a reference to False on each call
    and ends in an abort.
    """
    return type(attribute).__name__ == "Signal"
