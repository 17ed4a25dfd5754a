"""Stand-in for ctkCollapsibleButton: a header that folds away what is in it."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.stored_property import stored

_HEADER_HEIGHT = 24
_UNLIMITED = 16777215  # Qt's QWIDGETSIZE_MAX


@stand_in
class ctkCollapsibleButton(QtWidgets.QAbstractButton):
    """A button with contents; checked means open."""

    contentsCollapsed = QtCore.Signal(bool)
    _hidden: Any = ()

    def __init__(self, *args: Any) -> None:
        """``()``, ``(parent)``, ``(text)`` or ``(text, parent)``."""
        text = args[0] if args and isinstance(args[0], str) else ""
        super().__init__(args[-1] if args and not isinstance(args[-1], str) else None)
        self.text = text
        self.checkable = True
        self.checked = True
        self.setContentsMargins(0, _HEADER_HEIGHT, 0, 0)
        self.setSizePolicy(QtWidgets.QSizePolicy.Preferred, QtWidgets.QSizePolicy.Preferred)
        self.toggled.connect(self._fold)

    collapsedHeight = stored(int, "collapsedHeight", 0)
    contentsFrameShape = stored("QVariant", "contentsFrameShape", None)
    contentsFrameShadow = stored("QVariant", "contentsFrameShadow", None)
    contentsLineWidth = stored(int, "contentsLineWidth", 1)

    def _collapse(self, collapsed: bool) -> None:
        self.checked = not collapsed

    # Its setter is no slot: PythonQt sees the property alone.
    collapsed = QtCore.Property(bool, lambda self: not self.checked, _collapse)

    def _fold(self, is_open: bool) -> None:
        if is_open:
            for child in self._hidden:
                child.setVisible(True)
        else:
            widgets = [child for child in self.children() if isinstance(child, QtWidgets.QWidget)]
            self._hidden = tuple(child for child in widgets if not child.isHidden())
            for child in self._hidden:
                child.setVisible(False)
        self.setMaximumHeight(_UNLIMITED if is_open else _HEADER_HEIGHT)
        self.contentsCollapsed.emit(not is_open)

    def sizeHint(self) -> QtCore.QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QtCore.QSize:
        width = self.fontMetrics().horizontalAdvance(self.text) + 40
        layout = self.layout()
        if layout is None or not self.checked:
            return QtCore.QSize(width, _HEADER_HEIGHT)
        inside = layout.totalMinimumSize()
        return QtCore.QSize(max(width, inside.width()), max(inside.height(), _HEADER_HEIGHT))

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() <= _HEADER_HEIGHT

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        header = QtWidgets.QStyleOptionButton()
        header.initFrom(self)
        header.rect = QtCore.QRect(0, 0, self.width, _HEADER_HEIGHT)
        painter.drawControl(QtWidgets.QStyle.CE_PushButtonBevel, header)
        arrow = QtWidgets.QStyleOption()
        arrow.initFrom(self)
        arrow.rect = QtCore.QRect(6, 6, 12, 12)
        style = QtWidgets.QStyle
        painter.drawPrimitive(
            style.PE_IndicatorArrowDown if self.checked else style.PE_IndicatorArrowRight, arrow
        )
        place = QtCore.QRect(24, 0, self.width - 24, _HEADER_HEIGHT)
        painter.drawText(place, QtCore.Qt.AlignVCenter | QtCore.Qt.AlignLeft, self.text.replace("&&", "&"))
