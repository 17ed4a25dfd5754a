"""Pairs from two patterns of file names, such as ``ref/{case}.nii.gz`` and ``out/{method}/{case}.nii.gz``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .many_error import PairsError
from .pair import KEYS, Pair, PairList, ambiguous_rows, case_of

PLACEHOLDERS = (*KEYS, "segment")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Values = dict[str, str]


@dataclass(frozen=True)
class _Found:
    """A file that fits a pattern, and what its placeholders stand for."""

    path: str
    values: Values


def find_pairs(references: str, tests: str) -> PairList:
    """Find the files that fit two patterns, and pair those whose shared placeholders agree.

    ``{case}``, ``{observer}``, ``{method}``, ``{protocol}``, ``{stage}`` and ``{segment}`` stand for any text
    without a path separator and become columns; one that a pattern has twice stands for the same text. A
    reference is paired with every test that fits it: without shared placeholders, the pattern of references
    must name one file.

    Returns:
        Pairs in the order of the tests' paths, with notes on the files that have no partner.

    Raises:
        PairsError: If a pattern has a placeholder that is not known or fits a file in two ways, or if there
            are no files or no pairs.
    """
    reference_names, test_names = _placeholders(references), _placeholders(tests)
    shared = [name for name in reference_names if name in test_names]
    if reference_names and not shared:
        raise PairsError(
            f"{references} and {tests} share no placeholder, so that nothing says which files belong "
            "together; use {case} in both.",
            id="bad-pattern",
        )
    reference_files, test_files = _files(references), _files(tests)
    by_shared: dict[tuple[str, ...], list[_Found]] = {}
    for reference in reference_files:
        by_shared.setdefault(tuple(reference.values[name] for name in shared), []).append(reference)
    pairs = [
        _pair(reference, test)
        for test in test_files
        for reference in by_shared.get(tuple(test.values[name] for name in shared), ())
    ]
    partners = {path for pair in pairs for path in (pair.reference, pair.test)}
    alone = [found.path for found in (*reference_files, *test_files) if found.path not in partners]
    if not pairs:
        raise PairsError(
            f"None of the {len(reference_files)} files of {references} belongs to one of the "
            f"{len(test_files)} of {tests}; compare {reference_files[0].path} with {test_files[0].path}.",
            id="no-pairs",
        )
    notes = [f"No partner for {path}." for path in alone]
    return PairList(tuple(pairs), (*notes, *ambiguous_rows(pairs)))


def _pair(reference: _Found, test: _Found) -> Pair:
    named = {**reference.values, **test.values}
    case = named.pop("case", "") or case_of(reference.path)
    return replace(Pair(reference.path, test.path, case=case), **named)  # type: ignore[arg-type]


def _placeholders(pattern: str) -> list[str]:
    names = _PLACEHOLDER.findall(pattern)
    unknown = [name for name in names if name not in PLACEHOLDERS]
    if unknown or "{" in _PLACEHOLDER.sub("", pattern) or "}" in _PLACEHOLDER.sub("", pattern):
        what = f"{{{unknown[0]}}}" if unknown else "a brace without its partner"
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise PairsError(f"{pattern} has {what}; there is {known}.", id="bad-pattern")
    return list(dict.fromkeys(names))


def _files(pattern: str) -> list[_Found]:
    """Files that fit, sorted by path."""
    path = Path(pattern)
    start = Path(path.anchor)
    found = sorted(_walk(start, path.relative_to(path.anchor).parts, {}, pattern), key=lambda one: one.path)
    if not found:
        raise PairsError(
            f"No file fits {pattern}; check the pattern and the folder it starts in.", id="no-pairs"
        )
    return found


def _walk(folder: Path, parts: tuple[str, ...], values: Values, pattern: str) -> Iterator[_Found]:
    """Files below a folder that fit the parts of a pattern that are left."""
    if not parts:
        if folder.is_file():
            yield _Found(str(folder), values)
        return
    part, *rest = parts
    if not _PLACEHOLDER.search(part):
        yield from _walk(folder / part, tuple(rest), values, pattern)
        return
    for name in _names_in(folder):
        fitting = _fit(part, name, values, pattern)
        if fitting is not None:
            yield from _walk(folder / name, tuple(rest), fitting, pattern)


def _names_in(folder: Path) -> list[str]:
    """Names in a folder without the hidden ones; none where it is no folder."""
    if not folder.is_dir():
        return []
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise PairsError(
            f"The folder {folder} cannot be listed ({error.strerror}); check its permissions.",
            id="unreadable-folder",
        ) from error


def _fit(part: str, name: str, values: Values, pattern: str) -> Values | None:
    """What the placeholders of one part stand for in a name; None if it does not fit."""
    shortest = re.fullmatch(_expression(part, values, ".+?"), name)
    longest = re.fullmatch(_expression(part, values, ".+"), name)
    if shortest is None or longest is None:
        return None
    if shortest.groupdict() != longest.groupdict():
        raise PairsError(
            f"{name} fits {part} of the pattern {pattern} in two ways ({_in_words(shortest.groupdict())}; "
            f"{_in_words(longest.groupdict())}); use folders, or a character that the names do not have.",
            id="bad-pattern",
        )
    return {**values, **shortest.groupdict()}


def _expression(part: str, values: Values, any_text: str) -> str:
    pieces = _PLACEHOLDER.split(part)
    seen = dict(values)
    expression = ""
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            expression += re.escape(piece)
        elif piece in values:
            expression += re.escape(values[piece])
        elif piece in seen:
            expression += f"(?P={piece})"
        else:
            expression += f"(?P<{piece}>{any_text})"
            seen[piece] = ""
    return expression


def _in_words(values: Values) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in values.items())
