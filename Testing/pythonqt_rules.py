"""What PythonQt, the Qt binding inside Slicer, would stumble over, as far as the text of a file tells.

Much of it works with PySide6 or is silent, so that it would be found by users of Slicer first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

_ENUM_TYPE = re.compile(
    r"(?:[A-Z]\w*)?(?:Flag|Role|Policy|Mode|Type|Shape|Shadow|Button|Event|Direction|Option)s?$"
)
_PROPERTIES = frozenset(
    {
        *("text", "title", "toolTip", "enabled", "checked", "value", "minimum", "maximum", "currentIndex"),
        *("currentText", "currentData", "count", "collapsed", "checkable", "width", "height", "rowCount"),
        *("columnCount", "wordWrap", "plainText", "html", "placeholderText", "readOnly", "noneEnabled"),
        *("addEnabled", "removeEnabled", "renameEnabled", "nodeTypes", "temporaryPath"),
    }
)
"""Properties of Qt and Slicer that are methods of the same name in C++ and in PySide6."""
_QT_MODULES = ("qt", "ctk")


class Fault(NamedTuple):
    """A line and what is wrong there."""

    line: int
    reason: str


def faults(text: str) -> list[Fault]:
    """Everything in a Python file that PythonQt would stumble over, by line."""
    tree = ast.parse(text)
    return sorted(fault for node in ast.walk(tree) for rule in _RULES for fault in rule(node))


def _keywords_to_constructors(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Call) and node.keywords and _is_qt_class(node.func):
        yield Fault(node.lineno, f"{ast.unparse(node.func)}: PythonQt takes no keyword arguments")


def _called_properties(node: ast.AST) -> Iterator[Fault]:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args
    if called and not node.keywords and node.func.attr in _PROPERTIES and _is_object(node.func.value):
        yield Fault(node.lineno, f".{node.func.attr} is a property: without brackets")


def _instance_of_qt(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
        kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
        for kind in kinds:
            if _is_qt_class(kind):
                name = ast.unparse(kind).rpartition(".")[2]
                yield Fault(node.lineno, f"isinstance is true for the exact class only: x.inherits('{name}')")


def _new_attributes(node: ast.AST) -> Iterator[Fault]:
    """``self.ui.button.my_data = ...``: a C++ object has no place for what is no property of it."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    for target in [one for whole in targets for one in ast.walk(whole)]:
        stored = isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store)
        # Properties are written likeThis; whether such a name is one, the host knows.
        if stored and _is_widget(target.value) and not re.fullmatch(r"[a-z][A-Za-z0-9]*", target.attr):
            yield Fault(target.lineno, f".{target.attr} cannot be set on a C++ widget")


def _scoped_enums(node: ast.AST) -> Iterator[Fault]:
    inner = node.value if isinstance(node, ast.Attribute) else None
    if isinstance(inner, ast.Attribute) and _ENUM_TYPE.match(inner.attr) and _is_qt_class(inner.value):
        owner = ast.unparse(inner.value)
        yield Fault(node.lineno, f"PythonQt has no scoped enums: {owner}.{node.attr}")


def _signals_without_signature(node: ast.AST) -> Iterator[Fault]:
    connecting = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
    if connecting and node.func.attr in ("connect", "disconnect"):
        first = node.args[0]
        text = first.value if isinstance(first, ast.Constant) else None
        if isinstance(text, str) and not re.fullmatch(r"\w+\([\w:*, <>]*\)", text):
            yield Fault(node.lineno, f"'{text}' is no signature of a signal, as clicked(bool) is")
        if len(node.args) == 2 and not isinstance(text, str):
            yield Fault(node.lineno, "the signal's signature must be a text")


def _paths_as_objects(node: ast.AST) -> Iterator[Fault]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    for argument in node.args if _is_widget(node.func.value) or _is_qt_class(node.func.value) else []:
        if isinstance(argument, ast.Call) and ast.unparse(argument.func) in ("Path", "pathlib.Path"):
            yield Fault(node.lineno, "PythonQt takes texts, not paths: str(path)")


_RULES = (
    _keywords_to_constructors,
    _called_properties,
    _instance_of_qt,
    _new_attributes,
    _scoped_enums,
    _signals_without_signature,
    _paths_as_objects,
)


def _is_qt_class(node: ast.expr) -> bool:
    """``qt.QLabel``, ``ctk.ctkSliderWidget``, ``slicer.qMRMLNodeComboBox``; not one of their methods."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    return node.value.id in _QT_MODULES or (
        node.value.id == "slicer" and re.match(r"q[A-Z]", node.attr) is not None
    )


def _is_widget(node: ast.expr) -> bool:
    """``ui.button`` or ``self.ui.button``."""
    if not isinstance(node, ast.Attribute):
        return False
    inner = node.value
    return (isinstance(inner, ast.Attribute) and inner.attr == "ui") or (
        isinstance(inner, ast.Name) and inner.id == "ui"
    )


def _is_object(node: ast.expr) -> bool:
    """Whether something may be a Qt object: a widget of a panel, or the application."""
    return _is_widget(node) or ast.unparse(node) in ("slicer.app", "self.parent")
