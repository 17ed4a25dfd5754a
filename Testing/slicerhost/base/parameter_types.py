"""How a parameter of each type is kept in a parameter node."""

from __future__ import annotations

import enum
import pathlib
import types
import typing
from dataclasses import dataclass
from typing import Any

import slicer


@dataclass
class FloatRange:
    """A lower and an upper value."""

    minimum: float
    maximum: float


class Text:
    """Kept as text; the type's constructor reads it."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def default(self) -> Any:
        return self.kind()

    def check(self, value: Any) -> None:
        wrong_bool = isinstance(value, bool) and self.kind is not bool
        if wrong_bool or not isinstance(value, self.kind):
            raise TypeError(f"a {self.kind.__name__} is wanted, not {value!r}")

    def is_in(self, node: Any, name: str) -> bool:
        return node.HasParameter(name)

    def write(self, node: Any, name: str, value: Any) -> None:
        node.SetParameter(name, str(value))

    def read(self, node: Any, name: str) -> Any:
        return self.kind(node.GetParameter(name))


class Float(Text):
    def check(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"a float is wanted, not {value!r}")


class Bool(Text):
    def read(self, node: Any, name: str) -> bool:
        return node.GetParameter(name) == "True"


class Path(Text):
    def check(self, value: Any) -> None:
        if not isinstance(value, (str, pathlib.PurePath)):
            raise TypeError(f"a path is wanted, not {value!r}")


class Enum(Text):
    def default(self) -> enum.Enum:
        return next(iter(self.kind))

    def write(self, node: Any, name: str, value: enum.Enum) -> None:
        node.SetParameter(name, value.name)

    def read(self, node: Any, name: str) -> enum.Enum:
        return self.kind[node.GetParameter(name)]


class Range(Text):
    def default(self) -> FloatRange:
        return FloatRange(0.0, 0.0)

    def is_in(self, node: Any, name: str) -> bool:
        return node.HasParameter(f"{name}.minimum")

    def write(self, node: Any, name: str, value: FloatRange) -> None:
        node.SetParameter(f"{name}.minimum", str(float(value.minimum)))
        node.SetParameter(f"{name}.maximum", str(float(value.maximum)))

    def read(self, node: Any, name: str) -> FloatRange:
        return FloatRange(*(float(node.GetParameter(f"{name}.{end}")) for end in ("minimum", "maximum")))


class Items(Text):
    """A list; change it by assigning a new one."""

    def __init__(self, item: Text) -> None:
        super().__init__(list)
        self.item = item

    def check(self, value: Any) -> None:
        for one in value:
            self.item.check(one)

    def is_in(self, node: Any, name: str) -> bool:
        return node.HasParameter(f"{name}.len")

    def write(self, node: Any, name: str, value: list[Any]) -> None:
        node.SetParameter(f"{name}.len", str(len(value)))
        for index, one in enumerate(value):
            self.item.write(node, f"{name}.{index}", one)

    def read(self, node: Any, name: str) -> list[Any]:
        return [
            self.item.read(node, f"{name}.{index}") for index in range(int(node.GetParameter(f"{name}.len")))
        ]


class Node(Text):
    """A MRML node, kept as a reference: Slicer mends its ID when a scene is loaded into another."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        super().__init__(kinds[0])
        self.kinds = kinds

    def default(self) -> None:
        return None

    def check(self, value: Any) -> None:
        if value is not None and not isinstance(value, self.kinds):
            raise TypeError(f"one of {[kind.__name__ for kind in self.kinds]} is wanted, not {value!r}")

    def write(self, node: Any, name: str, value: Any) -> None:
        node.SetParameter(name, "")
        node.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def read(self, node: Any, name: str) -> Any:
        return node.GetNodeReference(name)


def split(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type hint without its annotations, and these; an annotation given as a class is made."""
    if typing.get_origin(hint) is not typing.Annotated:
        return hint, ()
    kind, *annotations = typing.get_args(hint)
    return kind, tuple(one() if isinstance(one, type) else one for one in annotations)


_BY_BASE = (
    (enum.Enum, Enum),
    (bool, Bool),
    (int, Text),
    (float, Float),
    (str, Text),
    (pathlib.PurePath, Path),
    (FloatRange, Range),
)


def storage_of(hint: Any) -> Text:
    """How to keep a type.

    Raises:
        TypeError: If this stand-in (perhaps not Slicer) has no way.
    """
    kind, _ = split(hint)
    if typing.get_origin(kind) is list:
        return Items(storage_of(typing.get_args(kind)[0]))
    union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    kinds = tuple(one for one in (typing.get_args(kind) if union else (kind,)) if one is not type(None))
    if all(isinstance(one, type) and issubclass(one, slicer.vtkMRMLNode) for one in kinds):
        return Node(kinds)
    for base, storage in _BY_BASE:
        if isinstance(kind, type) and issubclass(kind, base):
            return storage(kind)
    raise TypeError(f"slicerhost keeps no parameters of type {hint}")
