"""What the repository says about itself is true: versions, dependencies, error ids, sizes of files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from project_file import PACKAGE_FOLDERS, PYPROJECT, REPOSITORY

import livercnn

SOURCES = sorted(
    {path for folder in PACKAGE_FOLDERS.values() for path in (REPOSITORY / folder).rglob("*.py")}
    | {REPOSITORY / "livercnn.py"}
    | {*REPOSITORY.glob("Liver*/Liver*Scene/*.py"), *REPOSITORY.glob("Liver*/Liver*.py")}
)
TESTS = sorted(path for path in REPOSITORY.glob("**/Testing/**/*.py") if ".venv" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_one_version_everywhere() -> None:
    version = PYPROJECT["project"]["version"]
    assert livercnn.__version__ == version
    assert f"\nversion: {version}\n" in (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")


def test_every_declared_dependency_has_an_exact_version() -> None:
    text = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))
    optional = PYPROJECT["project"]["optional-dependencies"].values()
    declared = [PYPROJECT["project"]["dependencies"], *optional]
    names = {re.match(r"[A-Za-z0-9_.-]+", one)[0].lower() for group in declared for one in group}
    assert not names - pinned, (
        f"constraints.txt lacks {sorted(names - pinned)}; pin the version the tests ran with."
    )


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name_of)
def test_files_stay_readable(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{name_of(path)} has {lines} lines; split it by what its parts are for."


NAMED_THINGS = {"Drawing", "Table"}  # they have ids, too, and are no errors


def error_ids(path: Path) -> Iterator[str]:
    """Ids of errors in a file: ``id = "..."`` in a class, ``id="..."`` or ``id=name`` in a call."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    calls = [
        node
        for node in nodes
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) not in NAMED_THINGS
    ]
    given = [word.value for call in calls for word in call.keywords if word.arg == "id"]
    names = {value.id for value in given if isinstance(value, ast.Name)}
    for value in given:
        yield from _texts(value)
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield from _assigned(node.body, {"id"})
        elif isinstance(node, ast.Assign):
            yield from _assigned([node], names)


def _assigned(statements: list[ast.stmt], names: set[str]) -> Iterator[str]:
    """Texts assigned to some names, alone (``a = "x"``) or among others (``b, a = 1, "x"``)."""
    for statement in statements:
        if isinstance(statement, ast.Assign):
            target, value = statement.targets[0], statement.value
            if isinstance(target, ast.Name) and target.id in names:
                yield from _texts(value)
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for part, text in zip(target.elts, value.elts):
                    if isinstance(part, ast.Name) and part.id in names:
                        yield from _texts(text)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def test_every_error_id_is_explained_and_no_other() -> None:
    text = (REPOSITORY / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE))
    raised = {error_id for path in SOURCES for error_id in error_ids(path)}
    missing, stale = sorted(raised - explained), sorted(explained - raised)
    assert not missing, f"Give {missing} a row in TROUBLESHOOTING.md: users look there."
    assert not stale, f"TROUBLESHOOTING.md explains {stale}, which nothing raises."
