"""What ``qt.QWidget`` is to a script: a handle on the class, as narrow as PythonQt's class wrapper."""

from __future__ import annotations

import enum
import functools
from typing import Any

from slicerhost.incidents import INCIDENTS, PYTHONQT
from slicerhost.pythonqt.native import is_native


class EnumType:
    """``qt.Qt.AlignmentFlag``: PythonQt knows the type, but keeps its values in the class around it."""

    def __init__(self, wrapped: type[enum.Enum], owner: str) -> None:
        self._wrapped, self._owner = wrapped, owner

    def __call__(self, value: int) -> enum.Enum:
        return self._wrapped(value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"PythonQt has no scoped enums: write qt.{self._owner}.{name}, "
            f"not qt.{self._owner}.{self._wrapped.__name__}.{name}"
        )


class QtClass:
    """A class of Qt or CTK or Slicer as scripts see it.

    Calling makes an object (no keyword arguments); deriving from it works; ``isinstance`` is true for the
    exact class only, which is never what a script means, so a base class there is an incident. And
    ``type(widget) == qt.QLabel`` holds as in PythonQt.
    """

    def __init__(self, wrapped: type) -> None:
        self._wrapped = wrapped
        self.__name__ = wrapped.__name__
        self.__doc__ = wrapped.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise ValueError(refusal_of_keywords(self.__name__, kwargs))
        return self._wrapped(*(unwrapped(arg) for arg in args))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._wrapped, name)
        if isinstance(value, enum.EnumMeta):
            return EnumType(value, self.__name__)
        if isinstance(value, type):
            return handle(value)
        return value

    def __mro_entries__(self, bases: tuple[type, ...]) -> tuple[type, ...]:
        return (self._wrapped,)

    def __instancecheck__(self, instance: object) -> bool:
        if next((cls for cls in type(instance).__mro__ if is_native(cls)), None) is self._wrapped:
            return True  # also for a Python class derived from it
        if isinstance(instance, self._wrapped):
            INCIDENTS.add(
                PYTHONQT,
                f"isinstance(x, {self.__name__}) is false in Slicer for a {type(instance).__name__}: "
                f"only the exact class counts; use x.inherits('{self.__name__}')",
            )
        return False

    def __eq__(self, other: object) -> bool:
        return unwrapped(other) is self._wrapped

    def __hash__(self) -> int:
        return hash(self._wrapped)

    def __repr__(self) -> str:
        return f"<PythonQt class {self.__name__}>"


@functools.cache
def handle(wrapped: type) -> QtClass:
    """The one handle on a class."""
    return QtClass(wrapped)


def unwrapped(value: Any) -> Any:
    """The class behind a handle; anything else as it is."""
    return value._wrapped if type(value) is QtClass else value


def refusal_of_keywords(name: str, kwargs: dict[str, Any]) -> str:
    return f"{name}({', '.join(sorted(kwargs))}=...): PythonQt does not support keyword arguments"
