"""Which texts of a panel a translator would not get to see, or could not translate.

Texts for people go through ``_()`` whole, as literals, with named fields:
``_("{name} is gone.").format(name=x)``. Texts for machines in .ui files say so: ``notr="true"``.
"""

from __future__ import annotations

import ast
import re
import string
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import NamedTuple

_SHOWN = frozenset(
    {
        *("text", "toolTip", "title", "windowTitle", "statusTip", "whatsThis", "placeholderText", "html"),
        *("plainText", "specialValueText", "suffix", "prefix", "noneDisplay", "helpText"),
        *("acknowledgementText", "accessibleName", "accessibleDescription", "nameFilters", "format"),
    }
)
"""Properties that people read."""
_SHOWING = frozenset(
    {
        *("addItem", "addItems", "addRow", "addTab", "appendPlainText", "setHeaderLabels"),
        *("setHorizontalHeaderLabels", "setItemText", "setLabel", "showStatusMessage", "insertItem"),
        *("errorDisplay", "warningDisplay", "infoDisplay", "messageBox", "confirmOkCancelDisplay"),
        *("confirmYesNoDisplay", "delayDisplay", "getOpenFileName", "getSaveFileName"),
        *("getExistingDirectory", "getText", "getItem"),
        *(f"set{name[0].upper()}{name[1:]}" for name in _SHOWN),
    }
)
"""Functions that show a text among their arguments."""
_FOR_MACHINES = {"addItem": (1,), "getOpenFileName": (2,), "getSaveFileName": (2,), "insertItem": (2,)}
"""Places of arguments that are data, or the name of a file."""
_FILE_PATTERN = re.compile(r"\*?\.\w+")
_EITHER = frozenset({"baseName"})  # of nodes: a name for people, or for scripts
_TRANSLATORS = ("_", "tr", "translate")


class Fault(NamedTuple):
    """A line (0: unknown) and what is wrong there."""

    line: int
    reason: str


def faults_of_python(text: str) -> list[Fault]:
    """Faults in a module or Scene file, by line."""
    tree = ast.parse(text)
    return sorted({fault for node in ast.walk(tree) for rule in _RULES for fault in rule(node)})


def faults_of_ui(text: str) -> list[Fault]:
    """Faults in a .ui file."""
    return list(_ui_faults(ET.fromstring(text)))


def _shown_values(node: ast.AST) -> Iterator[ast.expr]:
    """What is shown to people in a statement or a call."""
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts))
            yield from (v for t, v in pairs if isinstance(t, ast.Attribute) and t.attr in _SHOWN)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SHOWING:
        yield from (a for i, a in enumerate(node.args) if i not in _FOR_MACHINES.get(node.func.attr, ()))
    elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        name = ast.unparse(node.exc.func)
        if not name.endswith(("Error", "Exception", "Interrupt")):  # ours have names of their own
            yield from node.exc.args[:1]


def _plain_texts(node: ast.AST) -> Iterator[Fault]:
    for value in _shown_values(node):
        for text in _literals(value):
            yield Fault(value.lineno, f"'{text}' is shown untranslated; write _(...)")


def _literals(node: ast.expr) -> Iterator[str]:
    """Words in an expression that do not come out of a call."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _has_words(node.value):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (text for value in node.values for text in _literals(value))
    elif isinstance(node, (ast.BinOp, ast.BoolOp, ast.IfExp, ast.Tuple, ast.List)):
        if isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, ast.BoolOp):
            parts = node.values
        else:
            parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.elts
        yield from (text for part in parts for text in _literals(part))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        yield from _literals(node.func.value)


def _untranslatable(node: ast.AST) -> Iterator[Fault]:
    """``_(f"...")`` and ``_(a + b)``: a translator gets literals only."""
    if _is_translator(node) and node.args and not isinstance(node.args[-1], ast.Constant):
        yield Fault(node.lineno, f"{ast.unparse(node)}: a translator sees literals only")


def _fields(node: ast.AST) -> Iterator[Fault]:
    """Fields are named, so that a translator can see what they are and change their order."""
    if not _is_translator(node) or not node.args or not isinstance(node.args[-1], ast.Constant):
        return
    text = node.args[-1].value
    names = _names(text)
    if any(not name.isidentifier() for name in names) or "%s" in text or "%d" in text:
        yield Fault(node.lineno, f"'{text}': fields must have names")


def _filled(node: ast.AST) -> Iterator[Fault]:
    """``_("...").format(...)`` gives each field its value, and no other."""
    called = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    )
    if not called or not _is_translator(node.func.value) or not node.func.value.args:
        return
    text = node.func.value.args[-1]
    given = {word.arg for word in node.keywords}
    if node.args:
        yield Fault(node.lineno, "fields are filled by name")
    elif isinstance(text, ast.Constant) and None not in given and set(_names(text.value)) != given:
        yield Fault(node.lineno, f"'{text.value}' is filled with {sorted(given)}")


_RULES = (_plain_texts, _untranslatable, _fields, _filled)


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in _FILE_PATTERN.sub("", text))


def _is_translator(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TRANSLATORS


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def _ui_faults(root: ET.Element) -> Iterator[Fault]:
    for owner in root.iter():
        for entry in owner.findall("property"):
            name = entry.get("name", "")
            for value in [*entry.findall("string"), *entry.findall("stringlist")]:
                text = " ".join("".join(value.itertext()).split())
                where = f"{owner.get('name', owner.tag)}.{name}: '{text}'"
                hidden = value.get("notr") == "true"
                if not _has_words(text) or name in _EITHER:
                    continue
                if name in _SHOWN and hidden:
                    yield Fault(0, f"{where} is shown, and hidden from translators")
                elif name not in _SHOWN and not hidden:
                    yield Fault(0, f'{where} is for machines; write notr="true"')
