"""Python sources of Slicer and VTK: which names a module has, which methods a class."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

ANYTHING = "**"


@dataclass
class PythonClass:
    """A class: names of its bases, its methods and the attributes of ``self``."""

    bases: tuple[str, ...]
    members: set[str]


@dataclass
class PythonModule:
    """A module or package: every name that is defined or imported in it.

    keywords: function or class to the keyword arguments that it takes.
    """

    names: set[str] = field(default_factory=set)
    classes: dict[str, PythonClass] = field(default_factory=dict)
    keywords: dict[str, set[str]] = field(default_factory=dict)

    def takes(self, function: str, keyword: str) -> bool:
        """Whether a function, or a class as it is made, takes a keyword argument."""
        known = self.keywords.get(function, {ANYTHING})
        return ANYTHING in known or keyword in known


def read(path: Path) -> PythonModule | None:
    """A module from ``name.py``, or from a package's folder; None if there is neither."""
    module = PythonModule()
    if path.is_dir():
        files = sorted(path.glob("*.py"))
        module.names |= {file.stem for file in files}
    else:
        files = [path.with_suffix(".py")]
    files = [file for file in files if file.is_file()]
    for file in files:
        _add(ast.parse(file.read_text(encoding="utf-8", errors="replace")), module)
    return module if files else None


def _add(tree: ast.Module, module: PythonModule) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            module.classes[node.name] = _class(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module.names |= {(one.asname or one.name).partition(".")[0] for one in node.names}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            module.keywords[statement.name] = _keywords(statement)
        elif isinstance(statement, ast.ClassDef):
            makers = [one for one in statement.body if getattr(one, "name", "") == "__init__"]
            module.keywords[statement.name] = _keywords(makers[0]) if makers else {ANYTHING}
    for statement in ast.walk(tree):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            module.names.add(statement.name)
        elif isinstance(statement, ast.Call) and "setattr" in ast.unparse(statement.func).lower():
            # A decorator that gives a class its methods.
            module.names |= {one.value for one in statement.args if isinstance(one, ast.Constant)}
        elif isinstance(statement, ast.Assign):
            module.names |= {
                one.id
                for target in statement.targets
                for one in ast.walk(target)
                if isinstance(one, ast.Name)
            }


def _keywords(function: ast.FunctionDef) -> set[str]:
    named = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    return named | ({ANYTHING} if function.args.kwarg else set())


def _class(node: ast.ClassDef) -> PythonClass:
    members = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef):
            members.add(inner.name)
        elif isinstance(inner, ast.Attribute) and ast.unparse(inner.value) == "self":
            members.add(inner.attr)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            members.add(inner.id)
    return PythonClass(tuple(ast.unparse(base) for base in node.bases), members)
