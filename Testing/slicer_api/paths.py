"""Paths: what an expression leads to, as far as its text tells.

A keyword argument is written as ``slicer.util.errorDisplay(windowTitle=)``.

``slicer.mrmlScene.GetNodeByID(x).GetName()`` leads along ``slicer.mrmlScene.GetNodeByID().GetName()``. A path
starts with ``slicer``, ``vtk``, ``qt``, ``ctk`` or ``sitkUtils``, with ``ui:QLabel`` for a widget of a .ui
file, with ``self`` for what a class inherits from Slicer's, and with ``?`` for an object of which nothing is
known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ROOTS = ("slicer", "vtk", "qt", "ctk", "sitkUtils")
UNKNOWN = "?"
_OWN_PACKAGE = re.compile(r"Liver\w*$")
_CAMEL_CASE = re.compile(r"[a-z]+\w*[A-Z]|[A-Z]\w*[a-z]")
_WIDGETS = "@ui"


@dataclass
class Names:
    """What is known at a place in a file.

    Attributes:
        values: Paths that a variable may lead to.
        own: Names that our own classes and functions define; on an object of which nothing is known they are
            taken for ours.
        widgets: Classes of the widgets of the module's .ui files by object name.
        attributes: Paths that an attribute of ``self`` may lead to.
        in_class: Whether ``self`` is an object of a class of ours.
    """

    own: frozenset[str]
    widgets: Mapping[str, frozenset[str]]
    values: dict[str, set[str]] = field(default_factory=dict)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    in_class: bool = False


def of(node: ast.expr, names: Names) -> set[str]:
    """Paths that an expression may lead to; none for what is not Slicer's business."""
    if isinstance(node, ast.Name):
        return names.values.get(node.id, {UNKNOWN})
    if isinstance(node, ast.Attribute):
        return _of_attribute(node, names)
    if isinstance(node, ast.Call):
        return {path if path == UNKNOWN else f"{path}()" for path in of(node.func, names)}
    if isinstance(node, ast.IfExp):
        return of(node.body, names) | of(node.orelse, names)
    if isinstance(node, ast.BoolOp):
        return set().union(*(of(value, names) for value in node.values))
    if isinstance(node, (ast.Subscript, ast.Await, ast.NamedExpr, ast.Starred)):
        return {UNKNOWN}
    return set()


def elements(node: ast.expr, names: Names) -> set[str]:
    """Paths that the elements of an iterable may lead to."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return set().union(*(of(element, names) for element in node.elts)) if node.elts else set()
    return {UNKNOWN} if of(node, names) else set()


def imported(module: str, name: str | None) -> set[str]:
    """Paths that an imported name leads to: ``import module``, or ``from module import name``."""
    package = module.partition(".")[0]
    if package in ROOTS:
        return {module if name is None else f"{module}.{name}"}
    if package == "vtkmodules":
        return {f"vtk.{name}"} if name else {"vtk"}
    return {UNKNOWN} if not package or _OWN_PACKAGE.match(package) else set()


def _of_attribute(node: ast.Attribute, names: Names) -> set[str]:
    name = node.attr
    if isinstance(node.value, ast.Name) and node.value.id == "self" and names.in_class:
        if name == "ui":
            return {_WIDGETS}
        if name in names.attributes:
            return names.attributes[name]
        return {UNKNOWN} if name in names.own else {f"self.{name}"}
    if name == "ui":
        return {_WIDGETS}
    found = set()
    for path in {_WIDGETS} if _is_ui(node.value, names) else of(node.value, names):
        if path == _WIDGETS:
            found |= {f"ui:{one}" for one in names.widgets.get(name, frozenset({f"no-widget-{name}"}))}
        elif path != UNKNOWN:
            found.add(f"{path}.{name}")
        elif name in names.widgets and name not in names.own:  # ``ui`` under another name
            found |= {f"ui:{one}" for one in names.widgets[name]}
        elif _CAMEL_CASE.match(name) and name not in names.own:
            found.add(f"{UNKNOWN}.{name}")
        else:
            found.add(UNKNOWN)
    return found


def _is_ui(node: ast.expr, names: Names) -> bool:
    return isinstance(node, ast.Name) and node.id == "ui" and names.values.get("ui", {UNKNOWN}) == {UNKNOWN}
