"""Stand-ins for CTK's sliders: ctkSliderWidget, ctkDoubleRangeSlider, ctkRangeWidget.

Setters that are no slots in CTK are private here: PythonQt sees their properties alone.
"""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt.native import stand_in
from slicerhost.widgets.stored_property import forwarded, row, stored

_POSITIONS = 10_000
_LARGEST = 1e15  # a spin box writes out its limits to know its width; infinity has no digits


def _spin_box() -> QtWidgets.QDoubleSpinBox:
    box = QtWidgets.QDoubleSpinBox()
    box.setRange(0, 99)
    return box


def _position(value: float, low: float, high: float) -> int:
    return round((value - low) / (high - low) * _POSITIONS) if high > low else 0


@stand_in
class ctkSliderWidget(QtWidgets.QWidget):
    """A slider with a spin box beside it; the spin box holds the value."""

    valueChanged = QtCore.Signal(float)
    valueIsChanging = QtCore.Signal(float)
    decimalsChanged = QtCore.Signal(int)
    SLOTS = {"setValue(double)": None, "reset()": None}

    _slider: Any = None
    _box: Any = None

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._slider, self._box = QtWidgets.QSlider(QtCore.Qt.Horizontal), _spin_box()
        self._slider.setRange(0, _POSITIONS)
        row(self, self._slider, self._box)
        self._box.valueChanged.connect(self._changed)
        self._slider.sliderMoved.connect(self._moved)

    def _changed(self, value: float) -> None:
        self._slider.setValue(_position(value, self._box.minimum, self._box.maximum))
        self.valueChanged.emit(value)

    def _moved(self, position: int) -> None:
        self._box.setValue(
            self._box.minimum + position / _POSITIONS * (self._box.maximum - self._box.minimum)
        )

    def _set_range(self, low: float, high: float) -> None:
        self._box.setRange(max(float(low), -_LARGEST), min(float(high), _LARGEST))

    def _set_minimum(self, low: float) -> None:
        self._set_range(low, max(low, self._box.maximum))

    def _set_maximum(self, high: float) -> None:
        self._set_range(min(high, self._box.minimum), high)

    def setValue(self, value: float) -> None:
        self._box.setValue(float(value))

    def setDecimals(self, decimals: int) -> None:
        self._box.setDecimals(int(decimals))
        self.decimalsChanged.emit(int(decimals))

    def _set_single_step(self, step: float) -> None:
        self._box.setSingleStep(float(step))

    value = QtCore.Property(float, lambda self: self._box.value, setValue)
    minimum = QtCore.Property(float, lambda self: self._box.minimum, _set_minimum)
    maximum = QtCore.Property(float, lambda self: self._box.maximum, _set_maximum)
    decimals = QtCore.Property(int, lambda self: self._box.decimals, setDecimals)
    singleStep = QtCore.Property(float, lambda self: self._box.singleStep, _set_single_step)
    suffix = forwarded(str, "_box", "suffix")
    prefix = forwarded(str, "_box", "prefix")
    pageStep = stored(float, "pageStep", 10.0)
    tickInterval = stored(float, "tickInterval", 0.0)
    tracking = stored(bool, "tracking", True)
    spinBoxVisible = stored(bool, "spinBoxVisible", True, lambda self, on: self._box.setVisible(on))
    popupSlider = stored(bool, "popupSlider", False)


class _TwoValues(QtWidgets.QWidget):
    """What the two range widgets share: two spin boxes hold a lower and an upper value."""

    minimumValueChanged = QtCore.Signal(float)
    maximumValueChanged = QtCore.Signal(float)
    valuesChanged = QtCore.Signal(float, float)
    rangeChanged = QtCore.Signal(float, float)
    SLOTS = {
        "setMinimumValue(double)": None,
        "setMaximumValue(double)": None,
        "setValues(double,double)": None,
        "setRange(double,double)": None,
    }

    _low: Any = None
    _high: Any = None
    _last: Any = (0.0, 99.0)

    def __init__(self, *args: Any) -> None:
        """``()``, ``(parent)`` or, for a slider, ``(orientation, parent)``."""
        super().__init__(args[-1] if args and isinstance(args[-1], QtWidgets.QWidget) else None)
        self._low, self._high = _spin_box(), _spin_box()
        self._high.setValue(99)
        row(self, self._low, self._high)
        self._low.valueChanged.connect(lambda low: self.setValues(low, max(low, self._high.value)))
        self._high.valueChanged.connect(lambda high: self.setValues(min(high, self._low.value), high))

    def setValues(self, low: float, high: float) -> None:
        for box, value in ((self._low, low), (self._high, high)):
            box.blockSignals(True)
            box.setValue(float(value))
            box.blockSignals(False)
        before, self._last = self._last, (self._low.value, self._high.value)
        if self._last[0] != before[0]:
            self.minimumValueChanged.emit(self._last[0])
        if self._last[1] != before[1]:
            self.maximumValueChanged.emit(self._last[1])
        if self._last != before:
            self.valuesChanged.emit(*self._last)

    def setRange(self, low: float, high: float) -> None:
        for box in (self._low, self._high):
            box.blockSignals(True)
            box.setRange(float(low), float(high))
            box.blockSignals(False)
        self.rangeChanged.emit(float(low), float(high))
        self.setValues(self._low.value, self._high.value)

    def setMinimumValue(self, value: float) -> None:
        self._low.setValue(float(value))

    def setMaximumValue(self, value: float) -> None:
        self._high.setValue(float(value))

    def _set_minimum(self, low: float) -> None:
        self.setRange(low, max(low, self._low.maximum))

    def _set_maximum(self, high: float) -> None:
        self.setRange(min(high, self._low.minimum), high)

    def _set_single_step(self, step: float) -> None:
        self._low.setSingleStep(float(step))
        self._high.setSingleStep(float(step))

    minimumValue = QtCore.Property(float, lambda self: self._low.value, setMinimumValue)
    maximumValue = QtCore.Property(float, lambda self: self._high.value, setMaximumValue)
    minimum = QtCore.Property(float, lambda self: self._low.minimum, _set_minimum)
    maximum = QtCore.Property(float, lambda self: self._low.maximum, _set_maximum)
    singleStep = QtCore.Property(float, lambda self: self._low.singleStep, _set_single_step)
    tickInterval = stored(float, "tickInterval", 0.0)
    tracking = stored(bool, "tracking", True)


@stand_in
class ctkDoubleRangeSlider(_TwoValues):
    """A slider with two handles; it shows no numbers and so has neither decimals nor units."""

    orientation = stored("QVariant", "orientation", QtCore.Qt.Horizontal)


@stand_in
class ctkRangeWidget(_TwoValues):
    """A slider with two handles and two spin boxes."""

    def setDecimals(self, decimals: int) -> None:
        self._low.setDecimals(int(decimals))
        self._high.setDecimals(int(decimals))

    def _set_suffix(self, suffix: str) -> None:
        self._low.setSuffix(suffix)
        self._high.setSuffix(suffix)

    decimals = QtCore.Property(int, lambda self: self._low.decimals, setDecimals)
    suffix = QtCore.Property(str, lambda self: self._low.suffix, _set_suffix)
