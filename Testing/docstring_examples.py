"""The examples in the docstrings of a module's logic."""

from __future__ import annotations

import inspect
import itertools
import textwrap


def example_in(docstring: str) -> str:
    """The block after the first ``::``, up to a line that is indented less."""
    lines = docstring.split("::\n\n", 1)[1].splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    block = itertools.takewhile(lambda line: not line or line.startswith(indent * " "), lines)
    return textwrap.dedent("\n".join(block))


def documented(logic_class: type) -> dict[str, str]:
    """Docstrings with an example, by method; "class" is the class's own."""
    methods = {name: value for name, value in vars(logic_class).items() if callable(value)}
    found = {name: inspect.getdoc(value) or "" for name, value in methods.items()}
    found["class"] = inspect.getdoc(logic_class) or ""
    return {name: text for name, text in found.items() if "::\n\n" in text}
