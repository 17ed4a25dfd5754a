"""Ties a parameter to the widget that shows it: the pairs that Slicer knows, and no others."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

from slicerhost.base.annotations import (
    Choice,
    Decimals,
    Maximum,
    Minimum,
    RangeBounds,
    SingleStep,
    WithinRange,
    first,
)
from slicerhost.base.parameter_types import Enum, FloatRange, Node, split, storage_of

_LIMIT = 2**31 - 1


class GuiConnector:
    """One widget: how to read it, how to write it, and its signal."""

    def __init__(
        self, widget: Any, signal: str, read: Callable[[], Any], write: Callable[[Any], None]
    ) -> None:
        self._widget, self._signal, self.read, self.write = widget, signal, read, write
        self._callback: Callable[[], None] | None = None

    def widget(self) -> Any:
        return self._widget

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        signal = getattr(self._widget, self._signal)
        if self._callback is None and callback is not None:
            signal.connect(self._changed)
        elif self._callback is not None and callback is None:
            signal.disconnect(self._changed)
        self._callback = callback

    def _changed(self) -> None:
        if self._callback is not None:
            self._callback()


def createGuiConnector(widget: Any, hint: Any) -> GuiConnector:
    """The connector of a widget and a type.

    Raises:
        RuntimeError: If Slicer has none for this pair.
    """
    kind, annotations = split(hint)
    name = type(widget).__name__
    if kind is bool and name in ("QCheckBox", "QPushButton"):
        return _of_property(widget, "checked", "toggled")
    if kind is int and name in ("QSlider", "QSpinBox"):
        _limit(widget, annotations, must_be_bounded=name == "QSlider")
        return _of_property(widget, "value", "valueChanged")
    if kind is float and name in ("QDoubleSpinBox", "ctkSliderWidget"):
        _limit(widget, annotations, must_be_bounded=name == "ctkSliderWidget")
        return _of_property(widget, "value", "valueChanged")
    if name == "QComboBox":
        return _of_choices(widget, hint)
    if kind is str and name == "QLineEdit":
        return _of_property(widget, "text", "textChanged")
    if kind is str and name == "QTextEdit":
        return GuiConnector(widget, "textChanged", widget.toPlainText, widget.setPlainText)
    if kind is FloatRange and name in ("ctkRangeWidget", "ctkDoubleRangeSlider"):
        return _of_range(widget, annotations)
    if isinstance(kind, type) and issubclass(kind, pathlib.PurePath):
        if name == "ctkPathLineEdit":
            return _of_property(widget, "currentPath", "currentPathChanged", kind, str)
        if name == "ctkDirectoryButton":
            return _of_property(widget, "directory", "directoryChanged", kind, str)
    storage = storage_of(hint)
    if isinstance(storage, Node) and name == "qMRMLNodeComboBox":
        widget.nodeTypes = tuple(one.__name__ for one in storage.kinds)
        return GuiConnector(widget, "currentNodeChanged", widget.currentNode, widget.setCurrentNode)
    raise RuntimeError(f"Slicer cannot tie a parameter of type {hint} to a {name}")


def _of_property(
    widget: Any, name: str, signal: str, to_value: Any = lambda v: v, to_widget: Any = lambda v: v
) -> GuiConnector:
    return GuiConnector(
        widget,
        signal,
        lambda: to_value(getattr(widget, name)),
        lambda value: setattr(widget, name, to_widget(value)),
    )


def _limit(widget: Any, annotations: tuple[Any, ...], must_be_bounded: bool) -> None:
    """Give a number widget the decimals, step and limits of its parameter."""
    decimals, step = first(annotations, Decimals), first(annotations, SingleStep)
    if decimals:
        widget.decimals = decimals.value
    if step:
        widget.singleStep = step.value
    both = first(annotations, WithinRange)
    low, high = both or first(annotations, Minimum), both or first(annotations, Maximum)
    if must_be_bounded and not (low and high):
        raise RuntimeError(f"a {type(widget).__name__} needs WithinRange, or Minimum and Maximum")
    widget.minimum = low.minimum if low else -_LIMIT
    widget.maximum = high.maximum if high else _LIMIT


def _of_choices(widget: Any, hint: Any) -> GuiConnector:
    kind, annotations = split(hint)
    if isinstance(storage_of(hint), Enum):
        values = list(kind)
        texts = [getattr(kind, "label", lambda one: one.name)(one) for one in values]
    else:
        choice = first(annotations, Choice)
        if choice is None:
            raise RuntimeError("a QComboBox needs an Enum, or Choice among the annotations")
        values, texts = list(choice.choices), [str(one) for one in choice.choices]
    widget.clear()
    widget.addItems(texts)
    return GuiConnector(
        widget,
        "currentIndexChanged",
        lambda: values[widget.currentIndex],
        lambda value: setattr(widget, "currentIndex", values.index(value)),
    )


def _of_range(widget: Any, annotations: tuple[Any, ...]) -> GuiConnector:
    bounds = first(annotations, RangeBounds)
    if bounds is None:
        raise RuntimeError(f"a {type(widget).__name__} needs RangeBounds")
    widget.setRange(bounds.minimum, bounds.maximum)
    return GuiConnector(
        widget,
        "valuesChanged",
        lambda: FloatRange(widget.minimumValue, widget.maximumValue),
        lambda value: widget.setValues(value.minimum, value.maximum),
    )


def is_widget(gui: Any) -> bool:
    """Whether this is a Qt widget rather than the collection of slicer.util.childWidgetVariables."""
    return getattr(gui, "isWidgetType", lambda: False)()
