"""Classes of Qt: PythonQt's own wrappers for Qt 5, and PySide6 for Qt 6."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_WRAPPER = re.compile(r"class PythonQtWrapper_(\w+) : public QObject\s*\{(.*?)\n\};", re.DOTALL)
_METHOD = re.compile(r"\b(\w+)\s*\(")


class QtClasses:
    """What Qt offers to scripts.

    PythonQt's wrappers list what Qt's own reflection does not tell: methods that are neither slots nor
    properties. Those two are looked up in PySide6, which is Qt 6.
    """

    def __init__(self, pythonqt: Path) -> None:
        import PySide6.QtCore
        import PySide6.QtGui
        import PySide6.QtWidgets

        self._qt6 = (PySide6.QtCore, PySide6.QtGui, PySide6.QtWidgets)
        self._wrapped: dict[str, set[str]] = {}
        for path in sorted(pythonqt.rglob("com_trolltech_qt_*.h")):
            for name, body in _WRAPPER.findall(path.read_text(encoding="utf-8", errors="replace")):
                methods = (re.sub(r"^static_[A-Za-z]+_", "", one) for one in _METHOD.findall(body))
                self._wrapped.setdefault(name, set()).update(methods)
                self._wrapped[name].update(re.findall(r"\b(\w+) = \w+::\w+", body))

    def __contains__(self, name: str) -> bool:
        return self._qt6_class(name) is not None

    def look_up(self, name: str) -> str:
        """Whether there is a class."""
        if name in self._wrapped or name == "Qt":
            return "+"
        return "q" if self._qt6_class(name) is not None else "-"

    def member(self, cls: str, name: str) -> tuple[str, str]:
        """Whether a class or its bases have a name, or a signature such as ``clicked(bool)``."""
        plain, bracket, _ = name.partition("(")
        qt6 = self._qt6_class(cls)
        if bracket:
            signals = self.signatures(cls, plain)
            return ("q" if name.partition("(")[2].rstrip(")") in signals else "-"), ""
        for base in qt6.__mro__ if qt6 is not None else ():
            if plain in self._wrapped.get(base.__name__, set()):
                return "+", ""
        if qt6 is None:
            return "?", ""
        return ("q" if self._has(qt6, plain) else "-"), ""

    def signatures(self, cls: str, name: str) -> set[str]:
        """Argument types of a signal or slot."""
        qt6 = self._qt6_class(cls)
        meta = getattr(qt6, "staticMetaObject", None)
        if meta is None:
            return set()
        every = [bytes(meta.method(index).methodSignature()).decode() for index in range(meta.methodCount())]
        return {one.partition("(")[2].rstrip(")") for one in every if one.partition("(")[0] == name}

    def in_any(self, name: str) -> str:
        """Whether any class has a name."""
        if any(name in members for members in self._wrapped.values()):
            return "+"
        classes = (getattr(module, one) for module in self._qt6 for one in dir(module))
        return "q" if any(isinstance(cls, type) and self._has(cls, name) for cls in classes) else "-"

    def _has(self, cls: Any, name: str) -> bool:
        meta = getattr(cls, "staticMetaObject", None)
        return hasattr(cls, name) or (meta is not None and meta.indexOfProperty(name) >= 0)

    def _qt6_class(self, name: str) -> Any:
        for module in self._qt6:
            found = getattr(module, name, None)
            if isinstance(found, type):
                return found
        return None
