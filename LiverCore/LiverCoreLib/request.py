"""What a program asks of a job that reads files and writes others: its parts, and that no file is lost."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from .errors import LiverCNNError


class RequestError(LiverCNNError):
    """A request whose parts do not go together. Ids: ``same-file``, ``output-exists``, ``bad-request``."""

    id = "bad-request"


@dataclass(frozen=True)
class InputAndOutput:
    """The fields that a request must have; a base class, so that they come before those with defaults.

    input: image file or DICOM folder. output: file.
    """

    input: str
    output: str


def request_fields(request_class: type, arguments: Mapping[str, Any], work: str) -> dict[str, Any]:
    """The arguments of a dataclass; raises RequestError for a name that is unknown or missing.

    Args:
        request_class: The dataclass.
        arguments: Plain data.
        work: How to call it in the message, such as ``segmentation``.
    """
    known = {field.name for field in fields(request_class)}
    required = {
        field.name
        for field in fields(request_class)
        if field.default is MISSING and field.default_factory is MISSING
    }
    unknown = sorted(set(arguments) - known)
    missing = sorted(required - set(arguments))
    if unknown or missing:
        raise RequestError(
            f"The {work} request lacks {missing or 'nothing'} and has unknown parts {unknown or 'none'}.",
            unknown=unknown,
            missing=missing,
        )
    return dict(arguments)


def refuse_same_files(read: Sequence[str], written: Sequence[str]) -> None:
    """Refuse outputs that would replace an input or each other. Raises RequestError (``same-file``)."""
    taken = {os.path.realpath(path) for path in read}
    for path in written:
        real = os.path.realpath(path)
        if real in taken:
            raise RequestError(
                f"{path} is named twice; give the input and each output a name of its own.",
                id="same-file",
                path=path,
            )
        taken.add(real)


def refuse_existing(written: Iterable[str]) -> None:
    """Refuse to replace files. Raises RequestError (``output-exists``)."""
    for path in written:
        if os.path.lexists(path):
            raise RequestError(
                f"{path} exists; give another name, or allow it to be replaced (--overwrite).",
                id="output-exists",
                path=path,
            )
