"""Qt properties of stand-ins that only keep their value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore


def stored(kind: Any, name: str, default: Any, changed: Callable[[Any, Any], None] | None = None) -> Any:
    """A Qt property with a value per widget.

    Args:
        kind: Its type, or ``"QVariant"`` for lists, flags and enums.
        name: Its name.
        default: Its value until it is set.
        changed: Called with the widget and the new value.
    """

    def read(self: Any) -> Any:
        return self.__dict__.get("_stored", {}).get(name, default)

    def write(self: Any, value: Any) -> None:
        self.__dict__.setdefault("_stored", {})[name] = value
        if changed:
            changed(self, value)

    return QtCore.Property(kind, read, write)


def forwarded(kind: Any, part: str, name: str) -> Any:
    """A Qt property that is that of a private part of the widget."""

    def read(self: Any) -> Any:
        return getattr(getattr(self, part), name)

    def write(self: Any, value: Any) -> None:
        setattr(getattr(self, part), name, value)

    return QtCore.Property(kind, read, write)


def row(widget: Any, *parts: Any) -> None:
    """Lay out the parts of a widget side by side, the first one widest."""
    from PySide6 import QtWidgets

    layout = QtWidgets.QHBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    for index, part in enumerate(parts):
        layout.addWidget(part, 1 if index == 0 else 0)
