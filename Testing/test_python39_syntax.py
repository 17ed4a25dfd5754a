"""Slicer 5.8 runs Python 3.9: everything that may run inside it must parse there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from imports import LIBRARIES, REPOSITORY, library_files

FILES = [path for library in LIBRARIES for path in library_files(library)] + sorted(
    REPOSITORY.glob("Liver*/*.py")
)


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_parses_as_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=(3, 9))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_annotations_are_not_evaluated(path: Path) -> None:
    """`X | None` and `list[int]` in annotations are fine on 3.9 only as text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    annotated = any(
        isinstance(node, ast.AnnAssign)
        or (isinstance(node, ast.FunctionDef) and (node.returns or any(a.annotation for a in node.args.args)))
        for node in ast.walk(tree)
    )
    postponed = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and node.names[0].name == "annotations"
        for node in tree.body
    )
    assert postponed or not annotated, f"{name_of(path)}: add `from __future__ import annotations`."
