"""``slicer.parameterNodeWrapper``: typed access to a parameter node, and its connection to a panel."""

from __future__ import annotations

import typing
from typing import Any

import slicer
import vtk
from PySide6 import QtWidgets

from slicerhost.base.annotations import (
    Choice,
    Decimals,
    Default,
    Maximum,
    Minimum,
    NotNone,
    RangeBounds,
    SingleStep,
    Validator,
    WithinRange,
    first,
)
from slicerhost.base.parameter_gui import GuiConnector, createGuiConnector, is_widget
from slicerhost.base.parameter_types import FloatRange, split, storage_of

SlicerParameterNamePropertyName = "SlicerParameterName"
"""Dynamic property by which a widget of a .ui file names its parameter."""

__all__ = [
    "Choice",
    "Decimals",
    "Default",
    "FloatRange",
    "GuiConnector",
    "Maximum",
    "Minimum",
    "NotNone",
    "RangeBounds",
    "SingleStep",
    "SlicerParameterNamePropertyName",
    "WithinRange",
    "createGuiConnector",
    "isParameterNodeWrapper",
    "parameterNodeWrapper",
]


class _Parameter:
    """One member of a wrapper class; a descriptor that reads and writes the node."""

    def __init__(self, name: str, hint: Any, owner: type) -> None:
        self.name, self.hint = name, hint
        _, annotations = split(hint)
        self.storage = storage_of(hint)
        self.validators = [one for one in annotations if isinstance(one, Validator)]
        choice = first(annotations, Choice)
        if hasattr(owner, name):
            self.default = Default(getattr(owner, name))
        elif first(annotations, Default):
            self.default = first(annotations, Default)
        elif choice:
            self.default = Default(choice.choices[0])
        else:
            self.default = Default(generator=self.storage.default)

    def __get__(self, wrapper: Any, owner: type) -> Any:
        return self if wrapper is None else self.storage.read(wrapper.parameterNode, self.name)

    def __set__(self, wrapper: Any, value: Any) -> None:
        self.storage.check(value)
        for validator in self.validators:
            if value is not None or isinstance(validator, NotNone):
                validator.validate(value)
        with slicer.util.NodeModify(wrapper.parameterNode):
            self.storage.write(wrapper.parameterNode, self.name, value)


class _Wrapper:
    """What the decorator adds to a class."""

    def __init__(self, parameterNode: Any) -> None:
        self.parameterNode = parameterNode
        self._guis: dict[int, dict[str, GuiConnector]] = {}
        self._updating_gui = False
        for parameter in self.allParameters.values():
            if not parameter.storage.is_in(parameterNode, parameter.name):
                parameter.__set__(self, parameter.default.value)

    def getValue(self, name: str) -> Any:
        return self.allParameters[name].__get__(self, type(self))

    def setValue(self, name: str, value: Any) -> None:
        self.allParameters[name].__set__(self, value)

    def default(self, name: str) -> Default:
        return self.allParameters[name].default

    def connectGui(self, gui: Any) -> int:
        """Tie all widgets with the property SlicerParameterName; returns a tag for disconnectGui."""
        widgets = gui.findChildren(QtWidgets.QWidget) if is_widget(gui) else vars(gui).values()
        named = ((widget.property(SlicerParameterNamePropertyName), widget) for widget in widgets)
        return self.connectParametersToGui({name: widget for name, widget in named if name})

    def connectParametersToGui(self, mapping: dict[str, Any]) -> int:
        unknown = sorted(set(mapping) - set(self.allParameters))
        if unknown:
            raise ValueError(f"{type(self).__name__} has no parameters named {unknown}")
        connectors = {
            name: one if isinstance(one, GuiConnector) else createGuiConnector(one, self.dataType(name))
            for name, one in mapping.items()
        }
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.onChanged(lambda name=name, connector=connector: self._from_gui(name, connector))
        tag = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: self._to_gui())
        self._guis[tag] = connectors
        return tag

    def disconnectGui(self, tag: int) -> None:
        for connector in self._guis.pop(tag, {}).values():
            connector.onChanged(None)
        self.RemoveObserver(tag)

    def _from_gui(self, name: str, connector: GuiConnector) -> None:
        if not self._updating_gui:
            self.setValue(name, connector.read())

    def _to_gui(self) -> None:
        if self._updating_gui:
            return
        self._updating_gui = True
        try:
            for connectors in self._guis.values():
                for name, connector in connectors.items():
                    connector.write(self.getValue(name))
        finally:
            self._updating_gui = False

    def StartModify(self) -> int:
        return self.parameterNode.StartModify()

    def EndModify(self, was_modifying: int) -> int:
        return self.parameterNode.EndModify(was_modifying)

    def AddObserver(self, event: int, callback: Any, priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def Modified(self) -> None:
        self.parameterNode.Modified()


def parameterNodeWrapper(cls: type | None = None) -> Any:
    """Class decorator: the annotated members become parameters of a node given to the constructor.

    Raises:
        ValueError: If a parameter has a name that the wrapper needs itself.
    """
    if cls is None:
        return parameterNodeWrapper
    hints = typing.get_type_hints(cls, include_extras=True)
    reserved = [name for name in vars(_Wrapper) if not name.startswith("__")]
    reserved += ["allParameters", "dataType", "parameterNode"]
    taken = sorted(set(hints) & set(reserved))
    if taken:
        raise ValueError(f"{cls.__name__}: {taken} cannot be names of parameters")
    parameters = {name: _Parameter(name, hint, cls) for name, hint in hints.items()}
    for name in reserved:
        if name in vars(_Wrapper):
            setattr(cls, name, vars(_Wrapper)[name])
    for name, parameter in parameters.items():
        setattr(cls, name, parameter)
    cls.__init__ = _Wrapper.__init__
    cls.allParameters = parameters
    cls.dataType = staticmethod(lambda name: parameters[name].hint)
    cls._is_parameter_node_wrapper = True
    return cls


def isParameterNodeWrapper(one: Any) -> bool:
    return getattr(one, "_is_parameter_node_wrapper", False)
