"""What a Python file imports, read from its syntax tree without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent

LIBRARIES = ("LiverCoreLib", "LiverMetricsLib", "LiverSegmentCNNLib", "LiverStandardizeLib")


class Import(NamedTuple):
    """One imported module. ``at_import`` is False inside functions and under ``if TYPE_CHECKING``."""

    module: str
    line: int
    at_import: bool

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


def library_files(library: str) -> list[Path]:
    """Every .py of one of our libraries."""
    files = sorted((REPOSITORY / library.removesuffix("Lib") / library).rglob("*.py"))
    assert files, f"{library} has no files: is it still where Testing/imports.py looks?"
    return files


def imports_of(path: Path) -> list[Import]:
    """All absolute imports of a file; relative ones stay within their package and are left out."""
    return list(_walk(ast.parse(path.read_text(encoding="utf-8")), at_import=True))


def with_neighbours(paths: Iterable[Path]) -> list[Path]:
    """Files, and those of the same folder that they import relatively (``from .name import``), and theirs."""
    found: list[Path] = []
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found.append(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                names = [node.module] if node.module else [alias.name for alias in node.names]
                waiting += [path.with_name(f"{name.partition('.')[0]}.py") for name in names]
    return sorted(found)


def _walk(node: ast.AST, *, at_import: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, at_import)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        yield Import(node.module or "", node.lineno, at_import)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        at_import = False
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for child in node.body:
            yield from _walk(child, at_import=False)
        for child in node.orelse:
            yield from _walk(child, at_import=at_import)
        return
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, at_import=at_import)
